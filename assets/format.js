// Words and numbers as the wall writes them, and small helpers to write them into the page.
(function () {
  'use strict';

  const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
  const NOTHING = '–';

  const isKnown = (value) => value !== null && value !== undefined && !Number.isNaN(value);
  const number = (value) => (isKnown(value) ? whole.format(value) : NOTHING);

  function range(estimate) {
    if (!estimate || !isKnown(estimate.low) || !isKnown(estimate.high)) return '';
    return `${number(estimate.low)} – ${number(estimate.high)}`;
  }

  const percent = (share, digits) => (isKnown(share) ? `${(share * 100).toFixed(digits || 0)} %` : NOTHING);

  // 12 s, 3 min, 1 h 05
  function span(ms) {
    const seconds = Math.max(0, Math.round(ms / 1000));
    if (seconds < 60) return `${seconds} s`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${minutes} min`;
    return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')}`;
  }

  let zone = 'UTC';
  const formats = new Map();

  function setZone(timezone) {
    if (timezone) zone = timezone;
  }

  function inZone(name, options, at_ms, locale) {
    const key = `${name} ${zone}`;
    if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale || 'en-GB', { timeZone: zone, ...options }));
    return formats.get(key).format(at_ms);
  }

  const time = (at_ms) =>
    isKnown(at_ms) ? inZone('time', { hour: '2-digit', minute: '2-digit' }, at_ms) : NOTHING;
  const hour = (at_ms) => Number(inZone('hour', { hour: 'numeric', hour12: false }, at_ms)) % 24;
  // EDT rather than GMT-4: American short names exist in the American locale only.
  const zoneName = (at_ms) => inZone('zone', { timeZoneName: 'short' }, at_ms, 'en-US').split(', ').pop();

  // ISO date -> Tuesday 24 June 2025
  function longDate(date) {
    const [year, month, day] = String(date).split('-').map(Number);
    if (!day) return String(date || '');
    const options = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' };
    return new Intl.DateTimeFormat('en-GB', options).format(Date.UTC(year, month - 1, day));
  }

  function write(target, text) {
    const element = typeof target === 'string' ? document.getElementById(target) : target;
    if (element && element.textContent !== text) element.textContent = text;
  }

  // A figure that grows longer than its tile shrinks: the style sheet divides by --letters.
  function big(id, text, least = 5) {
    write(id, text);
    document.getElementById(id)?.style.setProperty('--letters', Math.max(least, text.length));
  }

  function figure(id, text, note) {
    big(id, text);
    write(`${id}-note`, note);
  }

  function mark(target, name, value) {
    const element = typeof target === 'string' ? document.getElementById(target) : target;
    if (!element) return;
    if (value === null || value === undefined) delete element.dataset[name];
    else if (element.dataset[name] !== String(value)) element.dataset[name] = value;
  }

  // make('li', {class: 'x', 'data-a': 1}, child, 'text', …): text is always text, never markup.
  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === 'onclick') element.addEventListener('click', value);
      else if (value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  const SVG = 'http://www.w3.org/2000/svg';

  function draw(tag, attributes, text) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function sign(shape, label) {
    const svg = draw('svg', { viewBox: '0 0 24 24', class: 'sign' });
    if (label) {
      svg.setAttribute('role', 'img');
      svg.setAttribute('aria-label', label);
    } else svg.setAttribute('aria-hidden', 'true');
    svg.append(draw('path', { d: self.WarroomSigns.SHAPES[shape], 'fill-rule': 'evenodd' }));
    return svg;
  }

  // An alert's sign, drawn anew only where it is another one.
  function icon(box, { shape, word }, isTold) {
    if (box.dataset.shape === shape) return;
    box.dataset.shape = shape;
    box.replaceChildren(sign(shape, isTold ? word : ''));
  }

  // Where an alert is: the smallest place that it names.
  const placeOf = (alert) => alert.place || alert.precinct || alert.site || alert.region || 'Unknown place';

  window.Wall = window.Wall || {};
  window.Wall.format = {
    NOTHING, isKnown, number, range, percent, span, setZone, time, hour, zoneName, longDate,
    write, big, figure, mark, make, draw, sign, icon, placeOf,
  };
})();
