// One feed as a card: its nodes are made once and then written to, so that what somebody has opened stays open.
(function () {
  'use strict';

  const { make, write, mark, number, span, time, isKnown } = window.Wall.format;
  const COUNTS = [['received', 'received'], ['accepted', 'accepted'], ['suspect', 'suspect'], ['rejected', 'rejected'], ['repeated', 'repeated']];
  const ASKED_MS = 10000; // then it is likely that the feed does not run

  const reasonWords = (reason) => reason.replace(/_/g, ' ').replace(/\b(json|utf8|csv)\b/g, (word) => word.toUpperCase());
  const open = (feed) => feed.rejected - feed.mended;

  function create(name) {
    const parts = {
      state: make('span', { class: 'fd-word' }), note: make('p', { class: 'fd-note' }), trouble: make('p', { class: 'fd-trouble' }),
      seen: make('b', {}), usual: make('span', {}), rate: make('b', {}), chart: make('div', { class: 'fd-chart' }),
      peak: make('span', {}), behind: make('b', {}), lagNote: make('span', {}), place: make('span', {}),
      counts: make('dl', { class: 'fd-counts' }), replay: make('p', { class: 'fd-replay' }),
      why: make('summary', {}), buttons: make('p', { class: 'fd-buttons' }),
      reasons: make('ul', { class: 'fd-reasons', tabindex: '0', 'aria-label': `Why input of ${name} was rejected` }),
      title: make('h2', {}, window.Feeds.called(name)),
    };
    parts.title.title = name;
    parts.details = make('details', {}, parts.why, parts.reasons);
    parts.values = Object.fromEntries(COUNTS.map(([key, words]) => {
      const value = make('dd', {});
      parts.counts.append(make('div', { 'data-count': key }, make('dt', {}, words), value));
      return [key, value];
    }));
    parts.toggle = make('button', { type: 'button', onclick: () => window.Feeds.act.toggle(parts.feed) }, 'Pause');
    parts.again = make('button', { type: 'button', onclick: () => window.Feeds.act.replay(parts.feed) }, 'Replay the rejected');
    parts.buttons.append(parts.toggle, parts.again);
    parts.item = make('li', { 'data-feed': name },
      make('div', { class: 'fd-who' },
        make('p', { class: 'fd-state' }, make('span', { class: 'dot', 'aria-hidden': 'true' }), parts.state),
        parts.title, parts.note, parts.trouble),
      make('div', { class: 'fd-pulse' },
        make('p', {}, parts.seen, parts.usual), make('p', {}, parts.rate, parts.peak), parts.chart,
        make('p', { class: 'fd-behind' }, parts.behind, parts.lagNote, parts.place)),
      make('div', { class: 'fd-became' }, parts.counts, parts.replay, parts.details),
      parts.buttons);
    return parts;
  }

  function fill(parts, feed, mayControl) {
    parts.feed = feed;
    mark(parts.item, 'state', feed.state);
    write(parts.state, window.Feeds.state(feed));
    write(parts.note, [feed.kind === feed.feed ? '' : feed.kind, feed.about].filter(Boolean).join(': '));
    write(parts.trouble, feed.paused_by ? `Paused by ${feed.paused_by} at ${time(feed.paused_ms)}: it reads no further.` : feed.trouble);
    write(parts.rate, `${number(feed.per_minute)} a minute`);
    chart(parts, feed);
    write(parts.behind, feed.lag ? `${number(feed.lag.lag)} behind` : '');
    write(parts.place, feed.position);
    for (const [key] of COUNTS) write(parts.values[key], number(feed[key]));
    reasons(parts, feed, mayControl);
    parts.buttons.hidden = !mayControl;
    write(parts.toggle, feed.paused_by ? 'Resume' : 'Pause');
    parts.toggle.setAttribute('aria-label', `${feed.paused_by ? 'Resume' : 'Pause'} ${feed.feed}`);
    parts.toggle.hidden = feed.state === 'done';
    const again = feed.reasons.some((reason) => reason.again && reason.count > reason.mended);
    parts.again.hidden = !again;
    write(parts.again, feed.asked ? 'Replay asked for' : `Replay the rejected (${number(open(feed))})`);
    parts.again.disabled = Boolean(feed.asked);
    parts.again.setAttribute('aria-label', `${parts.again.textContent}: ${feed.feed}`);
  }

  function chart(parts, feed) {
    const told = [feed.per_minute, ...feed.minutes].join();
    if (parts.chart.dataset.told === told) return;
    parts.chart.dataset.told = told;
    const peak = Math.max(0, feed.per_minute, ...feed.minutes);
    write(parts.peak, feed.minutes.length ? `most in the last hour ${number(peak)}` : 'no hour to show yet');
    parts.chart.replaceChildren(...(feed.minutes.length ? [window.Feeds.spark(feed.minutes, peak)] : []));
  }

  function reasons(parts, feed, mayControl) {
    const told = JSON.stringify([feed.reasons, mayControl]);
    if (parts.reasons.dataset.told === told) return;
    parts.reasons.dataset.told = told;
    parts.details.hidden = !feed.reasons.length;
    const short = feed.reasons.map((reason) => `${number(reason.count)} ${reasonWords(reason.reason)}`).join(', ');
    write(parts.why, `Why: ${short}${feed.mended ? `. ${number(feed.mended)} mended since` : ''}`);
    parts.reasons.replaceChildren(...feed.reasons.map((reason) => make('li', {},
      make('p', {}, make('b', {}, `${number(reason.count)} ${reasonWords(reason.reason)}`),
        reason.mended ? ` · ${number(reason.mended)} mended` : '',
        reason.again ? '' : ' · a replay does not let these in'),
      make('p', {}, reason.remedy),
      ...reason.samples.map(sample))));
  }

  function sample({ where, sample: text, received_ms, mended }) {
    const when = isKnown(received_ms) ? ` at ${time(received_ms)}` : '';
    const since = mended ? ` · mended at ${time(mended.at_ms)} by ${mended.by}` : '';
    return make('p', { class: 'fd-sample' }, make('span', {}, `${where}${when}${since}`), make('code', {}, text));
  }

  // What changes by the clock alone. `now_ms` is the day's clock, `rate` its speed.
  function tick(parts, now_ms, rate) {
    const { feed } = parts;
    if (!feed || now_ms === null) return;
    write(parts.seen, isKnown(feed.seen_ms) ? `${span(now_ms - feed.seen_ms)} ago` : 'never heard');
    const usual = isKnown(feed.limit_ms) && feed.state !== 'done' ? `silent after ${span(feed.limit_ms)}${rate === 1 ? '' : ' of real time'}` : '';
    write(parts.usual, usual);
    write(parts.lagNote, feed.lag ? `${span(now_ms - feed.lag.at_ms)} ago${feed.lag.detail ? `: ${feed.lag.detail}` : ''}` : '');
    write(parts.replay, replayed(feed, now_ms, rate));
  }

  function replayed({ feed, asked, outcome }, now_ms, rate) {
    if (asked) {
      const late = (now_ms - asked.at_ms) / Math.max(rate, 0.001) > ASKED_MS;
      const hint = late ? ` It has not answered: where it does not run, use “warroom rejected --replay” with its address on its machine.` : '';
      return `${asked.by} asked for a replay at ${time(asked.at_ms)}.${hint}`;
    }
    if (!outcome) return '';
    const { accepted, still, missing, note } = outcome;
    const found = [`${number(accepted)} accepted`, `${number(still)} refused again`, `${number(missing)} could not be found again`];
    return `Replayed at ${time(outcome.at_ms)} by ${outcome.by}: ${found.join(', ')}. ${note}`.trim();
  }

  window.Feeds = { ...window.Feeds, row: { create, fill, tick, open } };
})();
