// The audit log's page: filters, lines, and earlier ones on request. Text is always text.
(function () {
  'use strict';

  const FRESH_MS = 15000;
  const TYPING_MS = 300;
  const { make, write, number } = window.Wall.format;
  const OUTCOMES = [['', 'All'], ['done', 'Done'], ['refused', 'Refused'], ['failed', 'Failed']];
  let box = null;
  let timer = 0;
  let typing = 0;
  let before = null;
  let asked = 0;
  let more = false; // the reader looks at earlier lines: they stay where they are

  const when = new Intl.DateTimeFormat('en-GB', {
    day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short',
  });
  const field = (name) => document.getElementById(`audit-by-${name}`);

  function chosenWords() {
    const chosen = {};
    for (const name of ['who', 'action', 'about', 'outcome']) {
      const value = field(name).value.trim();
      if (value) chosen[name] = value;
    }
    return chosen;
  }

  function line(entry) {
    const who = entry.account || entry.said || entry.door;
    const how = [entry.role, entry.door === who ? '' : entry.door].filter(Boolean).join(' · ');
    const about = [make('span', {}, entry.object)];
    if (entry.reason) about.push(make('small', {}, make('q', {}, entry.reason)));
    return make('li', { 'data-outcome': entry.outcome, ...(/^[A-Z-]+$/.test(entry.action) ? { 'data-loud': 'yes' } : {}) },
      make('time', { datetime: new Date(entry.at_ms).toISOString() }, when.format(entry.at_ms)),
      make('div', { class: 'audit-who' }, make('span', {}, who), make('small', {}, how)),
      make('span', { class: 'audit-what' }, entry.action.replaceAll('_', ' ')),
      make('div', { class: 'audit-about' }, ...about),
      make('span', { class: 'audit-outcome' }, entry.outcome));
  }

  async function load(earlier) {
    const mine = ++asked;
    const chosen = chosenWords();
    if (earlier && before) chosen.before = before;
    const answer = await fetch('/api/v1/audit', { // names are looked for: not in an address
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(chosen),
    }).catch(() => null);
    if (!box || mine !== asked) return;
    const banner = document.getElementById('audit-banner');
    banner.hidden = Boolean(answer && answer.ok);
    if (!answer || !answer.ok) {
      const refused = answer && (answer.status === 403 || answer.status === 401);
      write(banner, refused ? 'Only directors and admins may read the audit log.' : 'No answer. Asked again in 15 s.');
      if (refused) clearInterval(timer);
      return;
    }
    const found = await answer.json();
    const list = document.getElementById('audit-lines');
    const lines = found.lines.map(line);
    if (earlier) list.append(...lines);
    else list.replaceChildren(...lines);
    more = Boolean(earlier);
    before = found.more_before;
    document.getElementById('audit-more').hidden = !before;
    const { n, hash } = found.head;
    document.getElementById('audit-head').title = 'The anchor stands for every entry up to here: note it elsewhere, and “warroom audit verify” shows later whether a line was changed.';
    write('audit-head', n ? `${number(n)} ${n === 1 ? 'entry' : 'entries'} · anchor ${n}:${hash.slice(0, 12)}…` : '');
    const empty = document.getElementById('audit-empty');
    empty.hidden = list.children.length > 0;
    write(empty, chosen.toString() ? 'No entry fits these filters.' : 'Nothing was recorded yet. Sign-ins and decisions appear here.');
    write('audit-note', `${number(list.children.length)} shown, newest first. Asked at ${when.format(Date.now())}.`);
  }

  // For admins: every browser that is signed in, and a way to end it.
  async function sessions() {
    const answer = await fetch('/api/v1/sessions').catch(() => null);
    const whole = document.getElementById('audit-who');
    if (!box || !whole || !answer || !answer.ok) return;
    const rows = await answer.json();
    whole.hidden = false;
    write('audit-signed-in', `Signed in now: ${number(rows.length)}`);
    document.getElementById('audit-sessions').replaceChildren(...rows.map((row) => make('li', {},
      make('span', {}, `${row.who} · ${row.door} · since ${when.format(row.started_ms)}, seen ${when.format(row.seen_ms)}`),
      make('button', { type: 'button', 'aria-label': `End the session of ${row.who}`, onclick: () => end(row.id) }, 'End'))));
  }

  async function end(id) {
    await fetch(`/api/v1/sessions/${id}`, { method: 'DELETE' }).catch(() => null);
    sessions();
    load(false);
  }

  async function mayEnd() {
    const answer = await fetch('/api/v1/me').catch(() => null);
    if (answer && answer.ok && (await answer.json()).may.includes('accounts')) sessions();
  }

  function filters() {
    const input = (name, label, hint) => make('label', {}, label,
      make('input', { id: `audit-by-${name}`, maxlength: 80, autocomplete: 'off', placeholder: hint }));
    const select = make('select', { id: 'audit-by-outcome' }, ...OUTCOMES.map(([value, word]) => make('option', { value }, word)));
    const form = document.getElementById('audit-filter');
    form.replaceChildren(input('who', 'Who', 'name, role or door'), input('action', 'Action', 'decide, sign in …'),
      input('about', 'About or why', 'alert, site, words'), make('label', {}, 'Outcome', select));
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('input', () => {
      clearTimeout(typing);
      typing = setTimeout(() => load(false), TYPING_MS);
    });
  }

  function mount(found) {
    box = found;
    more = false;
    filters();
    document.getElementById('audit-more').addEventListener('click', () => load(true));
    timer = setInterval(() => { if (!more) load(false); }, FRESH_MS);
    load(false);
    mayEnd();
    return [timer];
  }

  window.Wall.room.page('audit', mount, () => { box = null; });
})();
