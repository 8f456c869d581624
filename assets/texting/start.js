// Keeps the console up to date by asking every two seconds; ages are counted by the browser's own clock.
(function () {
  'use strict';

  const EVERY_MS = 2000;
  const STALE_MS = 8000;
  const SHOWN = 40;
  const SENDER_SILENT_S = 15;
  const SENDERS = { dryrun: 'Dry run: nothing is sent', twilio: 'Sends by Twilio', spoke: 'Hands over to Spoke', webhook: 'Sends by webhook' };
  const ORDER = { proposed: 0, approved: 1, sending: 2, sent: 3, cancelled: 4, refused: 5, expired: 6 };
  const { write, mark, figure, number, span, time, setZone } = window.Wall.format;
  const { page, Clock } = window.Wall.room;

  let box = null;
  let told = null;
  const clock = new Clock();
  let places = null;
  let asking = null; // the question under way
  const rows = new Map(); // request id -> parts

  const get = async (path) => (await window.Wall.room.get(`texts${path}`)).json();

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
      clock.hear({ now_ms: told.at_ms, rate: told.rate });
      setZone(told.timezone);
      if (box) show();
    } catch (error) {
      if (box && !told) write('texting-age', error.message || 'no answer');
    } finally {
      tick();
    }
  }

  function show() {
    const found = [...told.requests].sort((a, b) => ORDER[a.status] - ORDER[b.status] || b.proposed_ms - a.proposed_ms).slice(0, SHOWN);
    window.Wall.lists.keyed(document.getElementById('texting-rows'), rows, found, ({ id }) => id, {
      create: ({ id }) => window.Texting.row.create(id),
      fill,
    });
    head(found.length);
  }

  function fill(parts, request) {
    const isNews = window.Texting.row.fill(parts, request);
    const replied = request.tally.replied || 0;
    if (isNews || parts.replied !== replied) look(parts, request);
    parts.replied = replied; // each reply tells something about the wordings
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
    figure('texting-waiting', number(count('proposed')), `${count('proposed') === 1 ? 'request' : 'requests'}, ${number(people('proposed'))} people`);
    figure('texting-sending', number(sum('queued') + sum('sending')), `in ${number(count('sending'))} ${count('sending') === 1 ? 'request' : 'requests'}`);
    figure('texting-delivered', number(sum('delivered') + sum('replied')), `${number(sum('sent'))} not confirmed, ${number(sum('failed') + sum('unknown'))} failed or unknown`);
    figure('texting-kept', number(sum('kept_back')), `${number(sum('opted_out'))} said STOP`);
    mark(box, 'stopped', told.stopped ? 'yes' : null);
    write('texting-stop', told.stopped ? 'Go on with texts' : 'Stop all texts');
    document.getElementById('texting-stop').hidden = !told.enabled;
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

  function tick() {
    if (!box || !told) return;
    const silent_ms = clock.silence_ms();
    const now_ms = clock.now_ms();
    const stale = silent_ms > STALE_MS;
    mark(box, 'link', stale ? 'stale' : 'live');
    write('texting-age', `updated ${span(silent_ms)} ago`);
    write('texting-clock', time(now_ms));
    for (const parts of rows.values()) if (parts.request) window.Texting.row.tick(parts, now_ms);
    const banner = document.getElementById('texting-banner');
    const { stopped } = told;
    const trouble = stale || stopped ? '' : senderTrouble(told.sender_state, silent_ms / 1000);
    banner.hidden = !stale && !stopped && !trouble;
    write(banner, stale ? `No answer for ${span(silent_ms)}. Figures are from ${time(told.at_ms)}.`
      : stopped ? `All texts are stopped by ${stopped.by} since ${time(stopped.at_ms)}: ${stopped.reason}` : trouble);
  }

  function mount(found) {
    box = found;
    document.getElementById('texting-stop').addEventListener('click', () => window.Texting.act.stop(Boolean(told && told.stopped)));
    ask();
    return [setInterval(ask, EVERY_MS), setInterval(tick, 1000)];
  }

  function unmount() {
    rows.clear();
    box = null;
  }

  window.Texting = { ...window.Texting, refresh };
  page('texting-page', mount, unmount);
})();
