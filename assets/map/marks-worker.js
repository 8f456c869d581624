// What lies above the colours: open alerts, the precinct under the pointer, names of regions.
(function (root) {
  'use strict';

  const signs = root.WarroomSigns;
  const { trace } = root.WarroomPaint;
  const SYMBOL_PX = { ranked: 17, plain: 9 }; // at 1080 lines
  const RANKED = 9;
  const OUTLINE_FROM_PX = 18;
  const GROUP_PX = { bare: 18, labelled: 46, y: 18 }; // nearer than this signs are one; labels stand to the right
  const MOST_NAMELESS = 30;
  const REACH_STEP = 1.5;
  const WIDEST_REACH = 12;
  const paths = Object.fromEntries(Object.entries(signs.SHAPES).map(([name, d]) => [name, new Path2D(d)]));

  // Draws on the visible canvas. `board` holds cells, alerts (placed, most important first),
  // hovered, selected, regions (name and place).
  function draw(ctx, shape, view, board) {
    const zoomedOut = view.precinctPx(shape) < root.WarroomPaint.AREAS_BELOW_PX;
    const found = grouped(signsOn(shape, view, board), view.unit);
    if (zoomedOut) regionNames(ctx, view, board.regions, found);
    for (const i of board.flagged) {
      if (view.precinctPx(shape) >= OUTLINE_FROM_PX && view.shows(shape, i) && !board.standsBack(i)) outline(ctx, shape, view, i, signs.paints.mark, 1.6);
    }
    for (let k = found.length - 1; k >= 0; k--) groupSign(ctx, view, found[k]);
    if (board.hovered >= 0) outline(ctx, shape, view, board.hovered, signs.paints.mark, 2);
    if (board.selected >= 0) {
      outline(ctx, shape, view, board.selected, signs.paints.water, 5);
      outline(ctx, shape, view, board.selected, signs.paints.mark, 2.5);
    }
  }

  // A flagged precinct whose alert is not in the list: its flags still tell the shape.
  function shapeOf(cell) {
    if (cell & signs.FLAG.suspect) return 'diamond';
    return cell & signs.FLAG.silent ? 'ring' : 'triangle';
  }

  // -> [{x, y, shape, rank, size}] on the canvas, most important first; rank -1: beyond the list.
  function signsOn(shape, view, board) {
    const out = [];
    const listed = new Set();
    const put = (ux, uy, name, rank) => {
      const x = ux * view.scale + view.x;
      const y = uy * view.scale + view.y;
      if (x >= 0 && y >= 0 && x <= view.w && y <= view.h) {
        out.push({ x, y, shape: name, rank, size: rank >= 0 && rank < RANKED ? SYMBOL_PX.ranked : SYMBOL_PX.plain });
      }
    };
    board.alerts.forEach(({ kind, places, region }, rank) => {
      places.forEach((i) => listed.add(i));
      const place = places.length ? null : board.regions.find(({ name }) => name === region);
      if (places.length) put(shape.innerX[places[0]], shape.innerY[places[0]], signs.kind(kind).shape, rank);
      else if (place) put(place.x, place.y, signs.kind(kind).shape, rank);
    });
    for (const i of board.flagged) if (!listed.has(i)) put(shape.innerX[i], shape.innerY[i], shapeOf(board.cells[i]), -1);
    return out;
  }

  // Signs that would lie on one another become one: the most important's, with the count of the others.
  // The nameless ones beyond the list join over a wider reach, the more of them there are.
  function grouped(all, unit) {
    const isNamed = (sign) => sign.rank >= 0 && sign.rank < RANKED;
    const named = joined([], all.filter(isNamed), unit, 1);
    const others = all.filter((sign) => !isNamed(sign));
    for (let reach = 1; ; reach *= REACH_STEP) {
      const groups = joined(named.map((group) => ({ ...group })), others, unit, reach);
      if (groups.length - named.length <= MOST_NAMELESS || reach > WIDEST_REACH) return groups;
    }
  }

  function joined(groups, all, unit, reach) {
    for (const sign of all) {
      const near = groups.find((group) => {
        const hasLabel = group.rank >= 0 || sign.rank >= 0 || reach > 1;
        const far = group.rank >= 0 ? unit : unit * reach;
        return Math.abs(group.y - sign.y) < GROUP_PX.y * far && Math.abs(group.x - sign.x) < (hasLabel ? GROUP_PX.labelled : GROUP_PX.bare) * far;
      });
      if (near) near.others += 1;
      else groups.push({ ...sign, others: 0 });
    }
    return groups;
  }

  function groupSign(ctx, view, { x, y, shape: name, rank, size, others }) {
    const px = symbol(ctx, view, x, y, name, size);
    const own = rank >= 0 && rank < RANKED ? String(rank + 1) : '';
    if (own || others) label(ctx, view, x + px * 0.72, y, own, !others ? '' : own ? `+${others}` : `×${others + 1}`);
  }

  function symbol(ctx, view, x, y, name, size) {
    const px = Math.max(6, size) * view.unit;
    ctx.save();
    ctx.translate(x, y);
    ctx.scale(px / 24, px / 24);
    ctx.translate(-12, -12);
    ctx.lineWidth = (7 * SYMBOL_PX.ranked) / size;
    ctx.lineJoin = 'round';
    ctx.strokeStyle = signs.paints.water;
    ctx.stroke(paths[name]);
    ctx.fillStyle = signs.paints.mark;
    ctx.fill(paths[name], 'evenodd');
    ctx.restore();
    return px;
  }

  // The alert's rank in the list, and how many more stand here.
  function label(ctx, view, x, y, rank, more) {
    ctx.textAlign = 'left';
    ctx.textBaseline = 'middle';
    ctx.lineJoin = 'round';
    ctx.lineWidth = 5 * view.unit;
    ctx.strokeStyle = signs.paints.water;
    let at = x;
    for (const [text, weight, px, colour] of [[rank, 700, 17, signs.paints.mark], [more, 550, 14, signs.paints.label]]) {
      if (!text) continue;
      ctx.font = `${weight} ${px * view.unit}px Inter, system-ui, sans-serif`;
      ctx.strokeText(text, at, y);
      ctx.fillStyle = colour;
      ctx.fillText(text, at, y);
      at += ctx.measureText(text).width + 4 * view.unit;
    }
  }

  function outline(ctx, shape, view, i, colour, width) {
    trace(ctx, shape, view, i);
    ctx.strokeStyle = colour;
    ctx.lineWidth = width * view.unit;
    ctx.lineJoin = 'round';
    ctx.stroke();
  }

  // A name is drawn where its region has room for it: in its middle, or above or below the alerts there.
  function regionNames(ctx, view, regions, taken) {
    const px = 15 * view.unit;
    ctx.font = `600 ${px}px Inter, system-ui, sans-serif`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.lineJoin = 'round';
    for (const region of regions) {
      if (ctx.measureText(region.name).width > region.width * view.scale * 0.8) continue;
      if (region.height * view.scale < 2 * px) continue;
      const half = ctx.measureText(region.name).width / 2;
      const x = region.x * view.scale + view.x;
      const middle = region.y * view.scale + view.y;
      const isFree = (at) => !taken.some((sign) => Math.abs(sign.y - at) < 1.2 * px &&
        sign.x > x - half - 3.4 * px && sign.x < x + half + px); // a sign's label stands to its right
      const y = [0, -1.5, 1.5, -3, 3].map((lines) => middle + lines * px).find(isFree);
      if (y === undefined) continue;
      ctx.lineWidth = 3.5 * view.unit;
      ctx.strokeStyle = signs.paints.halo;
      ctx.strokeText(region.name, x, y);
      ctx.fillStyle = signs.paints.label;
      ctx.fillText(region.name, x, y);
    }
  }

  root.WarroomMarks = { draw };
})(self);
