// Far out, single precincts are smaller than a word and their scatter reads as confetti.
// There the map shows each precinct as its neighbourhood stands: the mean class of itself
// and its nearest precincts, so that only what several precincts agree on takes colour.
(function (root) {
  'use strict';

  const NEIGHBOURS = 12;
  const OWN_WEIGHT = 3;
  const REACH_IN_EXTENTS = 5; // farther precincts are no neighbours
  const NONE = 0xffffffff;

  // -> Uint32Array(count * NEIGHBOURS): the nearest precincts, NONE where there are fewer.
  function neighbours(shape) {
    const out = new Uint32Array(shape.count * NEIGHBOURS).fill(NONE);
    const size = Math.max(shape.extent * 2, 1);
    const buckets = new Map();
    const key = (x, y) => Math.floor(y / size) * 100003 + Math.floor(x / size);
    for (let i = 0; i < shape.count; i++) {
      if (Number.isNaN(shape.innerX[i])) continue;
      const k = key(shape.innerX[i], shape.innerY[i]);
      if (!buckets.has(k)) buckets.set(k, []);
      buckets.get(k).push(i);
    }
    const limit = (REACH_IN_EXTENTS * shape.extent) ** 2;
    for (let i = 0; i < shape.count; i++) {
      const found = [];
      const x = shape.innerX[i];
      const y = shape.innerY[i];
      for (let row = -1; row <= 1; row++) {
        for (let column = -1; column <= 1; column++) {
          for (const j of buckets.get(key(x + column * size, y + row * size)) || []) {
            const distance = (shape.innerX[j] - x) ** 2 + (shape.innerY[j] - y) ** 2;
            if (j !== i && distance < limit) found.push([distance, j]);
          }
        }
      }
      found.sort((a, b) => a[0] - b[0]);
      for (let k = 0; k < Math.min(NEIGHBOURS, found.length); k++) out[i * NEIGHBOURS + k] = found[k][1];
    }
    return out;
  }

  // Class to show far out for precinct i; an unreported precinct stays unreported.
  function smoothed(cells, near, i, signs) {
    const own = cells[i] & 15;
    if (own === signs.UNREPORTED || cells[i] & signs.FLAG.alert) return own;
    let sum = OWN_WEIGHT * (own - signs.NEUTRAL);
    let weight = OWN_WEIGHT;
    for (let k = i * NEIGHBOURS; k < (i + 1) * NEIGHBOURS; k++) {
      if (near[k] === NONE) break;
      const its = cells[near[k]] & 15;
      if (its === signs.UNREPORTED) continue;
      sum += its - signs.NEUTRAL;
      weight += 1;
    }
    return signs.NEUTRAL + Math.round(sum / weight);
  }

  // Calls `visit` with i and every precinct that has i as a neighbour (near enough: i's own neighbours).
  function around(near, i, visit) {
    visit(i);
    for (let k = i * NEIGHBOURS; k < (i + 1) * NEIGHBOURS; k++) {
      if (near[k] === NONE) break;
      visit(near[k]);
    }
  }

  root.WarroomSmooth = { neighbours, smoothed, around };
})(self);
