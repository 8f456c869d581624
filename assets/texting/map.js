// Where a request goes: every precinct a dot, those of the request marked. Drawn once for a request.
(function () {
  'use strict';

  const PAD = 6; // in pixels of a laptop; on a wall everything grows with its letters
  const LETTER = 16;

  function draw(canvas, places, chosen) {
    const { clientWidth, clientHeight } = canvas;
    if (!clientWidth || !places) return;
    const dpr = window.devicePixelRatio || 1;
    canvas.width = clientWidth * dpr;
    canvas.height = clientHeight * dpr;
    const ctx = canvas.getContext('2d');
    ctx.scale(dpr, dpr);
    const unit = Math.max(1, parseFloat(getComputedStyle(canvas).fontSize) / LETTER);
    const pad = PAD * unit;
    const known = Object.entries(places);
    if (!known.length) return;
    const xs = known.map(([, [x]]) => x);
    const ys = known.map(([, [, y]]) => y);
    const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const squeeze = Math.cos(((low + high) / 2) * (Math.PI / 180)); // a degree of longitude is shorter than one of latitude
    const scale = Math.min((clientWidth - 2 * pad) / Math.max((right - left) * squeeze, 1e-9), (clientHeight - 2 * pad) / Math.max(high - low, 1e-9));
    const at = ([x, y]) => [
      clientWidth / 2 + (x - (left + right) / 2) * squeeze * scale, clientHeight / 2 - (y - (low + high) / 2) * scale,
    ];
    const style = getComputedStyle(canvas);
    ctx.fillStyle = style.getPropertyValue('--faded');
    for (const [, place] of known) {
      const [x, y] = at(place);
      ctx.fillRect(x - 0.6 * unit, y - 0.6 * unit, 1.2 * unit, 1.2 * unit);
    }
    ctx.strokeStyle = style.getPropertyValue('--mark');
    ctx.fillStyle = style.getPropertyValue('--shortfall');
    ctx.lineWidth = 1.5 * unit;
    for (const id of chosen) {
      if (!places[id]) continue;
      const [x, y] = at(places[id]);
      ctx.beginPath();
      ctx.arc(x, y, (chosen.length > 40 ? 2.2 : 4.5) * unit, 0, 2 * Math.PI);
      ctx.fill();
      ctx.stroke();
    }
  }

  window.Texting = { ...window.Texting, map: { draw } };
})();
