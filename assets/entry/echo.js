// Says at once what a line means and whether it is plausible; the words on screen for a line and its end.
(function () {
  'use strict';

  const PAUSE_MS = 60; // between two keys of a fast typist
  const { write, mark, make, number, time } = window.Wall.format;
  let timer = 0;
  let asked = 0;
  let last = null; // the newest answer, and the text that it is about

  // What is behind a problem's place may name people: it is not sent before Enter. No line is ever in an address.
  function asAsked(text) {
    const words = text.trim().split(/\s+/);
    return /^[il|]/i.test(words[0]) ? [...words.slice(0, 2), words.length > 2 ? '…' : ''].join(' ').trim() : text.trim();
  }

  function type(text, about) {
    clearTimeout(timer);
    if (!text.trim() || /^[/+]/.test(text)) return show(null);
    timer = setTimeout(() => look(text, about()), PAUSE_MS);
    return undefined;
  }

  async function look(text, { time: sheetTime, typed_ms }) {
    asked += 1;
    const mine = asked;
    const { status, answer } = await window.Entry.ask('read', { line: asAsked(text), time: sheetTime, typed_ms });
    if (mine !== asked) return;
    last = status === 200 ? { text, answer } : null;
    show(status === 200 ? answer : { ok: false, head: 'No connection', remedy: 'Enter keeps the line here; it is checked when it goes out.' });
  }

  function clear() {
    clearTimeout(timer);
    asked += 1;
    show(null);
  }

  function show(said) {
    const box = document.getElementById('entry-echo');
    if (!said) {
      mark(box, 'tone', null);
      box.replaceChildren(make('p', { class: 'e-hint' }, 'Precinct, count, time if it is not now. Enter sends.'));
      return;
    }
    mark(box, 'tone', !said.ok ? 'bad' : said.doubt ? 'doubt' : 'good');
    if (!said.ok) box.replaceChildren(make('p', { class: 'e-what' }, said.head || 'Not yet a line'), make('p', {}, said.remedy));
    else box.replaceChildren(make('p', { class: 'e-what' }, what(said)), make('p', {}, where(said)), make('p', { class: 'e-verdict' }, verdict(said)));
  }

  function what(said) {
    const place = said.is_site ? `Site ${said.place}` : said.place;
    const at = said.at_ms ? ` at ${time(said.at_ms)}` : '';
    if (said.kind === 'checkins') return `${place}: ${number(said.number)} checked in${at}`;
    if (said.kind === 'wait') return `Site ${said.place}: ${number(said.number)} min wait${at}`;
    return `${place}: problem${said.text && said.text !== '…' ? `, ${said.text}` : ''}`;
  }

  const where = (said) => [said.name !== said.place ? said.name : '', said.site && said.site !== said.name ? said.site : ''].filter(Boolean).join(', ') || 'No name known';

  function verdict(said) {
    if (said.kind !== 'checkins') return 'Enter sends';
    const stands = said.last === null ? 'No count here yet' : `Last ${number(said.last)} at ${time(said.last_ms)}`;
    return said.doubt ? `${stands}. Check: ${said.doubt}` : `${stands}. Plausible`;
  }

  // A sent line: [tone, words]
  function end(line) {
    const told = line.told || {};
    if (line.state === 'undone') return ['off', 'taken back, never sent'];
    if (line.undone) return ['off', 'taken back'];
    if (line.state === 'waiting') return ['wait', 'kept here, not sent yet'];
    if (line.state === 'held') return ['wait', `held: sheet ${line.sheet} is typed twice`];
    if (line.state === 'compared') return ['wait', `handed in with sheet ${line.sheet}`];
    if (line.state === 'refused') return ['bad', `refused: ${told.remedy || 'not understood'}`];
    const doubt = line.doubt === undefined ? told.doubt : line.doubt;
    return doubt ? ['doubt', `sent, suspect: ${doubt}`] : ['good', 'sent'];
  }

  window.Entry = window.Entry || {};
  window.Entry.echo = { type, clear, show, what, end, answerFor: (text) => (last && last.text === text ? last.answer : null) };
})();
