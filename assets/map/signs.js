// What the map and the panels draw alike: class colours, alert shapes, words for states.
// Read by the page and by the map worker, so that a sign means one thing everywhere.
(function (root) {
  'use strict';

  // `classes`: shortfall to surplus, safe in three colour-blindness simulations; class 9: nothing reported yet.
  // What is far from expectation stands out from the ground: bright in a dark room, deep in a light one.
  const ROOMS = {
    dark: {
      classes: [
        '#ffd27a', '#e69f00', '#b5781a', '#6e5128', '#343a42',
        '#2c5580', '#2f7fc4', '#56b4e9', '#b3e0ff', '#191e25',
      ],
      water: '#0b0e12', veil: 'rgba(11, 14, 18, 0.62)', halo: 'rgba(11, 14, 18, 0.8)', border: '#8d99a6',
      mark: '#ffffff', label: '#d5dce4', stipple: 'rgba(6, 9, 12, 0.62)', hatch: 'rgba(206, 214, 224, 0.62)',
    },
    light: {
      classes: [
        '#6b2f00', '#a85800', '#dd8f2a', '#f1cf9a', '#ccd3da',
        '#a9cbe8', '#5fa3d6', '#2272b4', '#0a3f6e', '#f4f6f8',
      ],
      water: '#ffffff', veil: 'rgba(255, 255, 255, 0.7)', halo: 'rgba(255, 255, 255, 0.85)', border: '#56626e',
      mark: '#0d1116', label: '#26303a', stipple: 'rgba(255, 255, 255, 0.75)', hatch: 'rgba(60, 72, 84, 0.6)',
    },
  };
  let paints = ROOMS.dark;
  const NEUTRAL = 4;
  const UNREPORTED = 9;

  // High nibble of a cell byte.
  const FLAG = { uncertain: 16, silent: 32, alert: 64, suspect: 128 };

  // SVG paths in a 24 x 24 box, filled even-odd.
  const SHAPES = {
    triangle: 'M1.5 3h21L12 22.5z',
    square: 'M3 3h18v18H3z',
    frame: 'M3 3h18v18H3z M8 8v8h8V8z',
    ring: 'M12 1.5a10.5 10.5 0 1 0 .01 0z M12 7a5 5 0 1 1-.01 0z',
    diamond: 'M12 .5 23.5 12 12 23.5.5 12z',
    hourglass: 'M3.5 1.5h17L13.5 12l7 10.5h-17L10.5 12z',
    cross: 'M8.5 1.5h7v7h7v7h-7v7h-7v-7h-7v-7h7z',
    pentagon: 'M12 1 23 9.2 18.8 22.5H5.2L1 9.2z',
  };

  // `brief`: for the legend, which tells the silent by their hatching.
  const KINDS = {
    low_turnout: { shape: 'triangle', word: 'Low turnout', brief: 'Low' },
    stoppage: { shape: 'square', word: 'Stopped', brief: 'Stopped' },
    slowdown: { shape: 'frame', word: 'Slowing', brief: 'Slowing' },
    silent: { shape: 'ring', word: 'Silent' },
    suspect_report: { shape: 'diamond', word: 'Suspect report', brief: 'Suspect' },
    long_wait: { shape: 'hourglass', word: 'Long wait', brief: 'Line' },
    incident: { shape: 'cross', word: 'Incident', brief: 'Incident' },
    coverage_gap: { shape: 'pentagon', word: 'Nobody there', brief: 'Gap' },
  };

  const STATES = {
    ok: 'As expected', low: 'Low', watch: 'Watch', silent: 'Silent', suspect_report: 'Suspect report',
  };

  // How far a class lies from expectation, for a reader who cannot see the colour.
  const CLASS_WORDS = [
    'far below expected', 'well below expected', 'below expected', 'a little below expected',
    'as expected',
    'a little above expected', 'above expected', 'well above expected', 'far above expected',
    'nothing reported yet',
  ];

  // What the map shows of a precinct, in words: 'below expected, silent'. `cell` is its byte.
  function cellWords(cell) {
    const flags = [[FLAG.silent, 'silent'], [FLAG.suspect, 'suspect report'], [FLAG.uncertain, 'uncertain']];
    return [CLASS_WORDS[cell & 15], ...flags.filter(([flag]) => cell & flag).map(([, word]) => word)].join(', ');
  }

  function kind(name) {
    return KINDS[name] || { shape: 'pentagon', word: String(name || 'Alert').replace(/_/g, ' ') };
  }

  // A repeating tile for the textures; `tile` is a canvas of any kind. Device pixels.
  function drawStipple(tile, dpr) {
    const size = Math.round(5 * dpr);
    tile.width = tile.height = size;
    const ctx = tile.getContext('2d');
    ctx.fillStyle = paints.stipple;
    const dot = 1.7 * dpr;
    ctx.fillRect(0, 0, dot, dot);
    ctx.fillRect(size / 2, size / 2, dot, dot);
    return tile;
  }

  function drawHatch(tile, dpr) {
    const size = Math.round(6 * dpr);
    tile.width = tile.height = size;
    const ctx = tile.getContext('2d');
    ctx.strokeStyle = paints.hatch;
    ctx.lineWidth = 1.1 * dpr;
    ctx.beginPath();
    for (const shift of [-size, 0, size]) {
      ctx.moveTo(shift - 1, size + 1);
      ctx.lineTo(shift + size + 1, -1);
    }
    ctx.stroke();
    return tile;
  }

  root.WarroomSigns = {
    get paints() { return paints; },
    setRoom(room) { paints = ROOMS[room] || ROOMS.dark; },
    CLASS_WORDS, NEUTRAL, UNREPORTED, FLAG, SHAPES, KINDS, STATES, kind, cellWords, drawStipple, drawHatch,
  };
})(self);
