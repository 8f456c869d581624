// What others say of each source's counts: those that need a look, and the held. A director holds one, or releases it.
(function () {
  'use strict';

  const { make, write, mark, number, percent, span, time, isKnown } = window.Wall.format;
  const { get, send, refusal } = window.Wall.room;
  const STALE_MS = 60000; // of wall time: the watch no longer looks

  let told = null;
  let asking = false;
  let wanted = '';
  const rows = new Map(); // source -> parts

  const of = (count, one, more) => `${number(count)} ${count === 1 ? one : more}`;

  async function ask() {
    if (asking) return;
    asking = true;
    const find = document.getElementById('sources-find')?.value.trim() || '';
    try {
      told = await (await get(`sources?find=${encodeURIComponent(find)}`)).json();
      wanted = find;
    } catch {
      // the page's own banner says that nobody answers
    } finally {
      asking = false;
    }
    if (told && document.getElementById('sources-rows')) show();
  }

  function show() {
    const shown = told.sources.filter((row) => wanted || row.look || row.hold);
    window.Wall.lists.keyed(document.getElementById('sources-rows'), rows, shown, ({ source }) => source, { create, fill });
    const search = document.getElementById('sources-search');
    search.hidden = !told.may_see;
    if (!search.firstChild) {
      search.append(make('label', { for: 'sources-find' }, 'Find '),
        make('input', { id: 'sources-find', type: 'search', maxlength: '128', autocomplete: 'off', placeholder: 'a source' }));
    }
    write('sources-none', nothing(shown.length));
    document.getElementById('sources-none').hidden = shown.length > 0;
  }

  function nothing(count) {
    if (count || !told.may_see) return '';
    if (wanted) return told.known ? `No source’s name holds “${wanted}”.` : 'No source has sent a count yet.';
    if (!told.known) return 'No source has sent a count yet: awaited from the feeds.';
    return '';
  }

  function create({ source: name }) {
    const parts = {
      word: make('span', { class: 'fd-word' }), trust: make('b', {}), checked: make('span', {}), counts: make('span', {}),
      seen: make('span', {}), hold: make('p', { class: 'fd-trouble' }),
      button: make('button', { type: 'button', onclick: () => decide(parts.row) }, 'Hold'),
    };
    parts.item = make('li', { 'data-source': name },
      make('div', { class: 'fd-who' }, make('h3', {}, name), make('p', { class: 'fd-state' }, parts.word)),
      make('div', { class: 'fd-said' }, make('p', {}, parts.trust, parts.checked), make('p', {}, parts.counts, parts.seen), parts.hold),
      parts.button);
    return parts;
  }

  function fill(parts, row) {
    parts.row = row;
    const suspect = row.many_suspect ? `${row.verdict === 'alone' || row.verdict === 'agrees' ? '' : '; '}many of its counts are suspect` : '';
    const verdict = suspect && !suspect.startsWith(';') ? suspect : row.words + suspect;
    mark(parts.item, 'look', row.hold ? 'held' : row.look ? 'look' : '');
    write(parts.word, row.hold ? `held; ${verdict}` : verdict);
    write(parts.trust, isKnown(row.share) ? `Trust ${percent(row.share)} (${percent(row.low)} to ${percent(row.high)})` : 'Trust not known');
    write(parts.checked, row.counters
      ? `agrees at ${number(row.agreed)} of ${of(row.counters, 'place', 'places')} where ${of(row.checked, 'count', 'counts')} could be checked`
      : 'no other source read the same places before and after it');
    const against = row.against ? `contradicts ${of(row.against, 'source', 'sources')}, ` : '';
    write(parts.counts, `${against}${of(row.readings, 'count', 'counts')}, ${number(row.suspect)} suspect, ${number(row.rejected)} rejected`);
    parts.button.hidden = !told.may_hold;
    write(parts.button, row.hold ? 'Release' : 'Hold');
    parts.button.setAttribute('aria-label', `${row.hold ? 'Release' : 'Hold'} ${row.source}`);
  }

  // What changes by the clock alone. `now_ms` is the day's clock, `rate` its speed.
  function tick(now_ms, rate) {
    if (!told || now_ms === null || !document.getElementById('sources-rows')) return;
    const age_ms = isKnown(told.as_of_ms) ? (now_ms - told.as_of_ms) / Math.max(rate, 0.001) : null;
    const said = [];
    if (told.may_see) said.push(`${number(told.known)} heard`, told.looks ? `${number(told.looks)} to look at` : 'none contradicts others');
    said.push(told.held ? `${number(told.held)} held since ${time(told.held_since_ms)} (${span(now_ms - told.held_since_ms)}): counts are kept and do not count, waits and incidents still show` : 'none is held');
    if (told.may_see && told.waiting) said.push(`${number(told.waiting)} places still to compare`);
    if (told.may_see && age_ms !== null && age_ms > STALE_MS) said.push(`not looked at since ${time(told.as_of_ms)}`);
    write('sources-sum', said.join(' · '));
    mark(document.getElementById('sources'), 'held', told.held ? 'yes' : 'no');
    for (const { row, seen, hold } of rows.values()) {
      write(seen, isKnown(row.last_ms) ? `last ${span(now_ms - row.last_ms)} ago` : 'no count yet');
      write(hold, row.hold
        ? `Held by ${row.hold.by} at ${time(row.hold.at_ms)}, ${span(now_ms - row.hold.at_ms)} ago: ${row.hold.reason.replace(/\.$/, '')}. ${of(row.held, 'count', 'counts')} kept out.`
        : '');
    }
    fit();
  }

  // On a wall the panel does not scroll: what does not fit is counted.
  function fit() {
    const visible = window.Wall.lists.fit(document.getElementById('sources-rows'));
    const all = wanted ? told.found : told.looks + told.sources.filter((row) => row.hold && !row.look).length;
    write('sources-more', all > visible ? `+ ${number(all - visible)} more: find a source by its name` : '');
  }

  async function decide(row) {
    const what = row.hold ? 'release' : 'hold';
    const todo = row.hold ? 'Release' : 'Hold';
    const { whoIsIt, ask: question, field, text } = window.Wall.questions;
    const by = await whoIsIt(todo);
    if (!by) return;
    const words = row.hold
      ? 'Its counts count again, those that came meanwhile too.'
      : 'Its counts stop counting at once, and what it sends from now on is kept and does not count; its waits and incidents still show. Release brings all of it back.';
    question(`${todo} ${row.source}`, [make('p', {}, words), field('Why, for the audit log', 'sources-why', { autocomplete: 'off' })],
      todo, (data) => (text(data, 'sources-why') ? { reason: text(data, 'sources-why') } : 'Say why, in a few words.'),
      { send: async ({ reason }) => {
        const result = await send('sources/hold', { what, source: row.source, by, reason });
        setTimeout(window.Feeds.refresh, 300); // the tally has it by then
        if (result.status !== 200) return refusal(result);
        window.Feeds.act.say(`${row.source} is ${what === 'hold' ? 'held' : 'released'}.`);
        return '';
      } });
  }

  function forget() {
    told = null;
    rows.clear();
  }

  document.addEventListener('input', ({ target }) => { if (target.id === 'sources-find') ask(); });
  window.Feeds = { ...window.Feeds, sources: { ask, tick, forget } };
})();
