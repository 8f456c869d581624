// The feeds' pulse, in brief beside the map and at full width in a view of its own: one list, two ways to draw a line.
(function () {
  'use strict';

  const { make, write, mark, number, span, time, isKnown } = window.Wall.format;

  let feeds = [];

  const age = (feed, now_ms) => (isKnown(feed.seen_ms) && now_ms !== null ? `${span(now_ms - feed.seen_ms)} ago` : 'never heard');
  const trouble = (feed) => (feed.paused_by ? `paused by ${feed.paused_by} at ${time(feed.paused_ms)}` : feed.trouble || '');
  const dot = () => make('span', { class: 'dot', 'aria-hidden': 'true' });

  // `create(name)` gives {item, parts…}; `fill` writes what the clock changes.
  class List {
    constructor(id, create, fill) {
      Object.assign(this, { id, create, fill, rows: new Map() });
    }

    set() {
      const list = document.getElementById(this.id);
      if (!list) return;
      window.Wall.lists.keyed(list, this.rows, feeds, ({ feed }) => feed, {
        create: ({ feed }) => this.create(feed),
        fill: (row, feed) => { row.feed = feed; },
      });
    }

    tick(now_ms) {
      for (const row of this.rows.values()) {
        mark(row.item, 'state', row.feed.state);
        write(row.state, window.Feeds.state(row.feed));
        this.fill(row, row.feed, now_ms);
      }
    }
  }

  function brief(name) {
    const row = { state: make('span', { class: 'feed-state' }), seen: make('span', { class: 'feed-seen' }), counts: make('p', { class: 'feed-counts' }) };
    row.item = make(
      'li', { 'data-feed': name },
      make('p', { class: 'feed-line' }, dot(), make('b', { title: name }, window.Feeds.called(name)), row.state),
      make('p', { class: 'feed-line feed-note' }, row.seen),
      row.counts
    );
    return row;
  }

  function full(name) {
    const row = { state: make('span', {}), seen: make('td', {}), rate: make('td', {}), received: make('td', {}), trouble: make('span', { class: 'feed-trouble' }) };
    row.item = make(
      'tr', { 'data-feed': name },
      make('th', { scope: 'row' }, make('b', { title: name }, window.Feeds.called(name)), row.trouble),
      make('td', {}, dot(), row.state),
      row.seen, row.rate, row.received
    );
    return row;
  }

  const lists = [
    new List('feeds', brief, (row, feed, now_ms) => {
      write(row.seen, `${age(feed, now_ms)} · ${number(feed.per_minute)}/min`);
      write(row.counts, trouble(feed) || `${number(feed.received)} reports`);
    }),
    new List('feed-rows', full, (row, feed, now_ms) => {
      write(row.seen, age(feed, now_ms));
      write(row.rate, `${number(feed.per_minute)}/min`);
      write(row.received, number(feed.received));
      write(row.trouble, trouble(feed));
    }),
  ];

  function setFeeds(next) {
    feeds = window.Feeds.worstFirst(next);
    for (const list of lists) list.set();
    const table = document.getElementById('feed-table');
    table.hidden = feeds.length === 0;
    table.style.setProperty('--rows', feeds.length + 0.8 * feeds.filter(trouble).length);
    for (const id of ['feeds-empty', 'feed-empty']) document.getElementById(id).hidden = feeds.length > 0;
  }

  // {received, accepted, suspect, rejected, repeated}: what became of the reports.
  function setReports(reports) {
    for (const name of ['received', 'accepted', 'suspect', 'rejected', 'repeated']) write(`reports-${name}`, number(reports && reports[name]));
  }

  function tick(link) {
    for (const list of lists) list.tick(link.now_ms());
    fit('feeds', 'feeds-note');
    fit('feed-rows', 'feed-more');
  }

  // A wall has no hand to scroll it: what its list has no room for is counted. Those in trouble stand first.
  function fit(id, note) {
    const list = document.getElementById(id);
    const panel = list.closest('.panel');
    const items = [...list.children];
    items.forEach((item) => { item.hidden = false; });
    if (!panel.offsetHeight || getComputedStyle(panel).overflowY === 'visible') return write(note, '');
    const limit = panel.getBoundingClientRect().bottom - parseFloat(getComputedStyle(panel).paddingBottom) / 2;
    const visible = Math.max(1, items.filter((item) => item.getBoundingClientRect().bottom <= limit).length);
    items.forEach((item, place) => { item.hidden = place >= visible; });
    return write(note, items.length > visible ? `+ ${number(items.length - visible)} more` : '');
  }

  function reset() {
    for (const list of lists) list.rows.clear();
  }

  window.Wall.feeds = { setFeeds, setReports, tick, reset, count: () => feeds.length };
})();
