// The feeds' pulse: which are alive, when last heard, how much they brought.
(function () {
  'use strict';

  const { make, number, span, isKnown } = window.Wall.format;
  const WORST_FIRST = { stopped: 0, silent: 1, quiet: 2, live: 3, done: 4 };
  const WORDS = { live: 'live', quiet: 'quiet', silent: 'silent', stopped: 'stopped', done: 'all read' };

  let feeds = [];
  const rows = new Map(); // feed -> {item, parts}

  function setFeeds(next) {
    feeds = [...next].sort((a, b) => WORST_FIRST[a.state] - WORST_FIRST[b.state] || a.feed.localeCompare(b.feed));
    const list = document.getElementById('feeds');
    if (!list) return;
    const names = new Set(feeds.map((feed) => feed.feed));
    for (const [name, row] of rows) {
      if (names.has(name)) continue;
      row.item.remove();
      rows.delete(name);
    }
    feeds.forEach((feed, position) => {
      const row = rows.get(feed.feed) || addRow(feed.feed);
      if (list.children[position] !== row.item) list.insertBefore(row.item, list.children[position] || null);
    });
    document.getElementById('feeds-empty').hidden = feeds.length > 0;
    window.Wall.feedtable.setFeeds(feeds, WORDS);
  }

  function addRow(name) {
    const state = make('span', { class: 'feed-state' });
    const seen = make('span', { class: 'feed-seen' });
    const counts = make('p', { class: 'feed-counts' });
    const item = make(
      'li', { 'data-feed': name },
      make('p', { class: 'feed-line' }, make('span', { class: 'dot', 'aria-hidden': 'true' }), make('b', { title: name }, name), state),
      make('p', { class: 'feed-line feed-note' }, seen),
      counts
    );
    rows.set(name, { item, state, seen, counts });
    return rows.get(name);
  }

  function tick(link) {
    const now_ms = link.now_ms();
    window.Wall.feedtable.tick(link);
    const { write, mark } = window.Wall.format;
    for (const feed of feeds) {
      const row = rows.get(feed.feed);
      if (!row) continue;
      mark(row.item, 'state', feed.state);
      write(row.state, WORDS[feed.state] || feed.state);
      const age = isKnown(feed.seen_ms) && now_ms !== null ? `${span(now_ms - feed.seen_ms)} ago` : 'never heard';
      write(row.seen, `${age} · ${number(feed.per_minute)}/min`);
      write(row.counts, feed.trouble || `${number(feed.received)} reports`);
    }
  }

  function reset() {
    rows.clear();
    window.Wall.feedtable.reset();
  }

  window.Wall.feeds = { setFeeds, tick, reset, count: () => feeds.length };
})();
