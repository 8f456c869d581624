// Keeps the feeds page up to date by asking every two seconds; ages are counted by the browser's own clock.
(function () {
  'use strict';

  const EVERY_MS = 2000;
  const STALE_MS = 8000;
  const BEHIND_MS = 60000; // of wall time: the watch no longer computes
  const COAST_MS = 3000; // how far a sped-up clock may run on without an answer
  const WORST_FIRST = { silent: 0, stopped: 1, paused: 2, awaited: 3, quiet: 4, live: 5, done: 6 };
  const { write, mark, number, span, time, setZone, isKnown, NOTHING } = window.Wall.format;

  let box = null;
  let timers = [];
  let heardAt = null; // performance.now() of the last good answer
  let told = null;
  let asking = false;
  const rows = new Map(); // feed -> parts

  const base = () => {
    try {
      return JSON.parse(document.getElementById('_dash-config').textContent).requests_pathname_prefix || '/';
    } catch {
      return '/';
    }
  };

  async function ask() {
    if (asking || !box) return;
    asking = true;
    try {
      const answer = await fetch(`${base()}api/v1/feeds`, { headers: { Accept: 'application/json' } });
      if (answer.status === 401) window.location.assign(`${base()}signin`);
      const body = await answer.json();
      if (!answer.ok) throw new Error(body.detail || `answer ${answer.status}`);
      if (!box) return;
      told = body;
      heardAt = performance.now();
      setZone(told.timezone);
      show();
      window.Feeds.sources.ask();
    } catch (error) {
      if (box && heardAt === null) write('feeds-age', error.message || 'no answer');
    } finally {
      asking = false;
      tick();
    }
  }

  function show() {
    write('feeds-day', told.day);
    mark(box, 'role', told.may_control ? 'director' : 'viewer');
    const feeds = [...told.feeds].sort((a, b) => WORST_FIRST[a.state] - WORST_FIRST[b.state] || a.feed.localeCompare(b.feed));
    const list = document.getElementById('feeds-rows');
    const names = new Set(feeds.map((feed) => feed.feed));
    for (const [name, parts] of rows) {
      if (names.has(name)) continue;
      parts.item.remove();
      rows.delete(name);
    }
    feeds.forEach((feed, place) => {
      if (!rows.has(feed.feed)) rows.set(feed.feed, window.Feeds.row.create(feed.feed));
      const parts = rows.get(feed.feed);
      window.Feeds.row.fill(parts, feed, told.may_control);
      if (list.children[place] !== parts.item) list.insertBefore(parts.item, list.children[place] || null);
    });
    document.getElementById('feeds-none').hidden = feeds.length > 0;
    write('feeds-none', 'No feed has been started yet. Awaited: “warroom feed” with the address of a source, feeds.toml in the day folder, or a first report by key, phone or SMS.');
    figures(feeds);
  }

  function figures(feeds) {
    const running = feeds.filter((feed) => feed.state !== 'done');
    const speaking = running.filter((feed) => feed.state === 'live' || feed.state === 'quiet').length;
    figure('live', running.length ? `${number(speaking)} / ${number(running.length)}` : NOTHING, calls(running));
    const { rate } = told.clock;
    const replayed = rate === 1 ? '' : `; real minutes, the replay runs ×${number(rate)}`;
    const received = number(feeds.reduce((sum, feed) => sum + feed.received, 0));
    figure('rate', number(feeds.reduce((sum, feed) => sum + feed.per_minute, 0)), `${received} received today${replayed}`);
    const lags = feeds.filter((feed) => feed.lag);
    figure('behind', lags.length ? number(lags.reduce((sum, feed) => sum + feed.lag.lag, 0)) : NOTHING,
      lags.length ? `told by ${number(lags.length)} of ${number(feeds.length)} feeds` : 'no feed here knows its lag');
    const mended = feeds.reduce((sum, feed) => sum + feed.mended, 0);
    figure('rejected', number(feeds.reduce((sum, feed) => sum + window.Feeds.row.open(feed), 0)), mended ? `${number(mended)} mended by replay` : 'none mended yet');
  }

  function calls(running) {
    const count = (state) => running.filter((feed) => feed.state === state).length;
    const words = [['silent', 'silent'], ['stopped', 'stopped'], ['paused', 'paused'], ['awaited', 'not heard yet']];
    const said = words.filter(([state]) => count(state)).map(([state, word]) => `${number(count(state))} ${word}`);
    return said.join(', ') || (running.length ? 'none in trouble' : 'none is running');
  }

  function figure(key, value, note) {
    write(`feeds-${key}`, value);
    document.getElementById(`feeds-${key}`).style.setProperty('--letters', Math.max(5, value.length));
    write(`feeds-${key}-note`, note);
  }

  // The day's clock; a clock that runs fast is not run on for long without an answer.
  function now_ms() {
    if (!told) return null;
    const run = performance.now() - heardAt;
    const { now_ms: at, rate } = told.clock;
    return at + (rate === 1 ? run : Math.min(run, COAST_MS) * rate);
  }

  function tick() {
    if (!box || heardAt === null) return;
    const silent_ms = performance.now() - heardAt;
    const stale = silent_ms > STALE_MS;
    const { rate, now_ms: at } = told.clock;
    const behind = isKnown(told.watch_ms) && (at - told.watch_ms) / Math.max(rate, 0.001) > BEHIND_MS;
    mark(box, 'link', stale || behind ? 'stale' : 'live');
    write('feeds-age', `updated ${span(silent_ms)} ago`);
    write('feeds-clock', time(now_ms()));
    for (const parts of rows.values()) window.Feeds.row.tick(parts, now_ms(), rate);
    window.Feeds.sources.tick(now_ms(), rate);
    fit();
    const banner = document.getElementById('feeds-banner');
    banner.hidden = !stale && !behind;
    write(banner, stale ? `No answer for ${span(silent_ms)}. Figures are from ${time(at)}.`
      : behind ? `The watch has not looked since ${time(told.watch_ms)}: rates and silences are from then.` : '');
  }

  // Where the list may not scroll (a wall), what does not fit is counted.
  function fit() {
    const list = document.getElementById('feeds-rows');
    const items = [...list.children];
    items.forEach((item) => { item.hidden = false; });
    let visible = items.length;
    if (getComputedStyle(list).overflowY === 'hidden') {
      const limit = list.getBoundingClientRect().bottom + 1;
      visible = items.filter((item) => item.getBoundingClientRect().bottom <= limit).length;
      items.forEach((item, place) => { item.hidden = place >= visible; });
    }
    write('feeds-more', items.length > visible ? `+ ${number(items.length - visible)} more feeds` : '');
  }

  function mount(found) {
    box = found;
    document.documentElement.lang ||= 'en';
    timers = [setInterval(ask, EVERY_MS), setInterval(tick, 1000)];
    ask();
  }

  function unmount() {
    timers.forEach(clearInterval);
    timers = [];
    box = null;
    heardAt = null;
    told = null;
    rows.clear();
    window.Feeds.sources.forget();
  }

  function look() {
    const found = document.getElementById('feeds-page');
    if (box && box !== found) unmount();
    if (found && !box) mount(found);
  }

  window.Feeds = { ...window.Feeds, base, refresh: ask };
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener('DOMContentLoaded', look);
})();
