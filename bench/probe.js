// Put into every page of the bench: tells when one spot of a canvas has changed on the screen.
// It reads the canvas from the page's own thread, frame by frame, for our map and for plotly's alike.
(function () {
  'use strict';

  const PATCH_PX = 5;
  const DIFFERENCE = 14; // of 255 in one channel: less is a fringe, not another colour
  const getContext = HTMLCanvasElement.prototype.getContext;

  // WebGL forgets its picture after each frame; kept, it can be read like any canvas.
  HTMLCanvasElement.prototype.getContext = function (kind, options) {
    const kept = String(kind).startsWith('webgl') ? { ...options, preserveDrawingBuffer: true } : options;
    return getContext.call(this, kind, kept);
  };

  const patch = document.createElement('canvas');
  patch.width = patch.height = PATCH_PX;
  const ctx = getContext.call(patch, '2d', { willReadFrequently: true });
  let found = null;

  function read(canvas, x, y) {
    const half = PATCH_PX >> 1;
    ctx.clearRect(0, 0, PATCH_PX, PATCH_PX);
    ctx.drawImage(canvas, Math.round(x) - half, Math.round(y) - half, PATCH_PX, PATCH_PX, 0, 0, PATCH_PX, PATCH_PX);
    return ctx.getImageData(0, 0, PATCH_PX, PATCH_PX).data;
  }

  function differs(before, now) {
    let pixels = 0;
    for (let p = 0; p < now.length; p += 4) {
      const most = Math.max(...[0, 1, 2].map((c) => Math.abs(now[p + c] - before[p + c])));
      if (most > DIFFERENCE) pixels += 1;
    }
    return pixels >= 3;
  }

  // From now on watch the spot (canvas pixels); `seen` gives the epoch ms at which it changed, or null.
  function arm(selector, x, y, limit_ms) {
    const canvas = document.querySelector(selector);
    const before = read(canvas, x, y);
    const until = performance.now() + limit_ms;
    found = new Promise((resolve) => {
      const look = () => {
        if (differs(before, read(canvas, x, y))) resolve(performance.timeOrigin + performance.now());
        else if (performance.now() > until) resolve(null);
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    return [...before];
  }

  window.bench = { arm, seen: () => found, now: () => performance.timeOrigin + performance.now() };
})();
