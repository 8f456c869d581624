// The chosen alert: its day against its band, what it was compared with, its readings, its history.
(function () {
  'use strict';

  const { make, write, number, range, time, span, percent, isKnown } = window.Wall.format;
  const { STEPS, STATES, place, kind, shortfall, tellsExpected, due, standing, decided } = window.Field.words;
  const MOST_READINGS = 12;
  const REFRESH_MS = 15000;
  const CHANNELS = [['door', 'Doors'], ['phone', 'Calls'], ['text', 'Texts']];
  let desk = null;
  let on = null;
  let chosen = null; // alert id
  let precinct = null;
  let timer = 0;
  let parts = {};
  let drawn = {};

  function bind(nextDesk, next) {
    desk = nextDesk;
    on = next;
  }

  const box = () => document.getElementById('field-panel');

  function open(row) {
    if (chosen === row.id) return close();
    chosen = row.id;
    precinct = row.precinct || null;
    drawn = {};
    parts = {
      head: make('div', { class: 'f-panel-head' }), steps: make('div', { class: 'f-panel-steps' }),
      words: make('div', {}), where: make('div', {}), chart: make('div', { class: 'f-chart' }), compared: make('div', {}),
      contacts: make('div', {}), readings: make('div', {}), history: make('div', {}), earlier: make('div', {}),
    };
    box().replaceChildren(make('button', { type: 'button', class: 'f-close', onclick: close }, 'Close'), ...Object.values(parts));
    box().hidden = false;
    document.getElementById('field').dataset.panel = 'open';
    head(row);
    on.chosen(chosen);
    box().focus({ preventScroll: true });
    box().scrollTop = 0;
    load();
    clearInterval(timer);
    timer = setInterval(load, REFRESH_MS);
  }

  function close() {
    const id = chosen;
    chosen = null;
    clearInterval(timer);
    box().hidden = true;
    delete document.getElementById('field').dataset.panel;
    on.chosen(null);
    window.Field.list.focus(id);
  }

  // The list has news: the panel's own row is among it, or it is not on the list any more.
  function follow() {
    if (!chosen) return;
    const row = desk.row(chosen);
    const news = row ? `${row.handling.version} ${row.state}` : `off the list ${desk.heard}`;
    if (news !== drawn.news) load();
    drawn.news = news;
  }

  async function load() {
    const id = chosen;
    const row = await desk.get(`alerts/${encodeURIComponent(id)}`);
    if (!row || id !== chosen) return;
    head(row);
    where(row.members);
    once('words', [row.kind, row.own_words], () => (row.kind === 'incident' ? written(row.own_words) : []));
    once('history', row.history, () => told('What was decided', row.history.map((step) => decided(step)), 'Nothing has been decided yet.'));
    once('earlier', row.earlier, () => told('Earlier alerts here', row.earlier.map((old) =>
      `${time(old.raised_ms)} ${kind(old).word}: ${old.reason} (${(STATES[old.state] || old.state).toLowerCase()})`), 'None.'));
    if (precinct) await detail(precinct, id);
  }

  // Rebuilt only where it says something else: a reader's place and focus stay.
  function once(name, value, draw) {
    const key = JSON.stringify(value);
    if (drawn[name] === key) return;
    drawn[name] = key;
    parts[name].replaceChildren(...draw());
  }

  function head(row) {
    once('head', [row.place, row.kind, row.reason, row.state, row.handling.owner, row.reported, row.expected], () => [
      make('h2', {}, place(row)),
      make('p', {}, [kind(row).word, row.region === place(row) ? 'the whole region' : row.region, row.site_name !== row.place ? row.site_name : ''].filter(Boolean).join(' · ')),
      make('p', { class: 'f-panel-reason' }, row.reason || ''),
      make('p', {}, [row.shortfall > 0 ? `${number(row.shortfall)} ${isKnown(row.expected) ? 'voters short' : 'voters at risk'}` : '', tellsExpected(row) ? '' : shortfall(row),
        isKnown(row.probability) ? `${percent(Math.min(row.probability, 0.99))} sure` : ''].filter(Boolean).join(' · ')),
      make('p', { class: 'f-panel-state' }, [standing(row), due(row, desk.link.now_ms())].filter(Boolean).join(' · ')),
      ...(row.handling.move ? [make('p', {}, `${row.handling.volunteer || ''}: ${row.handling.move}`)] : []),
    ]);
    once('steps', [row.handling.steps, row.handling.version, row.shelved_until_ms], () => buttons(row));
  }

  function buttons(row) {
    const current = () => ({ ...row, ...(desk.row(row.id) || {}) });
    const act = window.Field.act;
    const mine = row.handling.owner === window.Wall.questions.whoAmI();
    const steps = row.handling.steps.filter((what) => what !== 'take_over' || !mine).map((what, i) =>
      make('button', { type: 'button', class: i ? '' : 'f-first', 'data-step': what, onclick: () => act.step(current(), what) }, STEPS[what].word));
    if (row.handling.version > 0) steps.push(make('button', { type: 'button', onclick: () => act.undoLast(current()) }, 'Undo last step'));
    if (row.site && !row.shelved_until_ms) steps.push(make('button', { type: 'button', onclick: () => act.shelve(row) }, 'Shelve site'));
    if (row.shelved_until_ms) {
      steps.push(make('button', { type: 'button', onclick: () => act.unshelve(row.site, row.site_name) }, `Shelved until ${time(row.shelved_until_ms)}: back now`));
    }
    return steps;
  }

  function where(members) {
    if (!precinct && members.length) precinct = members[0].id;
    once('where', members, () => {
      if (members.length < 2) return [];
      const select = make('select', { id: 'f-member' }, ...members.map(({ id, name }) => make('option', { value: id }, name)));
      select.value = precinct;
      select.addEventListener('change', () => {
        precinct = select.value;
        load();
      });
      return [make('p', { class: 'f-pick' }, make('label', { for: 'f-member' }, `Its precincts (${members.length})`), select)];
    });
  }

  async function detail(id, alert) {
    const found = await desk.get(`precincts/${encodeURIComponent(id)}`);
    if (!found || alert !== chosen || id !== precinct) return;
    const now_ms = desk.link.now_ms();
    const readings = found.readings || [];
    const band = found.band || { at_ms: [], low: [], mid: [], high: [] };
    parts.chart.setAttribute('role', 'img');
    parts.chart.setAttribute('aria-label', `Votes in ${found.name} over the day against what was expected; the table below says the same.`);
    window.Wall.curve.chart(parts.chart, {
      ...band, seen: readings, now_ms, opens_ms: found.opens_ms, closes_ms: found.closes_ms, bare: true,
    });
    const expected = found.expected || {};
    once('compared', [found.reported, expected, found.final, found.reason], () => [
      make('h3', {}, 'Compared with'),
      line('Votes reported', isKnown(found.reported) ? `${number(found.reported)} at ${time(found.reported_at_ms)}` : 'no report yet'),
      line('Expected by now', `${number(expected.value)} (${range(expected)}, 90 %)`),
      line('At close', found.final ? `${number(found.final.value)} (${range(found.final)}, 90 %)` : '–'),
      make('p', {}, found.reason || 'Its own earlier elections, the day\'s curve and its neighbours.'),
    ]);
    const { contacts } = found;
    const age = isKnown(contacts.last_ms) ? span(now_ms - contacts.last_ms) : '';
    once('contacts', [contacts, age], () => tried(contacts, age));
    once('readings', readings, () => told('Readings', readings.slice(-MOST_READINGS).reverse().map((reading) =>
      `${time(reading.at_ms)} ${number(reading.count)} · ${reading.source}${reading.status === 'suspect' ? ` · suspect: ${reading.reason}` : ''}`), 'No report yet.'));
  }

  // A reporter's own words may name somebody: the server gives them to those who may decide here.
  function written(words) {
    if (!words) return [make('p', {}, 'What was written is shown to those who may decide here.')];
    const said = [words.text ? `“${words.text}”` : 'No more was written.', `Reported as ${words.reported.join(', ')}.`];
    return [make('h3', {}, 'In the reporter\'s words'), make('p', { class: 'f-said' }, said.join(' '))];
  }

  // What became of the contacts of the day, by channel.
  function tried({ total, sums, last_ms }, age) {
    const by = (channel) => sums.filter((sum) => sum.channel === channel);
    const told = (channel) => by(channel).map((sum) => `${number(sum.count)} ${sum.result.replaceAll('_', ' ')}`).join(', ');
    return [
      make('h3', {}, 'Contacts today'),
      ...(total ? [line('All', `${number(total)}, the last at ${time(last_ms)} (${age} ago)`)] : [make('p', {}, 'No contacts reported.')]),
      ...CHANNELS.filter(([channel]) => by(channel).length).map(([channel, word]) => make('p', {}, `${word}: ${told(channel)}`)),
    ];
  }

  const line = (label, value) => make('p', { class: 'f-pair' }, make('span', {}, label), make('b', {}, value));
  const told = (title, lines, none) => [
    make('h3', {}, title),
    lines.length ? make('ul', {}, ...lines.map((text) => make('li', {}, text))) : make('p', {}, none),
  ];

  window.Field.panel = { bind, open, close, follow, isOpen: () => chosen !== null };
})();
