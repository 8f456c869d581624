// Every typed line, kept in the browser until the server has it: it survives a reload and a lost connection.
(function () {
  'use strict';

  const PREFIX = 'warroom-entry-line:';
  const SETTINGS = 'warroom-entry';
  const KEEP = 200; // lines that are done with, for "the last 20" of a reloaded page
  const AT_ONCE = 50;
  const FIRST_MS = 500;
  const LONGEST_MS = 8000;

  let lines = []; // {id, n, day, line, time, sheet, by, typed_ms, state, told, void, undone}
  let sending = false;
  let timer = 0;
  let wait_ms = FIRST_MS;
  let heard = () => {};
  let away = ''; // why nothing can be sent now

  const store = (line) => keep(PREFIX + line.id, JSON.stringify(line));

  function keep(key, text) {
    try {
      localStorage.setItem(key, text);
    } catch {
      away = 'This browser keeps nothing: do not close the page before all is sent.';
    }
  }

  function load() {
    const found = [];
    for (let n = 0; n < localStorage.length; n += 1) {
      const key = localStorage.key(n);
      if (!key.startsWith(PREFIX)) continue;
      try {
        found.push(JSON.parse(localStorage.getItem(key)));
      } catch {
        localStorage.removeItem(key);
      }
    }
    for (const line of found.filter((one) => one.state === 'settling')) {
      Object.assign(line, { state: 'refused', told: { remedy: "the page was closed before it was settled: type it again" } });
    }
    lines = found.sort((a, b) => a.n - b.n);
    const done = lines.filter((line) => !isOpen(line));
    for (const line of done.slice(0, Math.max(0, done.length - KEEP))) forget(line);
  }

  const isOpen = (line) => line.state === 'waiting' || line.state === 'held';

  function forget(line) {
    localStorage.removeItem(PREFIX + line.id);
    lines = lines.filter((other) => other !== line);
  }

  const settings = () => JSON.parse(localStorage.getItem(SETTINGS) || '{}');
  const setSettings = (more) => keep(SETTINGS, JSON.stringify({ ...settings(), ...more }));

  // The sheet stands in the id: a reading leads back to its paper.
  function newId(sheet) {
    const random = [...crypto.getRandomValues(new Uint8Array(9))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return `${sheet ? `${sheet}-` : ''}${random}`;
  }

  function add(line) {
    const n = lines.length ? lines[lines.length - 1].n + 1 : 1;
    const made = { id: newId(line.sheet), n, state: 'waiting', ...line };
    lines.push(made);
    store(made);
    heard();
    if (made.state === 'waiting') send();
    return made;
  }

  function change(line, more) {
    Object.assign(line, more);
    store(line);
  }

  // A line that has not left is simply not sent; one that has is taken back by a correction.
  function takeBack(line, typed_ms) {
    if (isOpen(line) && !line.going) {
      change(line, { state: 'undone' });
      heard();
      return 'Taken back before it was sent.';
    }
    const kind = line.told && line.told.kind;
    if (kind && kind !== 'checkins') return kind === 'wait' ? 'A wait stays: type the right one, the newest counts.' : 'A problem stays: type what is right as another one.';
    change(line, { undone: true });
    add({ line: '', void: line.id, by: line.by, sheet: '', time: '', typed_ms });
    return 'Taken back: the count is voided.';
  }

  function send() {
    if (sending) return;
    clearTimeout(timer);
    const waiting = lines.filter((line) => line.state === 'waiting');
    if (!waiting.length) return;
    const batch = waiting.filter((line) => line.by === waiting[0].by).slice(0, AT_ONCE);
    sending = true;
    batch.forEach((line) => { line.going = true; });
    post(batch).then((isDone) => {
      sending = false;
      if (isDone) {
        wait_ms = FIRST_MS;
        send();
      } else {
        timer = setTimeout(send, wait_ms);
        wait_ms = Math.min(wait_ms * 2, LONGEST_MS);
      }
      heard();
    });
  }

  async function post(batch) {
    const rows = batch.map(({ id, line, typed_ms, time, void: voids }) => (voids ? { id, typed_ms, void: voids } : { id, line, typed_ms, time }));
    const { status, answer } = await window.Entry.ask('lines', { by: batch[0].by, lines: rows });
    if (status === 200) {
      away = '';
      batch.forEach((line, n) => settle(line, answer.outcomes[n]));
      return true;
    }
    if (status === 422) {
      if (batch.length === 1) settle(batch[0], { status: 'refused', remedy: answer.detail });
      else for (const line of batch) if (!(await post([line]))) return false; // the rest waits as well
      return true;
    }
    away = status === 401 ? 'You are signed out: sign in on another tab; your lines are kept.'
      : status === 403 ? 'Your role may not enter reports; your lines are kept.'
      : 'No connection: your lines are kept here and go out by themselves.';
    return false;
  }

  function settle(line, told) {
    change(line, { state: told.status, told });
  }

  function again() {
    wait_ms = FIRST_MS;
    send();
  }

  function start(listener) {
    heard = listener;
    load();
    window.addEventListener('online', again);
    send();
  }

  window.Entry = window.Entry || {};
  window.Entry.outbox = {
    start, add, change, takeBack, again, settings, setSettings, newId,
    get lines() { return lines; },
    get away() { return away; },
    get waiting() { return lines.filter((line) => line.state === 'waiting').length; },
  };
})();
