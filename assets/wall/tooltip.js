// What a precinct says when pointed at: its last count against the expected band, and a small chart.
(function () {
  'use strict';

  const { make, number, range, time, span, isKnown } = window.Wall.format;
  const DWELL_MS = 120;
  const KEEP = 40;
  const FRESH_MS = 5000;

  const known = new Map(); // id -> {at, detail}
  let shown = -1;
  let dwell = 0;
  let asking = null;
  let at = { x: 0, y: 0 };

  const box = () => document.getElementById('map-tooltip');

  function hide() {
    clearTimeout(dwell);
    shown = -1;
    if (box()) box().hidden = true;
  }

  function move(x, y) {
    at = { x, y };
    place();
  }

  function place() {
    const tip = box();
    if (!tip || tip.hidden) return;
    const gap = 18;
    const left = at.x + gap + tip.offsetWidth > window.innerWidth ? at.x - gap - tip.offsetWidth : at.x + gap;
    const top = Math.min(at.y + gap, window.innerHeight - tip.offsetHeight - 4);
    tip.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
  }

  // The worker's answer to a hover: index in the roster (-1: none) and the cell's byte.
  function hover(index, cell, link) {
    if (index === shown) return;
    clearTimeout(dwell);
    shown = index;
    if (index < 0 || !window.Wall.roster) return hide();
    const { roster } = window.Wall;
    const id = roster.ids[index];
    head(roster.names[index] || id, roster.regions[roster.region_of[index]], cell);
    box().hidden = false;
    place();
    dwell = setTimeout(() => ask(id, index, link), DWELL_MS);
  }

  function head(name, region, cell) {
    const swatch = make('span', { class: 'swatch' });
    swatch.style.background = self.WarroomSigns.paints.classes[cell & 15];
    box().replaceChildren(
      make('p', { class: 'tip-name' }, name, make('small', {}, region || '')),
      make('p', { class: 'tip-state' }, swatch, self.WarroomSigns.cellWords(cell)),
      make('div', { class: 'tip-body' })
    );
  }

  async function ask(id, index, link) {
    const kept = known.get(id);
    if (kept && performance.now() - kept.at < FRESH_MS) return body(kept.detail, index, link);
    if (asking) asking.abort();
    asking = new AbortController();
    try {
      const response = await fetch(`${link.base}api/v1/precincts/${encodeURIComponent(id)}`, { signal: asking.signal });
      if (!response.ok) return undefined;
      const detail = await response.json();
      known.delete(id);
      known.set(id, { at: performance.now(), detail });
      if (known.size > KEEP) known.delete(known.keys().next().value);
      return body(detail, index, link);
    } catch {
      return undefined; // pointed elsewhere, or no signal: the head says what is known
    }
  }

  function body(detail, index, link) {
    if (index !== shown || !box()) return;
    const now_ms = link.now_ms();
    const seen = isKnown(detail.reported)
      ? `${number(detail.reported)} at ${time(detail.reported_at_ms)}, ${span(now_ms - detail.reported_at_ms)} ago`
      : 'No report yet';
    const figure = make('div', { class: 'tip-chart' });
    const target = box().querySelector('.tip-body');
    target.replaceChildren(
      line('Seen', seen),
      line('Expected now', `${number(detail.expected && detail.expected.value)} (${range(detail.expected)})`),
      ...(detail.reason ? [make('p', { class: 'tip-reason' }, detail.reason)] : []),
      figure
    );
    const band = detail.band || { at_ms: [], low: [], mid: [], high: [] };
    window.Wall.curve.chart(figure, {
      ...band, seen: detail.readings || [], now_ms, opens_ms: detail.opens_ms, closes_ms: detail.closes_ms, bare: true,
    });
    place();
  }

  function line(label, text) {
    return make('p', { class: 'tip-line' }, make('span', {}, label), make('b', {}, text));
  }

  window.Wall.tooltip = { hover, hide, move };
})();
