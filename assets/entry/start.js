// Joins the parts of the entry page: one line that keeps the focus, and keys for everything.
(function () {
  'use strict';

  const TICK_MS = 1000;
  const ASK_MS = 4000;
  const { write, mark, make, time, setZone, span } = window.Wall.format;
  const { base, page, send, Clock } = window.Wall.room;
  let box = null;
  const clock = new Clock();

  // {status, answer}; status 0 where nobody answered. The server's clock comes along where it tells it.
  async function ask(what, body) {
    const { status, answer } = await send(`entry${what ? `/${what}` : ''}`, body, body ? 'POST' : 'GET');
    if (status && status < 500) clock.hear(answer.now_ms && { now_ms: answer.now_ms, rate: answer.rate });
    return { status, answer };
  }

  const now_ms = () => Math.round(clock.now_ms() ?? Date.now());
  const field = (name) => document.getElementById(`entry-${name}`);
  const by = () => field('by').value.trim().toUpperCase();
  const say = (words) => { write('entry-told', words); write('entry-say', words); };
  const focus = () => field(by() ? 'line' : 'by').focus();

  function form() {
    const { settings } = window.Entry.outbox;
    const held = settings();
    const input = (name, label, more) => make('label', { class: `e-field e-in-${name}` }, label,
      make('input', { id: `entry-${name}`, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', ...more }));
    const made = make('form', { class: 'e-form', novalidate: '' },
      input('by', 'Initials', { maxlength: 4, pattern: '[A-Za-z]{1,4}', value: held.by || '' }),
      input('sheet', 'Sheet', { maxlength: 20, value: held.sheet || '' }),
      input('time', 'Its time', { maxlength: 8, value: held.time || '', placeholder: 'now' }),
      input('begins', 'Ids begin', { maxlength: 20, value: held.begins || '', placeholder: 'in full' }),
      make('label', { class: 'e-field e-in-twice' }, make('input', { id: 'entry-twice', type: 'checkbox', ...(held.twice ? { checked: '' } : {}) }), ' Typed twice'),
      make('button', { type: 'submit' }, 'Send'),
      make('button', { type: 'button', id: 'entry-undo', onclick: () => { undo(); focus(); } }, 'Undo'),
      input('line', 'Line', { maxlength: 400, enterkeyhint: 'send' }),
      make('p', { id: 'entry-told' }));
    document.getElementById('entry-form').replaceChildren(made);
    made.addEventListener('submit', (event) => { event.preventDefault(); enter(); });
    made.addEventListener('input', typed);
    field('line').addEventListener('keydown', pressed);
  }

  function typed(event) {
    const { outbox, echo } = window.Entry;
    outbox.setSettings({ by: by(), sheet: field('sheet').value.trim(), time: field('time').value.trim(), begins: field('begins').value.trim(), twice: field('twice').checked });
    if (['entry-line', 'entry-time', 'entry-begins'].includes(event.target.id)) echo.type(inFull(field('line').value.trim()), about);
  }

  // A line's place written out: "+57" after 65012, "13 57" where the sheet's ids begin with 650.
  function inFull(text) {
    const { outbox, places } = window.Entry;
    const mine = text.startsWith('+') ? outbox.lines.filter((line) => !line.void && line.by === by() && line.state !== 'refused') : [];
    const last = mine.reverse().map(places.precinctOf).find(Boolean) || '';
    return places.inFull(text, last, field('begins').value.trim());
  }

  const about = () => ({ time: field('time').value.trim(), typed_ms: now_ms() });

  function pressed(event) {
    const line = field('line');
    if (event.key === 'Enter' && event.ctrlKey) return done(event, finish);
    if (event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey) && !line.value) return done(event, undo);
    if (event.key === 'ArrowUp' && !line.value) return done(event, recall);
    if (event.key === 'Escape') return done(event, () => { line.value = ''; window.Entry.echo.clear(); });
    return undefined;
  }

  function done(event, what) {
    event.preventDefault();
    what();
  }

  function enter() {
    const { outbox, echo, sheets } = window.Entry;
    const line = field('line');
    const text = line.value.trim();
    if (!/^[A-Z]{1,4}$/.test(by())) {
      say('Your initials first: one to four letters.');
      return field('by').focus();
    }
    if (document.activeElement !== line && !text) return line.focus();
    if (!text) return undefined;
    if (text.startsWith('/')) return turn(text.slice(1));
    const full = inFull(text);
    if (full.startsWith('+')) return say('There is no precinct after the last one: type its id.');
    const sheet = field('sheet').value.trim();
    if (field('twice').checked && !sheet) {
      say('A sheet that is typed twice needs its number: type / and the number.');
      return undefined;
    }
    const isSettling = field('twice').checked && sheets.differs(sheet);
    const state = isSettling ? 'settling' : field('twice').checked ? 'held' : 'waiting';
    const made = outbox.add({ line: full, by: by(), sheet, state, told: echo.answerFor(full) || undefined, ...about() });
    if (isSettling) sheets.settle(made);
    line.value = '';
    echo.clear();
    say('');
    return line.focus();
  }

  // "/12 900 650": sheet 12 begins, its counts stood at 9:00, its ids begin with 650; "-" where there is no time.
  function turn(text) {
    const [sheet, at = '', begins = ''] = text.trim().split(/\s+/);
    if (!/^[A-Za-z0-9.-]{0,20}$/.test(sheet)) return say('A sheet number has letters, digits, dots and dashes only.');
    field('sheet').value = sheet;
    field('time').value = at === '-' ? '' : at;
    field('begins').value = begins;
    field('line').value = '';
    typed({ target: field('sheet') });
    window.Entry.echo.clear();
    const stood = field('time').value ? `, its counts stood at ${at}` : '';
    const begin = begins ? `, its ids begin with ${begins}` : '';
    say(sheet ? `Sheet ${sheet}${stood}${begin}.` : 'No sheet.');
    return field('line').focus();
  }

  const last = () => window.Entry.outbox.lines.filter((line) => !line.void && line.by === by() && !line.undone && !['undone', 'refused', 'compared'].includes(line.state)).pop();

  function undo() {
    const line = last();
    if (!line) return say('There is no line of yours to take back.');
    say(`${line.line}: ${window.Entry.outbox.takeBack(line, now_ms())}`);
    return window.Entry.list.draw();
  }

  function recall() {
    const line = window.Entry.outbox.lines.filter((one) => !one.void && one.by === by()).pop();
    if (!line) return;
    field('line').value = line.line;
    window.Entry.echo.type(line.line, about);
  }

  async function finish() {
    if (field('line').value.trim()) enter();
    const words = await window.Entry.sheets.done(field('sheet').value.trim(), by());
    if (box) say(words);
  }

  function drawn() {
    if (!box) return;
    window.Entry.list.draw();
    tick();
  }

  function tick() {
    const { outbox } = window.Entry;
    const waiting = outbox.waiting;
    const oldest = outbox.lines.find((line) => line.state === 'waiting');
    write('entry-clock', time(clock.now_ms()));
    const silent_ms = clock.everHeard ? clock.silence_ms() : null;
    const isLost = Boolean(outbox.away) || silent_ms === null || silent_ms > 3 * ASK_MS;
    mark(box, 'link', isLost ? 'stale' : 'live');
    write('entry-link', silent_ms === null ? 'connecting' : isLost ? `no answer for ${span(silent_ms)}` : 'live');
    write('entry-outbox', waiting ? `${waiting} not sent yet, the oldest ${span(Math.max(0, now_ms() - oldest.typed_ms))} old` : 'All sent');
    const banner = document.getElementById('entry-banner');
    banner.hidden = !outbox.away;
    write(banner, outbox.away);
  }

  async function look() {
    if (!document.getElementById('entry-day').textContent) {
      const { status, answer } = await ask('');
      if (status === 200 && box) {
        setZone(answer.timezone);
        write('entry-day', answer.day);
        drawn();
      } else if (status === 401) window.location.assign(`${base()}signin`);
      else if (status === 403) write('entry-told', answer.detail);
    } else await window.Entry.sheets.refresh();
    if (box && !window.Entry.places.isLoaded) await window.Entry.places.load();
    if (box && by()) await window.Entry.list.became(by());
    if (box) tick();
  }

  function mount(found) {
    box = found;
    window.Entry.outbox.start(drawn);
    form();
    window.Entry.echo.clear();
    window.Entry.list.draw();
    document.addEventListener('keydown', home);
    box.addEventListener('click', (event) => { if (!event.target.closest('input, button, a, label')) focus(); });
    window.Entry.places.load();
    look().then(() => { if (box) window.Entry.sheets.refresh(); });
    focus();
    return [setInterval(tick, TICK_MS), setInterval(look, ASK_MS)];
  }

  // Escape leads back to the line from wherever Tab has led.
  function home(event) {
    if (event.key === 'Escape' && box && document.activeElement !== field('line')) focus();
  }

  function unmount() {
    document.removeEventListener('keydown', home);
    box = null;
    clock.everHeard = false;
  }

  window.Entry = window.Entry || {};
  Object.assign(window.Entry, { ask, by, focus });
  page('entry', mount, unmount);
})();
