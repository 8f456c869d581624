// The map's place in the page: hands its canvas to the worker and passes on what hands do.
(function () {
  'use strict';

  const { make, write } = window.Wall.format;
  const CLICK_PX = 6; // a press that moves less is a tap
  const HAND_MS = 30000;
  const IDLE_MS = 180000; // after which the wall shows the whole map again
  const STEP_PX = 80;
  const ZOOM_STEP = 1.5;
  const DESIGN_LINES = 1080; // signs are drawn for a screen of this height, and grow and shrink with it
  const LEAST_UNIT = 0.7; // but stay above six pixels

  function mount(box, link) {
    const canvas = make('canvas', { 'aria-hidden': 'true' });
    box.append(canvas);
    const screen = canvas.transferControlToOffscreen();
    link.order('canvas', { canvas: screen }, [screen]);
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = box;
      const unit = Math.max(LEAST_UNIT, Math.min(window.innerHeight, window.innerWidth) / DESIGN_LINES);
      link.order('size', { width, height, dpr: window.devicePixelRatio || 1, unit });
    };
    new ResizeObserver(measure).observe(box);
    measure();
    handNear(box, link);
    pointer(box, link);
    wheel(box, link);
    keys(box, link);
    buttons(box, link);
  }

  const place = (box, event) => {
    const frame = box.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  };

  function pointer(box, link) {
    const held = new Map(); // pointerId -> last place
    let travelled = 0;
    box.addEventListener('pointerdown', (event) => {
      if (event.target.closest('button, input')) return;
      box.setPointerCapture(event.pointerId);
      held.set(event.pointerId, place(box, event));
      if (held.size === 1) travelled = 0;
      window.Wall.tooltip.hide();
    });
    box.addEventListener('pointermove', (event) => {
      const at = place(box, event);
      if (!held.has(event.pointerId)) {
        if (event.pointerType !== 'touch') point(box, link, event, at);
        return;
      }
      travelled += drag(link, held, event.pointerId, at);
    });
    const release = (event) => {
      if (!held.has(event.pointerId)) return;
      const at = held.get(event.pointerId);
      held.delete(event.pointerId);
      if (event.type === 'pointerup' && travelled < CLICK_PX && held.size === 0) link.order('tap', at);
    };
    box.addEventListener('pointerup', release);
    box.addEventListener('pointercancel', release);
    box.addEventListener('pointerleave', () => {
      link.order('hover', { x: null });
      window.Wall.tooltip.hide();
    });
  }

  function point(box, link, event, at) {
    if (event.target.closest('button, input')) return;
    window.Wall.tooltip.move(event.clientX, event.clientY);
    link.order('hover', at);
  }

  // Tools show while somebody is at the screen; a wall that nobody touches stays clear.
  function handNear(box, link) {
    const wall = box.closest('[role="main"]');
    let tools = 0;
    let idle = 0;
    const seen = () => {
      wall.dataset.hand = 'near';
      clearTimeout(tools);
      clearTimeout(idle);
      tools = setTimeout(() => { delete wall.dataset.hand; }, HAND_MS);
      idle = setTimeout(() => {
        window.Wall.selectPrecinct(null);
        link.order('fit');
        window.Wall.views.frame();
      }, IDLE_MS);
    };
    for (const type of ['pointermove', 'pointerdown', 'keydown']) wall.addEventListener(type, seen, { passive: true });
    box.addEventListener('focus', seen);
  }

  // One finger pans, two pinch. Returns how far the pointer went.
  function drag(link, held, id, at) {
    const before = held.get(id);
    held.set(id, at);
    const dx = at.x - before.x;
    const dy = at.y - before.y;
    if (held.size === 1) link.order('pan', { dx, dy });
    else if (held.size === 2) {
      const other = [...held].find(([key]) => key !== id)[1];
      const factor = Math.hypot(at.x - other.x, at.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
      link.order('zoom', { factor, x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 });
      link.order('pan', { dx: dx / 2, dy: dy / 2 });
    }
    return Math.hypot(dx, dy);
  }

  function wheel(box, link) {
    box.addEventListener('wheel', (event) => {
      event.preventDefault();
      link.order('zoom', { factor: Math.exp(-event.deltaY * 0.0016), ...place(box, event) });
    }, { passive: false });
    box.addEventListener('dblclick', (event) => link.order('zoom', { factor: 2, ...place(box, event) }));
  }

  function middle(box) {
    return { x: box.clientWidth / 2, y: box.clientHeight / 2 };
  }

  function keys(box, link) {
    const steps = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    box.addEventListener('keydown', (event) => {
      if (event.target !== box) return;
      const step = steps[event.key];
      if (step) link.order('pan', { dx: step[0] * STEP_PX, dy: step[1] * STEP_PX });
      else if (event.key === '+' || event.key === '=') link.order('zoom', { factor: ZOOM_STEP, ...middle(box) });
      else if (event.key === '-') link.order('zoom', { factor: 1 / ZOOM_STEP, ...middle(box) });
      else if (event.key === '0') link.order('fit');
      else if (event.key === 'Enter') link.order('tap', middle(box));
      else return;
      event.preventDefault();
    });
  }

  function buttons(box, link) {
    const zoom = (factor) => () => link.order('zoom', { factor, ...middle(box) });
    const find = make('input', { type: 'search', id: 'find-precinct', placeholder: 'Find a precinct', 'aria-label': 'Find a precinct by number or name', autocomplete: 'off' });
    find.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') findPrecinct(find.value, link);
    });
    box.append(make(
      'div', { class: 'map-tools' },
      find,
      make('button', { type: 'button', 'aria-label': 'Closer', onclick: zoom(ZOOM_STEP) }, '+'),
      make('button', { type: 'button', 'aria-label': 'Farther', onclick: zoom(1 / ZOOM_STEP) }, '−'),
      make('button', { type: 'button', id: 'map-fit', onclick: () => link.order('fit') }, 'Whole map')
    ));
    box.append(make('p', { class: 'map-note', id: 'map-note' }));
    link.on('view', ({ areas, fitted }) => {
      write('map-note', areas ? 'Shown by neighbourhood; closer: by precinct' : 'Shown by precinct');
      document.getElementById('map-fit').hidden = fitted;
    });
  }

  function findPrecinct(text, link) {
    const { roster } = window.Wall;
    const sought = text.trim().toLowerCase();
    if (!roster || !sought) return;
    let at = roster.ids.findIndex((id) => id.toLowerCase() === sought);
    if (at < 0) at = roster.names.findIndex((name) => name.toLowerCase().includes(sought));
    if (at < 0) {
      window.Wall.notice(`No precinct is called “${text.trim()}”.`);
      return;
    }
    link.order('zoomTo', { id: roster.ids[at] });
    window.Wall.selectPrecinct(roster.ids[at]);
  }

  window.Wall.map = { mount };
})();
