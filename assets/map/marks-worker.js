// What lies above the colours: open alerts, the precinct under the pointer, names of regions.
(function (root) {
  'use strict';

  const signs = root.WarroomSigns;
  const { trace } = root.WarroomPaint;
  const SYMBOL_PX = { ranked: 17, plain: 9 }; // at 1080 lines
  const RANKED = 9;
  const OUTLINE_FROM_PX = 18;
  const paths = Object.fromEntries(Object.entries(signs.SHAPES).map(([name, d]) => [name, new Path2D(d)]));

  // Draws on the visible canvas. `board` holds cells, alerts (placed, most important first),
  // hovered, selected, regions (name and place).
  function draw(ctx, shape, view, board) {
    const zoomedOut = view.precinctPx(shape) < root.WarroomPaint.AREAS_BELOW_PX;
    if (zoomedOut) regionNames(ctx, view, board.regions, symbolPlaces(shape, view, board.alerts));
    const ranked = new Set();
    for (const alert of board.alerts) for (const i of alert.places) ranked.add(i);
    for (const i of board.flagged) {
      if (!view.shows(shape, i)) continue;
      if (view.precinctPx(shape) >= OUTLINE_FROM_PX) outline(ctx, shape, view, i, '#ffffff', 1.6);
      if (!ranked.has(i)) symbol(ctx, shape, view, i, shapeOf(board.cells[i]), SYMBOL_PX.plain);
    }
    for (let rank = board.alerts.length - 1; rank >= 0; rank--) rankedAlert(ctx, shape, view, board.alerts[rank], rank);
    if (board.hovered >= 0) outline(ctx, shape, view, board.hovered, '#ffffff', 2);
    if (board.selected >= 0) {
      outline(ctx, shape, view, board.selected, '#0b0e12', 5);
      outline(ctx, shape, view, board.selected, '#ffffff', 2.5);
    }
  }

  // A flagged precinct whose alert is not in the list: its flags still tell the shape.
  function shapeOf(cell) {
    if (cell & signs.FLAG.suspect) return 'diamond';
    return cell & signs.FLAG.silent ? 'ring' : 'triangle';
  }

  function rankedAlert(ctx, shape, view, alert, rank) {
    if (!alert.places.length) return;
    const i = alert.places[0];
    if (!view.shows(shape, i)) return;
    const size = rank < RANKED ? SYMBOL_PX.ranked : SYMBOL_PX.plain;
    symbol(ctx, shape, view, i, signs.kind(alert.kind).shape, size);
    if (rank < RANKED) label(ctx, shape, view, i, String(rank + 1), size);
  }

  function symbol(ctx, shape, view, i, name, size) {
    const px = Math.max(6, size) * view.unit;
    ctx.save();
    ctx.translate(shape.innerX[i] * view.scale + view.x, shape.innerY[i] * view.scale + view.y);
    ctx.scale(px / 24, px / 24);
    ctx.translate(-12, -12);
    ctx.lineWidth = (7 * SYMBOL_PX.ranked) / size;
    ctx.lineJoin = 'round';
    ctx.strokeStyle = '#0b0e12';
    ctx.stroke(paths[name]);
    ctx.fillStyle = '#ffffff';
    ctx.fill(paths[name], 'evenodd');
    ctx.restore();
  }

  function label(ctx, shape, view, i, text, size) {
    const px = 17 * view.unit;
    const x = shape.innerX[i] * view.scale + view.x + size * 0.72 * view.unit;
    const y = shape.innerY[i] * view.scale + view.y;
    ctx.font = `700 ${px}px Inter, system-ui, sans-serif`;
    ctx.textAlign = 'left';
    ctx.textBaseline = 'middle';
    ctx.lineJoin = 'round';
    ctx.lineWidth = 5 * view.unit;
    ctx.strokeStyle = '#0b0e12';
    ctx.strokeText(text, x, y);
    ctx.fillStyle = '#ffffff';
    ctx.fillText(text, x, y);
  }

  function outline(ctx, shape, view, i, colour, width) {
    trace(ctx, shape, view, i);
    ctx.strokeStyle = colour;
    ctx.lineWidth = width * view.unit;
    ctx.lineJoin = 'round';
    ctx.stroke();
  }

  function symbolPlaces(shape, view, alerts) {
    return alerts
      .filter((alert) => alert.places.length)
      .map(({ places: [i] }) => [shape.innerX[i] * view.scale + view.x, shape.innerY[i] * view.scale + view.y]);
  }

  // A name is drawn where its region has room for it and no alert stands.
  function regionNames(ctx, view, regions, taken) {
    const px = 15 * view.unit;
    ctx.font = `600 ${px}px Inter, system-ui, sans-serif`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.lineJoin = 'round';
    for (const region of regions) {
      if (ctx.measureText(region.name).width > region.width * view.scale * 0.8) continue;
      if (region.height * view.scale < 2 * px) continue;
      const x = region.x * view.scale + view.x;
      const y = region.y * view.scale + view.y;
      if (taken.some(([sx, sy]) => Math.abs(sx - x) < 1.6 * px && Math.abs(sy - y) < px)) continue;
      ctx.lineWidth = 3.5 * view.unit;
      ctx.strokeStyle = 'rgba(11, 14, 18, 0.8)';
      ctx.strokeText(region.name, x, y);
      ctx.fillStyle = '#d5dce4';
      ctx.fillText(region.name, x, y);
    }
  }

  root.WarroomMarks = { draw };
})(self);
