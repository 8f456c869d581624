// The map's worker: owns the event stream, the state of every precinct and the canvas.
// The page sends what people do (pan, zoom, point, tap, select) and gets what it shows.
'use strict';

const query = new URLSearchParams(self.location.search);
const api = `${query.get('base')}api/v1/`;
const version = query.has('m') ? `?m=${query.get('m')}` : ''; // the page's own: an upgrade reaches every part
const early = { geometry: fetch(`${api}geometry`), roster: fetch(`${api}roster`) }; // under way while the parts load
const parts = ['geometry', 'smooth', 'view', 'paint', 'marks', 'board', 'link', 'merge', 'stats'];
importScripts(...['signs', ...parts.map((part) => `${part}-worker`)].map((name) => `map/${name}.js${version}`));

const SETTLE_MS = 140; // after the last pan or zoom step, before the map is drawn anew
const REDRAW_MS = 60000; // a whole redraw now and then clears the fringes that deltas leave
const MOST_STAMPS = 200; // a hidden page draws no frames: what waits must not grow
const FINGER_PX = 14; // css pixels a tap may miss a small precinct by

const view = new self.WarroomView();
const stats = new self.WarroomStats();
const board = new self.WarroomBoard();
const merge = new self.WarroomMerge();
let shape = null;
let painter = null;
let near = null;
let stream = null;
let screen = null; // the visible canvas
let ctx = null;
let areas = false; // neighbourhoods rather than precincts
let dirty = new Set();
let wholeDirty = true;
let framePending = false;
let settleTimer = 0;
let gesture = null; // the view that the base canvas was drawn for, while a hand moves the map
let stamps = [];
let focused = null; // name of the region that a view of the wall is about

const link = {
  snapshot(data) {
    stats.first('snapshot');
    board.setCells(data.cells);
    passOn(merge.whole(data));
    showAll();
  },
  delta(data) {
    const changed = board.changeCells(data.cells, data.w || 2);
    if (data.stamp_ms && stamps.length < MOST_STAMPS) stamps.push(data.stamp_ms);
    passOn(merge.whole(data));
    markDirty(changed);
  },
  beat: (clock) => self.postMessage({ type: 'beat', clock }),
  link: (up, isSignedOut) => self.postMessage({ type: 'link', up, isSignedOut }),
  bytes: (count) => stats.addBytes(count),
};

// What the panels show goes to the page as it came.
function passOn({ seq, n, headline, regions, alerts, feeds, clock, day, cells }) {
  if (alerts) board.setAlerts(alerts);
  const tally = cells ? board.tally() : undefined;
  self.postMessage({ type: 'panels', seq, n, headline, regions, alerts, feeds, clock, day, tally });
}

function setRoster(roster) {
  board.setRoster(roster);
  self.postMessage({ type: 'roster', roster });
  setRegions();
}

function setShape(buffer) {
  stats.first('geometry');
  shape = self.WarroomGeometry.decode(buffer);
  near = self.WarroomSmooth.neighbours(shape);
  painter = new self.WarroomPaint.Painter(shape);
  painter.standsBack = (i) => board.standsBack(i);
  if (view.w) {
    painter.resize(view);
    view.fit(shape);
  }
  setRegions();
  showAll();
}

// Borders and names of regions need both the roster and the shapes; they come after the first paint.
function setRegions() {
  if (!shape || !board.roster || !board.roster.region_of || !stats.draws) return;
  board.placeRegions(shape);
  painter.borders = self.WarroomGeometry.regionBorders(shape, board.roster.region_of);
  if (focused !== null) applyFocus();
  showAll();
}

function showAll() {
  if (!shape || !board.cells) return;
  areas = view.w > 0 && view.precinctPx(shape) < self.WarroomPaint.AREAS_BELOW_PX;
  self.postMessage({ type: 'view', areas, fitted: view.fitted });
  board.shown = new Uint8Array(shape.count);
  for (let i = 0; i < shape.count; i++) board.shown[i] = shownClass(i);
  wholeDirty = true;
  requestFrame();
}

function shownClass(i) {
  return areas ? self.WarroomSmooth.smoothed(board.cells, near, i, self.WarroomSigns) : board.cells[i] & 15;
}

function markDirty(changed) {
  if (shape && board.shown) {
    for (const i of changed) {
      dirty.add(i);
      if (areas) self.WarroomSmooth.around(near, i, refresh);
      else refresh(i);
    }
  }
  requestFrame();
}

function refresh(i) {
  const now = shownClass(i);
  if (now === board.shown[i]) return;
  board.shown[i] = now;
  dirty.add(i);
}

function requestFrame() {
  if (framePending || !ctx) return;
  framePending = true;
  self.requestAnimationFrame(frame);
}

function frame() {
  framePending = false;
  if (!painter || !board.shown || !view.w) return;
  const started = performance.now();
  const painted = wholeDirty ? shape.count : dirty.size;
  if (!gesture) paint();
  compose();
  stats.addDraw(performance.now() - started, painted);
  const isFirst = stats.draws === 1;
  const shownStamps = stamps;
  stamps = [];
  if (!isFirst && !shownStamps.length) return;
  // The next frame begins after this one has gone to the screen.
  self.requestAnimationFrame(() => {
    const now = performance.timeOrigin + performance.now();
    if (isFirst) {
      stats.first('painted');
      self.postMessage({ type: 'painted', at: now });
      setRegions();
    }
    shownStamps.forEach((stamp) => stats.addStamp(now - stamp));
  });
}

function paint() {
  if (wholeDirty) painter.all(view, board.cells, board.shown);
  else painter.some(view, dirty, board.cells, board.shown);
  wholeDirty = false;
  dirty.clear();
}

function compose() {
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  if (gesture) {
    const ratio = view.scale / gesture.scale;
    ctx.fillStyle = self.WarroomSigns.paints.water;
    ctx.fillRect(0, 0, view.w, view.h);
    ctx.setTransform(ratio, 0, 0, ratio, view.x - gesture.x * ratio, view.y - gesture.y * ratio);
    ctx.drawImage(painter.canvas, 0, 0);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
  } else {
    ctx.drawImage(painter.canvas, 0, 0);
  }
  self.WarroomMarks.draw(ctx, shape, view, board);
}

function frameRegion(name) {
  const box = shape && board.roster ? board.regionBox(shape, name) : null;
  if (box && view.w) moved(() => view.frame(box, shape));
}

// Before shapes and roster are there nothing is framed; setRegions comes back to it.
function applyFocus() {
  if (!shape || !painter || !board.roster) return;
  const region = focused === null ? -1 : board.roster.regions.indexOf(focused);
  board.focused = region;
  if (region >= 0) frameRegion(focused);
  else moved(() => view.fit(shape));
}

// While a hand moves the map the last picture is moved along; it is drawn anew once the hand rests.
function moved(change) {
  if (!shape || !view.w) return;
  if (!gesture) gesture = { scale: view.scale, x: view.x, y: view.y };
  change();
  clearTimeout(settleTimer);
  settleTimer = setTimeout(settle, SETTLE_MS);
  requestFrame();
}

function settle() {
  gesture = null;
  showAll();
}

function indexAt(x, y) {
  if (!shape || !view.w) return -1;
  const reach = (FINGER_PX * view.dpr) / view.scale;
  const ux = (x * view.dpr - view.x) / view.scale;
  const uy = (y * view.dpr - view.y) / view.scale;
  return self.WarroomGeometry.find(shape, ux, uy, reach);
}

function resize({ width, height, dpr, unit }) {
  if (!screen || !width || !height) return;
  screen.width = Math.round(width * dpr);
  screen.height = Math.round(height * dpr);
  view.unit = unit * dpr;
  if (shape) {
    view.resize(screen.width, screen.height, dpr, shape);
    painter.resize(view);
  } else Object.assign(view, { w: screen.width, h: screen.height, dpr });
  showAll();
}

// The colour that most of the 3 x 3 pixels round a precinct's inner point show, without alert signs.
function colourAt(id) {
  const i = board.indexOf.get(id);
  if (i === undefined || !view.shows(shape, i)) return null;
  if (wholeDirty || dirty.size) paint();
  const x = Math.round(shape.innerX[i] * view.scale + view.x);
  const y = Math.round(shape.innerY[i] * view.scale + view.y);
  const { data } = painter.ctx.getImageData(x - 1, y - 1, 3, 3);
  const votes = new Map();
  for (let p = 0; p < data.length; p += 4) {
    const key = data.slice(p, p + 4).join(',');
    votes.set(key, (votes.get(key) || 0) + 1);
  }
  return [...votes].sort((a, b) => b[1] - a[1])[0][0].split(',').map(Number);
}

const questions = {
  stats: () => ({ ...stats.report(), seq: stream ? stream.seq : -1, reopened: stream ? stream.reopened : 0 }),
  cell: (id) => board.cell(id),
  colorAt: colourAt,
  measure: (rounds) => stats.measure(rounds, { painter, view, board, shape }),
};

const orders = {
  canvas({ canvas }) {
    stats.first('canvas');
    screen = canvas;
    ctx = canvas.getContext('2d', { alpha: false });
    stats.draws = 0;
  },
  room({ room }) {
    self.WarroomSigns.setRoom(room);
    if (painter && view.w) painter.resize(view); // its textures are of the other room
    showAll();
  },
  size: resize,
  pan: ({ dx, dy }) => moved(() => view.pan(dx * view.dpr, dy * view.dpr, shape)),
  zoom: ({ factor, x, y }) => moved(() => view.zoom(factor, x * view.dpr, y * view.dpr, shape)),
  fit: () => moved(() => view.fit(shape)),
  // A region to fill the map. `focus` also dims the others and holds until it is ordered anew.
  frame: ({ region }) => frameRegion(region),
  focus({ region }) {
    if (focused === region) return;
    focused = region;
    applyFocus();
  },
  zoomTo({ id, size }) {
    const i = board.indexOf.get(id);
    if (i !== undefined && shape && !Number.isNaN(shape.innerX[i])) moved(() => view.centre(shape, i, size || 60));
  },
  hover({ x, y }) {
    const i = x === null ? -1 : indexAt(x, y);
    if (i !== board.hovered) {
      board.hovered = i;
      requestFrame();
    }
    self.postMessage({ type: 'hover', index: i, cell: i < 0 || !board.cells ? 0 : board.cells[i] });
  },
  tap: ({ x, y }) => self.postMessage({ type: 'tap', index: indexAt(x, y) }),
  select({ id }) {
    const i = board.indexOf.get(id);
    board.selected = i === undefined ? -1 : i;
    requestFrame();
  },
  font: ({ face }) => {
    // A worker has its own fonts: without this the map's letters differ from the page's.
    const font = new FontFace('Inter', `url(${face})`, { weight: '100 900' });
    font.load().then(() => { self.fonts.add(font); requestFrame(); }, () => {});
  },
  async ask({ key, question, argument }) {
    while (question !== 'stats' && !(board.roster && board.shown && view.w)) {
      await new Promise((resolve) => setTimeout(resolve, 20)); // before the first paint there is nothing to tell
    }
    self.postMessage({ type: 'answer', key, value: questions[question](argument) });
  },
};

async function need(path, read) {
  for (let asked = early[path]; ; asked = fetch(api + path)) {
    try {
      const response = await asked;
      if (response.ok) return await read(response);
    } catch { /* the server is not there yet */ }
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
}

// Empty until a day is loaded: thrown, so that it is asked for again.
async function readShape(response) {
  const buffer = await response.arrayBuffer();
  if (!buffer.byteLength) throw new Error('no day is loaded yet');
  return buffer;
}

function fail(error) {
  self.postMessage({ type: 'failed', message: String(error.message || error) });
}

setInterval(() => { if (!gesture) showAll(); }, REDRAW_MS);
self.onmessage = ({ data }) => orders[data.order](data);
if (query.has('fed')) orders.show = ({ snapshot }) => link.snapshot(snapshot); // a replay: the page gives the frames
else {
  stream = new self.WarroomLink(`${api}stream`, link);
  stream.open();
}
need('geometry', readShape).then(setShape).catch(fail);
need('roster', (response) => response.json()).then(setRoster).catch(fail);
