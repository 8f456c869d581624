// What the replay writes about one minute: clock, figures, and the day's curve with the minute marked.
(function () {
  'use strict';

  const { make, write, number, range, time, span, longDate, isKnown, percent } = window.Wall.format;
  const MINUTE_MS = 60000;

  function show(index, frame) {
    const { headline, clock, day } = frame;
    window.Wall.format.setZone(day.timezone);
    write('replay-name', `${day.name}, ${longDate(day.date)}`);
    write('replay-clock', time(clock.now_ms));
    const left_ms = day.closes_ms - clock.now_ms;
    write('replay-since', left_ms > 0 ? `${span(left_ms)} before polls close` : `${span(-left_ms)} after polls closed`);
    figures(headline);
    curve(index, frame);
  }

  function figures(headline) {
    const { votes, reported, expected, final, precincts, reports } = headline;
    const rows = [
      ['Votes by then', number(votes.value), band(votes)],
      ['Reported', number(reported.value), `${number(precincts.reporting)} of ${number(precincts.total)} precincts heard`],
      ['Expected by then', number(expected.value), band(expected)],
      ['Votes against it', against(votes, expected), ''],
      ['Expected at close', number(final.value), band(final)],
      ['Reports', number(reports.received), `${number(reports.suspect)} suspect, ${number(reports.rejected)} rejected`],
    ];
    document.getElementById('replay-figures').replaceChildren(
      ...rows.map(([label, value, note]) => make('div', {}, make('dt', {}, label), make('dd', {}, make('b', {}, value), make('span', {}, note))))
    );
  }

  const band = (estimate) => (range(estimate) ? `90 %: ${range(estimate)}` : '');

  function against(votes, expected) {
    if (!isKnown(votes.value) || !expected.value) return '–';
    const gap = votes.value / expected.value - 1;
    return `${percent(Math.abs(gap), 1)} ${gap < 0 ? 'below' : 'above'}`;
  }

  // The band is what was expected before the day; the line is what came, to the end; dashed what was forecast then.
  function curve(index, frame) {
    const { day, clock } = frame;
    const whole = frame.headline.curve;
    const came = index.newest ? index.newest.headline.curve.seen : whole.seen;
    const at_ms = whole.minute.map((minute) => day.opens_ms + minute * MINUTE_MS);
    const seen = at_ms.map((at, i) => ({ at_ms: at, count: came[i] })).filter((point) => isKnown(point.count));
    window.Wall.curve.chart(document.getElementById('replay-curve'), {
      at_ms, low: whole.low, mid: whole.expected, high: whole.high, seen, ahead: whole.forecast, bare: true,
      opens_ms: day.opens_ms, closes_ms: day.opens_ms + index.end * MINUTE_MS, now_ms: clock.now_ms,
    });
    const votes = frame.headline.votes.value;
    document.getElementById('replay-curve').setAttribute('aria-label', `Votes over the day; about ${number(votes)} by ${time(clock.now_ms)}.`);
  }

  // Words for the time before there is anything to show.
  function empty(index) {
    const words = {
      awaited: ['The day is being computed', 'The first minutes appear here in a few seconds.'],
      untended: ['Nobody computes the replay', 'Start it beside the room: warroom history. `warroom up` and `warroom demo` start it by themselves.'],
      early: ['The polls have not opened yet', 'The replay begins with the first minute of voting.'],
      away: ['The room does not answer', 'The page tries again by itself.'],
    }[index.state];
    document.getElementById('replay-empty').replaceChildren(make('h2', {}, words[0]), make('p', {}, words[1]));
  }

  function progress(index) {
    if (!index.minutes) return '';
    if (index.done < index.whole) return `Computing: ${percent(index.done / index.whole)} of the day`;
    return index.isComplete ? 'The whole day' : `Up to ${time(index.day.opens_ms + index.last * MINUTE_MS)}; the day goes on`;
  }

  window.Wall.replayPanels = { show, empty, progress };
})();
