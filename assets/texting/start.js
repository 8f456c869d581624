// Keeps the console up to date by asking every two seconds; ages are counted by the browser's own clock.
(function () {
  'use strict';

  const EVERY_MS = 2000;
  const STALE_MS = 8000;
  const SHOWN = 40;
  const SENDER_SILENT_S = 15;
  const SENDERS = { dryrun: 'Dry run: nothing is sent', twilio: 'Sends by Twilio', spoke: 'Hands over to Spoke', webhook: 'Sends by webhook' };
  const ORDER = { proposed: 0, approved: 1, sending: 2, sent: 3, cancelled: 4, refused: 5, expired: 6 };
  const { write, mark, number, span, time, setZone } = window.Wall.format;

  let box = null;
  let timers = [];
  let heardAt = null; // performance.now() of the last good answer
  let told = null;
  let places = null;
  let asking = null; // the question under way
  const rows = new Map(); // request id -> parts

  const base = () => {
    try {
      return JSON.parse(document.getElementById('_dash-config').textContent).requests_pathname_prefix || '/';
    } catch {
      return '/';
    }
  };

  async function get(path) {
    const answer = await fetch(`${base()}api/v1/texts${path}`, { headers: { Accept: 'application/json' } });
    if (answer.status === 401) window.location.assign(`${base()}signin`);
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.detail || `answer ${answer.status}`);
    return body;
  }

  const ask = () => (asking ||= load().finally(() => { asking = null; }));

  // after a decision: an answer that was already under way may be older than it
  async function refresh() {
    await asking;
    await ask();
  }

  async function load() {
    try {
      if (!places) ({ places } = await get('/places'));
      told = await get('');
      heardAt = performance.now();
      setZone(told.timezone);
      if (box) show();
    } catch (error) {
      if (box && heardAt === null) write('texting-age', error.message || 'no answer');
    } finally {
      tick();
    }
  }

  function show() {
    const found = [...told.requests].sort((a, b) => ORDER[a.status] - ORDER[b.status] || b.proposed_ms - a.proposed_ms).slice(0, SHOWN);
    const list = document.getElementById('texting-rows');
    const ids = new Set(found.map(({ id }) => id));
    for (const [id, parts] of rows) {
      if (ids.has(id)) continue;
      parts.item.remove();
      rows.delete(id);
    }
    const held = document.activeElement;
    found.forEach((request, place) => {
      if (!rows.has(request.id)) rows.set(request.id, window.Texting.row.create(request.id));
      const parts = rows.get(request.id);
      const isNews = window.Texting.row.fill(parts, request);
      if (list.children[place] !== parts.item) list.insertBefore(parts.item, list.children[place] || null);
      const replied = request.tally.replied || 0;
      if (isNews || parts.replied !== replied) look(parts, request);
      parts.replied = replied; // each reply tells something about the wordings
    });
    head(found.length);
  }

  async function look(parts, request) {
    window.Texting.map.draw(parts.map, places, request.precincts);
    try {
      window.Texting.row.detail(parts, await get(`/one/${encodeURIComponent(request.id)}`));
    } catch {
      parts.request = null; // asked for again with the next answer
    }
  }

  function head(shown) {
    write('texting-sender', told.enabled ? SENDERS[told.sender] || told.sender : '');
    write('texting-limits', told.enabled ? `Limits: ${told.limits}` : '');
    const none = told.enabled
      ? `Nothing is proposed. Awaited: an alert that a rule of texting.toml speaks of${told.list_loaded ? '' : ', and the list: “warroom text load”'}.`
      : 'This day has no texting.toml: no rule proposes a text. See docs/texting.md.';
    write('texting-none', none);
    document.getElementById('texting-none').hidden = shown > 0;
    write('texting-more', told.requests.length > shown ? `+ ${number(told.requests.length - shown)} earlier requests` : '');
    const sum = (state) => told.requests.reduce((all, { tally }) => all + (tally[state] || 0), 0);
    const count = (status) => told.requests.filter((request) => request.status === status).length;
    const people = (status) => told.requests.filter((request) => request.status === status).reduce((all, request) => all + request.people, 0);
    figure('waiting', count('proposed'), `${count('proposed') === 1 ? 'request' : 'requests'}, ${number(people('proposed'))} people`);
    figure('sending', sum('queued') + sum('sending'), `in ${number(count('sending'))} ${count('sending') === 1 ? 'request' : 'requests'}`);
    figure('delivered', sum('delivered') + sum('replied'), `${number(sum('sent'))} not confirmed, ${number(sum('failed') + sum('unknown'))} failed or unknown`);
    figure('kept', sum('kept_back'), `${number(sum('opted_out'))} said STOP`);
    mark(box, 'stopped', told.stopped ? 'yes' : null);
    write('texting-stop', told.stopped ? 'Go on with texts' : 'Stop all texts');
    document.getElementById('texting-stop').hidden = !told.enabled;
  }

  function figure(key, value, note) {
    write(`texting-${key}`, number(value));
    document.getElementById(`texting-${key}`).style.setProperty('--letters', Math.max(5, number(value).length));
    write(`texting-${key}-note`, note);
  }

  // what keeps approved texts from going out, though nobody stopped them
  function senderTrouble(sender, since_s) {
    const waits = told.requests.some(({ status }) => status === 'sending' || status === 'approved');
    if (!waits) return '';
    if (!sender || sender.silent_s + since_s > SENDER_SILENT_S) return 'No sender runs: approved texts wait. Start “warroom text send”.';
    const left = Math.max(0, sender.rests_s - since_s);
    if (sender.state === 'rests') return `The sender rests after ${number(sender.failures)} failures in a row (${sender.reason}). One message tries it in ${span(left * 1000)}.`;
    return sender.state === 'tries' ? `The sender tries with one message, after ${number(sender.failures)} failures in a row (${sender.reason}).` : '';
  }

  const now_ms = () => (told ? told.at_ms + (performance.now() - heardAt) * (told.rate === 1 ? 1 : 0) : null);

  function tick() {
    if (!box || heardAt === null) return;
    const silent_ms = performance.now() - heardAt;
    const stale = silent_ms > STALE_MS;
    mark(box, 'link', stale ? 'stale' : 'live');
    write('texting-age', `updated ${span(silent_ms)} ago`);
    write('texting-clock', time(now_ms()));
    for (const parts of rows.values()) if (parts.request) window.Texting.row.tick(parts, now_ms());
    const banner = document.getElementById('texting-banner');
    const { stopped } = told;
    const trouble = stale || stopped ? '' : senderTrouble(told.sender_state, silent_ms / 1000);
    banner.hidden = !stale && !stopped && !trouble;
    write(banner, stale ? `No answer for ${span(silent_ms)}. Figures are from ${time(told.at_ms)}.`
      : stopped ? `All texts are stopped by ${stopped.by} since ${time(stopped.at_ms)}: ${stopped.reason}` : trouble);
  }

  function mount(found) {
    box = found;
    document.documentElement.lang ||= 'en';
    document.getElementById('texting-stop').addEventListener('click', () => window.Texting.act.stop(Boolean(told && told.stopped)));
    timers = [setInterval(ask, EVERY_MS), setInterval(tick, 1000)];
    ask();
  }

  function unmount() {
    timers.forEach(clearInterval);
    rows.clear();
    box = null;
  }

  function watch() {
    const found = document.getElementById('texting-page');
    if (box && box !== found) unmount();
    if (found && !box) mount(found);
  }

  window.Texting = { ...window.Texting, base, refresh };
  new MutationObserver(watch).observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener('DOMContentLoaded', watch);
})();
