// Reports a minute over the last hour as bars; and how a feed and its state are called, here and on the wall.
(function () {
  'use strict';

  const { draw, number } = window.Wall.format;
  const MINUTES = 60;
  const HIGH = 20;
  const WORST_FIRST = ['silent', 'stopped', 'paused', 'awaited', 'quiet', 'live', 'done'];
  const WORDS = { done: 'all read', awaited: 'nothing yet' }; // the others are called as they are

  const state = (feed) => WORDS[feed.state] || feed.state;
  const rank = (feed) => WORST_FIRST.indexOf(feed.state);
  const worstFirst = (feeds) => [...feeds].sort((a, b) => rank(a) - rank(b) || a.feed.localeCompare(b.feed));

  function spark(minutes, peak) {
    const words = `Reports a minute over the last ${minutes.length} minutes, at most ${number(peak)}, now ${number(minutes[minutes.length - 1])}`;
    const svg = draw('svg', { viewBox: `0 0 ${MINUTES} ${HIGH}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': words });
    const first = MINUTES - minutes.length;
    svg.append(draw('path', { d: `M0 ${HIGH - 0.3}H${MINUTES}`, class: 'fd-base' }));
    const bars = minutes.map((count, n) => {
      const height = peak && count ? Math.max(0.8, (count / peak) * HIGH) : 0;
      return height ? `M${first + n} ${HIGH}v${-height.toFixed(2)}h0.8v${height.toFixed(2)}z` : '';
    });
    svg.append(draw('path', { d: bars.join('') || 'M0 0', class: 'fd-bars' }));
    return svg;
  }

  // file:/srv/drop/reports.jsonl -> reports.jsonl; a name that is no path stays as it is
  function called(feed) {
    const path = /^\w+:\/(.*[^/])\/*$/.exec(feed);
    const last = path ? path[1].split('/').pop() : feed;
    try {
      return decodeURIComponent(last);
    } catch {
      return last;
    }
  }

  window.Feeds = { ...window.Feeds, spark, called, state, worstFirst };
})();
