// Keeps the feeds page up to date by asking every two seconds; ages are counted by the browser's own clock.
(function () {
  'use strict';

  const EVERY_MS = 2000;
  const STALE_MS = 8000;
  const BEHIND_MS = 60000; // of wall time: the watch no longer computes
  const { write, mark, number, span, time, setZone, isKnown, figure, NOTHING } = window.Wall.format;
  const { page, get, Clock } = window.Wall.room;

  let box = null;
  let told = null;
  let clock = new Clock();
  let asking = false;
  const rows = new Map(); // feed -> parts

  async function ask() {
    if (asking || !box) return;
    asking = true;
    try {
      const body = await (await get('feeds')).json();
      if (!box) return;
      told = body;
      clock.hear(told.clock);
      setZone(told.timezone);
      show();
      window.Feeds.sources.ask();
    } catch (error) {
      if (box && !told) write('feeds-age', error.message || 'no answer');
    } finally {
      asking = false;
      tick();
    }
  }

  function show() {
    write('feeds-day', told.day);
    mark(box, 'role', told.may_control ? 'director' : 'viewer');
    const feeds = window.Feeds.worstFirst(told.feeds);
    window.Wall.lists.keyed(document.getElementById('feeds-rows'), rows, feeds, ({ feed }) => feed, {
      create: ({ feed }) => window.Feeds.row.create(feed),
      fill: (parts, feed) => window.Feeds.row.fill(parts, feed, told.may_control),
    });
    document.getElementById('feeds-none').hidden = feeds.length > 0;
    write('feeds-none', 'No feed has been started yet. Awaited: “warroom feed” with the address of a source, feeds.toml in the day folder, or a first report by key, phone or SMS.');
    figures(feeds);
  }

  function figures(feeds) {
    const running = feeds.filter((feed) => feed.state !== 'done');
    const speaking = running.filter((feed) => feed.state === 'live' || feed.state === 'quiet').length;
    figure('feeds-live', running.length ? `${number(speaking)} / ${number(running.length)}` : NOTHING, calls(running));
    const { rate } = told.clock;
    const replayed = rate === 1 ? '' : `; real minutes, the replay runs ×${number(rate)}`;
    const received = number(feeds.reduce((sum, feed) => sum + feed.received, 0));
    figure('feeds-rate', number(feeds.reduce((sum, feed) => sum + feed.per_minute, 0)), `${received} received today${replayed}`);
    const lags = feeds.filter((feed) => feed.lag);
    figure('feeds-behind', lags.length ? number(lags.reduce((sum, feed) => sum + feed.lag.lag, 0)) : NOTHING,
      lags.length ? `told by ${number(lags.length)} of ${number(feeds.length)} feeds` : 'no feed here knows its lag');
    const mended = feeds.reduce((sum, feed) => sum + feed.mended, 0);
    figure('feeds-rejected', number(feeds.reduce((sum, feed) => sum + window.Feeds.row.open(feed), 0)), mended ? `${number(mended)} mended by replay` : 'none mended yet');
  }

  function calls(running) {
    const count = (state) => running.filter((feed) => feed.state === state).length;
    const words = [['silent', 'silent'], ['stopped', 'stopped'], ['paused', 'paused'], ['awaited', 'not heard yet']];
    const said = words.filter(([state]) => count(state)).map(([state, word]) => `${number(count(state))} ${word}`);
    return said.join(', ') || (running.length ? 'none in trouble' : 'none is running');
  }

  function tick() {
    if (!box || !told) return;
    const silent_ms = clock.silence_ms();
    const now_ms = clock.now_ms();
    const stale = silent_ms > STALE_MS;
    const { rate, now_ms: at } = told.clock;
    const behind = isKnown(told.watch_ms) && (at - told.watch_ms) / Math.max(rate, 0.001) > BEHIND_MS;
    mark(box, 'link', stale || behind ? 'stale' : 'live');
    write('feeds-age', `updated ${span(silent_ms)} ago`);
    write('feeds-clock', time(now_ms));
    for (const parts of rows.values()) window.Feeds.row.tick(parts, now_ms, rate);
    window.Feeds.sources.tick(now_ms, rate);
    fit();
    const banner = document.getElementById('feeds-banner');
    banner.hidden = !stale && !behind;
    write(banner, stale ? `No answer for ${span(silent_ms)}. Figures are from ${time(at)}.`
      : behind ? `The watch has not looked since ${time(told.watch_ms)}: rates and silences are from then.` : '');
  }

  // Where the list may not scroll (a wall), what does not fit is counted.
  function fit() {
    const left = rows.size - window.Wall.lists.fit(document.getElementById('feeds-rows'));
    write('feeds-more', left ? `+ ${number(left)} more feeds` : '');
  }

  function mount(found) {
    box = found;
    ask();
    return [setInterval(ask, EVERY_MS), setInterval(tick, 1000)];
  }

  function unmount() {
    box = null;
    told = null;
    clock = new Clock();
    rows.clear();
    window.Feeds.sources.forget();
  }

  window.Feeds = { ...window.Feeds, refresh: ask };
  page('feeds-page', mount, unmount);
})();
