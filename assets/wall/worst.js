// The worst places: the most voters short, each against its expected band, since when, and who has it.
(function () {
  'use strict';

  const { make, draw, write, mark, number, range, span, time, icon, placeOf, isKnown } = window.Wall.format;
  const KINDS = new Set(['low_turnout', 'stoppage', 'slowdown']);
  const MOST = 8;

  let worst = [];
  const rows = []; // by position: a wall's table stays, its words change

  // The alerts that say voters are missing at a precinct, a site or in a whole region, each place once.
  function pick(alerts) {
    const short = alerts.filter((alert) => KINDS.has(alert.kind) && alert.shortfall > 0);
    short.sort((a, b) => b.shortfall - a.shortfall);
    const seen = new Set();
    return short.filter((alert) => {
      const place = alert.precinct || alert.site || `region ${alert.region}`;
      return !seen.has(place) && seen.add(place);
    }).slice(0, MOST);
  }

  function setAlerts(alerts) {
    worst = pick(alerts);
    const body = document.getElementById('worst-rows');
    if (!body) return;
    while (rows.length < worst.length) rows.push(addRow(body));
    rows.forEach((row, i) => {
      row.item.hidden = i >= worst.length;
      if (i < worst.length) fill(row, worst[i], i);
    });
    document.getElementById('worst-table').hidden = worst.length === 0;
    document.getElementById('worst-empty').hidden = worst.length > 0;
    fit();
  }

  // A wall cannot scroll: rows that do not fit whole are left out.
  function fit() {
    const panel = document.getElementById('view-worst');
    if (!panel || !panel.clientHeight) return;
    rows.forEach((row, i) => { row.item.hidden = i >= worst.length; });
    if (window.getComputedStyle(panel).overflow !== 'hidden') return; // a phone scrolls
    const limit = panel.getBoundingClientRect().bottom;
    for (const row of rows) row.item.hidden ||= row.item.getBoundingClientRect().bottom > limit;
  }

  function addRow(body) {
    const row = {
      icon: make('span', { class: 'kind-sign' }),
      place: make('b', { class: 'worst-place' }),
      region: make('span', { class: 'worst-note' }),
      band: make('td', { class: 'worst-band' }),
      short: make('b', { class: 'worst-short' }),
      share: make('span', { class: 'worst-note' }),
      since: make('td', { class: 'worst-since' }),
      owner: make('td', { class: 'worst-owner' }),
    };
    row.item = make(
      'tr', {},
      make('td', { class: 'worst-sign' }, row.icon),
      make('th', { scope: 'row' }, row.place, row.region),
      row.band,
      make('td', { class: 'worst-gap' }, row.short, row.share),
      row.since, row.owner
    );
    body.append(row.item);
    return row;
  }

  function fill(row, alert) {
    row.alert = alert;
    const kind = self.WarroomSigns.kind(alert.kind);
    icon(row.icon, kind, true);
    const place = placeOf(alert);
    write(row.place, place);
    row.place.style.setProperty('--letters', Math.max(10, place.length));
    write(row.region, [kind.word, alert.precinct || alert.site ? alert.region : 'the whole region'].filter(Boolean).join(' · '));
    write(row.short, number(alert.shortfall));
    row.short.style.setProperty('--letters', Math.max(4, number(alert.shortfall).length));
    write(row.share, isKnown(alert.expected) && alert.expected > 0 ? `${Math.round((100 * alert.shortfall) / alert.expected)} % of expected` : '');
    write(row.owner, alert.owner ? `${alert.owner}` : 'nobody yet');
    mark(row.owner, 'taken', alert.owner ? 'yes' : null);
    drawBand(row.band, alert);
  }

  // Expected band as a bar, what was counted as a dot; the same words beside it.
  function drawBand(box, { expected, low, high, reported }) {
    const words = `${number(reported)} of ${number(expected)}` + (isKnown(low) ? ` (${range({ low, high })})` : '');
    if (box.dataset.words === words) return;
    box.dataset.words = words;
    const svg = draw('svg', { viewBox: '0 0 100 12', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    const top = 1.05 * Math.max(high || 0, reported || 0, expected || 1);
    const x = (value) => (100 * value) / top;
    svg.append(draw('line', { class: 'worst-axis', x1: 0, x2: 100, y1: 6, y2: 6 }));
    if (isKnown(low) && isKnown(high)) svg.append(draw('rect', { class: 'band', x: x(low), width: x(high) - x(low), y: 1, height: 10 }));
    if (isKnown(expected)) svg.append(draw('line', { class: 'worst-mid', x1: x(expected), x2: x(expected), y1: 1, y2: 11 }));
    if (isKnown(reported)) svg.append(draw('rect', { class: 'seen-dot', x: x(reported) - 0.8, width: 1.6, y: 0, height: 12 }));
    box.replaceChildren(svg, make('span', {}, words));
  }

  function tick(link) {
    const now_ms = link.now_ms();
    for (const row of rows) {
      if (now_ms !== null && row.alert) write(row.since, `${time(row.alert.raised_ms)} · ${span(now_ms - row.alert.raised_ms)}`);
    }
  }

  function reset() {
    rows.length = 0;
  }

  window.Wall.worst = { setAlerts, fit, tick, reset, count: () => worst.length };
})();
