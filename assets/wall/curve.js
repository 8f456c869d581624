// The whole day in one small chart: the band expected before it began, what has been seen, what is forecast from now.
// The same drawing, smaller, serves one precinct in the tooltip.
(function () {
  'use strict';

  const { draw, number, time, hour, isKnown } = window.Wall.format;
  const MINUTE_MS = 60000;

  // curve: {at_ms, low, mid, high} arrays; seen: [{at_ms, count, status}]; ahead: ballots at at_ms, null before now.
  function chart(box, { at_ms, low, mid, high, seen, ahead = [], opens_ms, closes_ms, now_ms, bare }) {
    const width = box.clientWidth;
    const height = box.clientHeight;
    if (width < 40 || height < 30) return;
    const letter = parseFloat(window.getComputedStyle(box).fontSize);
    const top = Math.max(1, ...high.filter(isKnown), ...ahead.filter(isKnown), ...seen.map((point) => point.count)) * 1.04;
    const pad = bare
      ? { left: letter * 3.2, right: letter * 0.5, top: letter * 0.5, bottom: letter * 1.4 }
      : { left: letter * 4.6, right: letter, top: letter * 0.7, bottom: letter * 1.6 };
    const x = (at) => pad.left + ((at - opens_ms) / (closes_ms - opens_ms)) * (width - pad.left - pad.right);
    const y = (value) => height - pad.bottom - (value / top) * (height - pad.top - pad.bottom);
    const svg = draw('svg', { width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' });
    axes(svg, { x, y, top, width, height, pad, letter, opens_ms, closes_ms });
    const known = at_ms.map((at, i) => i).filter((i) => isKnown(low[i]) && isKnown(high[i]));
    const line = (values) => known.filter((i) => isKnown(values[i])).map((i) => `${x(at_ms[i]).toFixed(1)} ${y(values[i]).toFixed(1)}`);
    if (known.length > 1) {
      svg.append(draw('path', { class: 'band', d: `M${line(high).join('L')}L${line(low).reverse().join('L')}Z` }));
      svg.append(draw('path', { class: 'expected-line', d: `M${line(mid).join('L')}` }));
    }
    const coming = at_ms.map((at, i) => ({ at_ms: at, count: ahead[i] })).filter((point) => isKnown(point.count));
    if (coming.length) {
      const path = [...seen.slice(-1), ...coming].map((point) => `${x(point.at_ms).toFixed(1)} ${y(point.count).toFixed(1)}`);
      svg.append(draw('path', { class: 'forecast-line', d: `M${path.join('L')}` }));
    }
    seenMarks(svg, seen, x, y, letter, bare);
    if (isKnown(now_ms) && now_ms > opens_ms && now_ms < closes_ms) {
      svg.append(draw('line', { class: 'now-line', x1: x(now_ms), x2: x(now_ms), y1: pad.top, y2: height - pad.bottom }));
    }
    box.replaceChildren(svg);
  }

  function seenMarks(svg, seen, x, y, letter, bare) {
    const good = seen.filter((point) => point.status !== 'suspect');
    const place = (point) => `${x(point.at_ms).toFixed(1)} ${y(point.count).toFixed(1)}`;
    if (good.length > 1) svg.append(draw('path', { class: 'seen-line', d: `M${good.map(place).join('L')}` }));
    const dots = bare ? seen : good.slice(-1);
    for (const point of dots) {
      svg.append(draw('circle', {
        class: point.status === 'suspect' ? 'suspect-dot' : 'seen-dot',
        cx: x(point.at_ms), cy: y(point.count), r: letter * (bare ? 0.22 : 0.32),
      }));
    }
  }

  function axes(svg, { x, y, top, width, height, pad, letter, opens_ms, closes_ms }) {
    const step = niceStep(top / 3);
    for (let value = 0; value <= top; value += step) {
      svg.append(draw('line', { class: 'grid-line', x1: pad.left, x2: width - pad.right, y1: y(value), y2: y(value) }));
      svg.append(draw('text', { class: 'tick', x: pad.left - letter * 0.4, y: y(value) + letter * 0.33, 'text-anchor': 'end' }, short(value)));
    }
    const hours = (closes_ms - opens_ms) / (60 * MINUTE_MS);
    const room = Math.max(1, (width - pad.left) / (5 * letter)); // labels that fit side by side
    const every = [1, 2, 3, 6, 12].find((step) => hours / step <= room) || 12;
    for (let at = Math.ceil(opens_ms / (60 * MINUTE_MS)) * 60 * MINUTE_MS; at <= closes_ms; at += 60 * MINUTE_MS) {
      if (hour(at) % every) continue;
      const anchor = x(at) > width - 2.5 * letter ? 'end' : 'middle';
      svg.append(draw('text', { class: 'tick', x: x(at), y: height - letter * 0.3, 'text-anchor': anchor }, time(at)));
    }
  }

  function niceStep(rough) {
    const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
    return [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  }

  const short = (value) =>
    value >= 1e6 ? `${+(value / 1e6).toFixed(1)} M` : value >= 1000 ? `${+(value / 1000).toFixed(1)} k` : number(value);

  let last = null;

  // `curve.minute` counts from the opening of the polls. `votes`: the headline's, where the line ends.
  function setCurve(curve, day, now_ms, votes) {
    last = { curve, day, now_ms, votes };
    redraw();
  }

  function redraw() {
    const box = document.getElementById('curve');
    if (!box || !last || !last.curve || !last.day) return;
    const { curve, day, now_ms, votes } = last;
    if (!curve.high.some(isKnown)) {
      box.replaceChildren('No forecast yet.');
      return;
    }
    const at_ms = curve.minute.map((minute) => day.opens_ms + minute * MINUTE_MS);
    const seen = at_ms
      .map((at, i) => ({ at_ms: at, count: curve.seen[i] }))
      .filter((point) => isKnown(point.count));
    if (seen.length && votes && votes.at_ms > seen[seen.length - 1].at_ms && votes.at_ms <= day.closes_ms) {
      seen.push({ at_ms: votes.at_ms, count: votes.value });
    }
    chart(box, {
      at_ms, low: curve.low, mid: curve.expected, high: curve.high, seen, ahead: curve.forecast,
      opens_ms: day.opens_ms, closes_ms: day.closes_ms, now_ms,
    });
    box.setAttribute('aria-label', spoken(curve, seen));
  }

  function spoken(curve, seen) {
    if (!seen.length) return 'Votes over the day: nothing counted yet.';
    const point = seen[seen.length - 1];
    return `Votes over the day: ${number(point.count)} by ${time(point.at_ms)}.`;
  }

  window.Wall.curve = { chart, setCurve, redraw };
})();
