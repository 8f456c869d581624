// Every feed at full width: its state, when last heard, what it brings, and its trouble in words.
(function () {
  'use strict';

  const { make, write, mark, number, span, isKnown } = window.Wall.format;

  const rows = new Map(); // feed -> {item, parts}

  function setFeeds(feeds, words) {
    const body = document.getElementById('feed-rows');
    if (!body) return;
    const names = new Set(feeds.map((feed) => feed.feed));
    for (const [name, row] of rows) {
      if (names.has(name)) continue;
      row.item.remove();
      rows.delete(name);
    }
    feeds.forEach((feed, position) => {
      const row = rows.get(feed.feed) || addRow(feed.feed);
      row.feed = feed;
      mark(row.item, 'state', feed.state);
      write(row.state, words[feed.state] || feed.state);
      write(row.rate, `${number(feed.per_minute)}/min`);
      write(row.received, number(feed.received));
      write(row.trouble, feed.trouble || '');
      if (body.children[position] !== row.item) body.insertBefore(row.item, body.children[position] || null);
    });
    document.getElementById('feed-table').hidden = feeds.length === 0;
    document.getElementById('feed-table').style.setProperty('--rows', feeds.length);
    document.getElementById('feed-empty').hidden = feeds.length > 0;
  }

  function addRow(name) {
    const row = {
      state: make('span', {}), seen: make('td', {}), rate: make('td', {}), received: make('td', {}), trouble: make('span', { class: 'feed-trouble' }),
    };
    row.item = make(
      'tr', { 'data-feed': name },
      make('th', { scope: 'row' }, make('b', {}, name), row.trouble),
      make('td', {}, make('span', { class: 'dot', 'aria-hidden': 'true' }), row.state),
      row.seen, row.rate, row.received
    );
    rows.set(name, row);
    return row;
  }

  // {received, accepted, suspect, rejected, repeated}: what became of the reports.
  function setReports(reports) {
    for (const name of ['received', 'accepted', 'suspect', 'rejected', 'repeated']) write(`reports-${name}`, number(reports && reports[name]));
  }

  function tick(link) {
    const now_ms = link.now_ms();
    for (const { feed, seen } of rows.values()) {
      write(seen, isKnown(feed.seen_ms) && now_ms !== null ? `${span(now_ms - feed.seen_ms)} ago` : 'never heard');
    }
  }

  window.Wall.feedtable = { setFeeds, setReports, tick, reset: () => rows.clear() };
})();
