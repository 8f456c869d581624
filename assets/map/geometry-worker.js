// Geometry of the precincts: decoding (format: warroom/web/geometry.py), inner points,
// a grid to find the precinct under a finger, and the borders between regions.
(function (root) {
  'use strict';

  const HEADER_BYTES = 48;
  const MAGIC = 0x31475257; // "WRG1"
  const GRID = 128; // cells per side of the finding grid
  const UNITS = 65536;

  // -> {count, ringStart, pointStart, x, y, box, innerX, innerY, extent, width, height}
  // ringStart[i]..ringStart[i+1] are the rings of precinct i; pointStart likewise of a ring's points.
  function decode(buffer) {
    const head = new DataView(buffer);
    if (buffer.byteLength < HEADER_BYTES || head.getUint32(0, true) !== MAGIC) {
      throw new Error('The geometry is not in the expected format.');
    }
    const count = head.getUint32(4, true);
    const rings = head.getUint32(8, true);
    const points = head.getUint32(12, true);
    let at = HEADER_BYTES;
    const ringCounts = new Uint16Array(buffer.slice(at, (at += 2 * count)));
    const pointCounts = new Uint32Array(buffer.slice(at, (at += 4 * rings)));
    const bytes = new Uint8Array(buffer, at);
    const shape = {
      count,
      ringStart: starts(ringCounts),
      pointStart: starts(pointCounts),
      x: axis(bytes, 0, points),
      y: axis(bytes, 2 * points, points),
    };
    return measure(shape);
  }

  function starts(counts) {
    const out = new Uint32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i++) out[i + 1] = out[i] + counts[i];
    return out;
  }

  function axis(bytes, from, points) {
    const out = new Float32Array(points);
    let value = 0;
    for (let i = 0; i < points; i++) {
      const zigzag = bytes[from + i] | (bytes[from + points + i] << 8);
      value = (value + ((zigzag >> 1) ^ -(zigzag & 1))) & (UNITS - 1);
      out[i] = value;
    }
    return out;
  }

  function measure(shape) {
    const { count, ringStart, pointStart, x, y } = shape;
    shape.box = new Float32Array(4 * count).fill(NaN); // left, top, right, bottom
    shape.innerX = new Float32Array(count).fill(NaN);
    shape.innerY = new Float32Array(count).fill(NaN);
    const sizes = [];
    shape.width = 0;
    shape.height = 0;
    for (let i = 0; i < count; i++) {
      const first = pointStart[ringStart[i]];
      const last = pointStart[ringStart[i + 1]];
      if (first === last) continue;
      let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
      for (let p = first; p < last; p++) {
        if (x[p] < left) left = x[p];
        if (x[p] > right) right = x[p];
        if (y[p] < top) top = y[p];
        if (y[p] > bottom) bottom = y[p];
      }
      shape.box.set([left, top, right, bottom], 4 * i);
      setInnerPoint(shape, i, left, top, right, bottom);
      sizes.push(Math.sqrt((right - left) * (bottom - top)));
      shape.width = Math.max(shape.width, right);
      shape.height = Math.max(shape.height, bottom);
    }
    sizes.sort((a, b) => a - b);
    shape.extent = sizes.length ? sizes[sizes.length >> 1] : UNITS / 10; // median size, units
    shape.cells = buildGrid(shape);
    return shape;
  }

  // The middle of the widest span across, then up and down, then across: inside, and well inside.
  function setInnerPoint(shape, i, left, top, right, bottom) {
    let best = { width: -1 };
    for (const share of [0.5, 0.3, 0.7]) {
      const span = widestSpan(shape, i, top + (bottom - top) * share + 0.01, false);
      if (span.width > best.width) best = { ...span, line: top + (bottom - top) * share + 0.01 };
    }
    let px = best.width > 0 ? best.middle : (left + right) / 2;
    let py = best.width > 0 ? best.line : (top + bottom) / 2;
    const vertical = widestSpan(shape, i, px + 0.01, true, py);
    if (vertical.width > 0) py = vertical.middle;
    const across = widestSpan(shape, i, py + 0.01, false, px);
    if (across.width > 0) px = across.middle;
    shape.innerX[i] = px;
    shape.innerY[i] = py;
  }

  // Widest stretch inside precinct i on a line (y = line, or x = line when vertical);
  // with `through`, the stretch that holds that point.
  function widestSpan(shape, i, line, vertical, through) {
    const { ringStart, pointStart } = shape;
    const along = vertical ? shape.y : shape.x;
    const cross = vertical ? shape.x : shape.y;
    const hits = [];
    for (let r = ringStart[i]; r < ringStart[i + 1]; r++) {
      const end = pointStart[r + 1];
      for (let a = end - 1, b = pointStart[r]; b < end; a = b++) {
        if (cross[a] > line !== cross[b] > line) {
          hits.push(along[a] + ((line - cross[a]) / (cross[b] - cross[a])) * (along[b] - along[a]));
        }
      }
    }
    hits.sort((a, b) => a - b);
    let best = { width: -1, middle: 0 };
    for (let k = 0; k + 1 < hits.length; k += 2) {
      const width = hits[k + 1] - hits[k];
      const middle = (hits[k] + hits[k + 1]) / 2;
      if (through !== undefined && through >= hits[k] && through <= hits[k + 1]) return { width, middle };
      if (width > best.width) best = { width, middle };
    }
    return best;
  }

  function buildGrid(shape) {
    const cells = Array.from({ length: GRID * GRID }, () => []);
    const of = (value) => Math.min(GRID - 1, Math.max(0, Math.floor((value / UNITS) * GRID)));
    for (let i = 0; i < shape.count; i++) {
      if (Number.isNaN(shape.innerX[i])) continue;
      const [left, top, right, bottom] = shape.box.subarray(4 * i, 4 * i + 4);
      for (let row = of(top); row <= of(bottom); row++) {
        for (let column = of(left); column <= of(right); column++) cells[row * GRID + column].push(i);
      }
    }
    return cells;
  }

  // Precinct at a point (units); else the nearest one within `reach` units; else -1.
  function find(shape, px, py, reach) {
    const column = Math.floor((px / UNITS) * GRID);
    const row = Math.floor((py / UNITS) * GRID);
    const step = Math.min(2, 1 + Math.ceil((reach / UNITS) * GRID));
    let nearest = -1;
    let least = reach * reach;
    for (let r = Math.max(0, row - step); r <= Math.min(GRID - 1, row + step); r++) {
      for (let c = Math.max(0, column - step); c <= Math.min(GRID - 1, column + step); c++) {
        for (const i of shape.cells[r * GRID + c]) {
          if (r === row && c === column && contains(shape, i, px, py)) return i;
          const dx = shape.innerX[i] - px;
          const dy = shape.innerY[i] - py;
          if (dx * dx + dy * dy < least) {
            least = dx * dx + dy * dy;
            nearest = i;
          }
        }
      }
    }
    return nearest;
  }

  function contains(shape, i, px, py) {
    const { x, y, ringStart, pointStart } = shape;
    let inside = false;
    for (let r = ringStart[i]; r < ringStart[i + 1]; r++) {
      const end = pointStart[r + 1];
      for (let a = end - 1, b = pointStart[r]; b < end; a = b++) {
        if (y[a] > py !== y[b] > py && px < x[a] + ((py - y[a]) / (y[b] - y[a])) * (x[b] - x[a])) {
          inside = !inside;
        }
      }
    }
    return inside;
  }

  // Edges between precincts of different regions -> per precinct, [x1, y1, x2, y2, ...] or undefined.
  function regionBorders(shape, regionOf) {
    const { x, y, ringStart, pointStart } = shape;
    const vertexIds = new Map();
    const firstOwner = new Map();
    const borders = new Array(shape.count);
    const vertex = (p) => {
      const key = x[p] * UNITS + y[p];
      let id = vertexIds.get(key);
      if (id === undefined) vertexIds.set(key, (id = vertexIds.size));
      return id;
    };
    for (let i = 0; i < shape.count; i++) {
      for (let r = ringStart[i]; r < ringStart[i + 1]; r++) {
        const end = pointStart[r + 1];
        for (let a = end - 1, b = pointStart[r]; b < end; a = b++) {
          const u = vertex(a);
          const v = vertex(b);
          const edge = Math.min(u, v) * 0x4000000 + Math.max(u, v); // 26 bits each: exact
          const other = firstOwner.get(edge);
          if (other === undefined) firstOwner.set(edge, i);
          else if (regionOf[other] !== regionOf[i]) {
            for (const owner of [i, other]) (borders[owner] ||= []).push(x[a], y[a], x[b], y[b]);
          }
        }
      }
    }
    return borders;
  }

  root.WarroomGeometry = { decode, find, contains, regionBorders, UNITS };
})(self);
