// The headline tiles: figures with interval and age; the clock; the legend's counts.
(function () {
  'use strict';

  const { write, big, mark, number, range, percent, span, time, isKnown, make } = window.Wall.format;
  const AGEING_MS = 10 * 60000;
  const OLD_MS = 30 * 60000;
  const SIGNAL_OLD_MS = 60000;
  const MOST_HOURS = 48; // beyond this a countdown is in days

  let headline = null;
  let day = null;

  function setDay(next) {
    day = next;
    window.Wall.format.setZone(day.timezone);
    write('day-name', day.name);
    const title = document.getElementById('day-name');
    if (title) title.style.setProperty('--letters', Math.max(30, day.name.length));
    write('day-date', window.Wall.format.longDate(day.date));
  }

  function setHeadline(next) {
    headline = next;
    const { votes, reported, expected, final, early, precincts, reports } = headline;
    figure('votes', heard() ? votes : null); // before the first report the model's guess is no count
    figure('expected', expected && day && expected.at_ms < day.opens_ms ? null : expected); // nobody can have voted
    figure('final', final);
    write('reported-value', reported && isKnown(reported.value) ? `${number(reported.value)} reported` : '');
    write('early-value', early && isKnown(early.value) ? `+${number(early.value)} early` : '');
    write('expected-verdict', heard() ? verdict(votes, expected) : '');
    if (precincts) {
      big('precincts-value', percent(precincts.total ? precincts.reporting / precincts.total : 0));
      write('precincts-range', `${number(precincts.reporting)} of ${number(precincts.total)}`);
    }
    if (reports) {
      const parts = [`${number(reports.received)} reports`];
      if (reports.suspect) parts.push(`${number(reports.suspect)} suspect`);
      if (reports.rejected) parts.push(`${number(reports.rejected)} rejected`);
      write('reports-count', parts.join(' · '));
    }
    write('alerts-count', number(headline.alerts_open || 0));
    for (const state of ['watch', 'silent']) write(`count-${state}`, number((headline.states || {})[state]));
    window.Wall.legend.count(headline.alert_kinds || {});
  }

  const heard = () => Boolean(headline && headline.precincts && headline.precincts.reporting);

  function figure(name, estimate) {
    big(`${name}-value`, number(estimate && estimate.value));
    const between = range(estimate);
    write(`${name}-range`, between ? `90 %: ${between}` : '');
  }

  // Where the votes stand against the expected band, in words.
  function verdict(votes, expected) {
    if (!votes || !expected || !isKnown(votes.value) || !isKnown(expected.low)) return '';
    const off = expected.value ? Math.abs(votes.value / expected.value - 1) : 0;
    if (votes.value < expected.low) return `votes ${percent(off, 1)} below`;
    if (votes.value > expected.high) return `votes ${percent(off, 1)} above`;
    return 'votes within range';
  }

  function setTally(tally) {
    if (!tally) return;
    for (const name of ['fewer', 'ok', 'more', 'uncertain', 'unreported']) write(`count-${name}`, number(tally[name]));
  }

  // Once a second: ages, clock, greying. `link` is the Wall.Link.
  function tick(link) {
    const now_ms = link.now_ms();
    if (now_ms === null || !day) return;
    write('clock', time(now_ms));
    write('clock-zone', clockNote(link, now_ms));
    countdown(now_ms);
    const reports = headline && headline.reports;
    const heard = headline && (headline.reported || headline.votes);
    age('votes', heard && heard.at_ms, now_ms, link);
    age('expected', link.boardAt_ms, now_ms, link);
    age('final', link.boardAt_ms, now_ms, link);
    age('precincts', reports && reports.at_ms, now_ms, link);
    mark('tile-clock', 'age', link.silence_ms() > SIGNAL_OLD_MS && link.clock.rate !== 1 ? 'old' : 'fresh');
  }

  function clockNote(link, now_ms) {
    const { rate } = link.clock;
    const zone = window.Wall.format.zoneName(now_ms);
    if (!rate) return `${zone} · paused`;
    return rate === 1 ? zone : `${zone} · replay ×${number(rate)}`;
  }

  // `brief` for a tile with little room: the minute while it is fresh, the age once it is not. `slow`: how many times
  // as long this figure stays good (people come and go by shifts, counts come every half hour).
  function age(name, at_ms, now_ms, link, { brief = false, slow = 1 } = {}) {
    if (!isKnown(at_ms)) {
      write(`${name}-age`, 'No report yet');
      return mark(`tile-${name}`, 'age', 'fresh');
    }
    const old_ms = Math.max(0, now_ms - at_ms);
    const silent_ms = link.isStale() ? link.silence_ms() : 0;
    const rank = old_ms > slow * OLD_MS || silent_ms > SIGNAL_OLD_MS ? 'old' : old_ms > slow * AGEING_MS || silent_ms ? 'ageing' : 'fresh';
    mark(`tile-${name}`, 'age', rank);
    const since_ms = Math.max(old_ms, silent_ms);
    if (brief) return write(`${name}-age`, rank === 'fresh' ? `at ${time(at_ms)}` : `${span(since_ms)} ago`);
    const ago = silent_ms || old_ms >= 60000 ? ` · ${span(since_ms)} ago` : '';
    return write(`${name}-age`, `At ${time(at_ms)}${ago}`);
  }

  function countdown(now_ms) {
    const box = document.getElementById('to-close');
    if (!box) return;
    const untilOpen = day.opens_ms - now_ms;
    const untilClose = day.closes_ms - now_ms;
    const [label, left] =
      untilOpen > 0 ? ['Until polls open', untilOpen]
      : untilClose > 0 ? ['Until polls close', untilClose]
      : ['Since polls closed', -untilClose];
    write('to-close-label', label);
    const over = untilClose <= 0;
    write('expected-label', over ? 'Expected' : 'Expected now');
    write('final-label', over ? 'Count, forecast' : 'Expected at close');
    write('to-close-note', untilOpen > 0 ? `Open at ${time(day.opens_ms)}` : `Close${untilClose > 0 ? '' : 'd'} at ${time(day.closes_ms)}`);
    const minutes = Math.floor(left / 60000);
    const parts = minutes >= MOST_HOURS * 60 ? [[number(Math.floor(minutes / 1440)), 'days']]
      : minutes >= 60 ? [[Math.floor(minutes / 60), 'h'], [minutes % 60, 'min']]
      : minutes >= 10 ? [[minutes, 'min']]
      : [[minutes, 'min'], [Math.floor(left / 1000) % 60, 's']];
    const text = parts.map(([value, unit]) => `${value} ${unit}`).join(' ');
    if (box.dataset.text === text) return;
    box.dataset.text = text;
    box.replaceChildren(...parts.flatMap(([value, unit], i) => [`${i ? ' ' : ''}${value}`, make('small', {}, unit)]));
  }

  window.Wall.headline = { setDay, setHeadline, setTally, tick, age, heard, day: () => day };
})();
