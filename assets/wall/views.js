// The wall's views and their rotation: city, each region, worst places, volunteers, feeds.
// Off by default; `?kiosk=1` turns it on, `?rotate=0` off. `?view=` stays with one view, `?times=` sets
// the seconds of each in their order. A hand on the screen holds the rotation for a minute.
(function () {
  'use strict';

  const { make, mark, write } = window.Wall.format;
  const VIEWS = [
    { key: 'city', name: 'City', seconds: 40 },
    { key: 'regions', name: 'Regions', seconds: 15 },
    { key: 'worst', name: 'Worst places', seconds: 15 },
    { key: 'volunteers', name: 'Volunteers', seconds: 15 },
    { key: 'feeds', name: 'Feeds', seconds: 15 },
  ];
  const LEAST_SECONDS = 1;
  const HAND_MS = 60000;
  const MOST_REGIONS = 8; // on rotation: a minute or two a round, those farthest from their history

  let settings = read(window.location.search);
  let now = { view: 'city', region: '' };
  let since = 0; // performance.now() at which this step began
  let heldUntil = 0; // a hand was here
  let isPaused = false; // by the space bar, until it is pressed again
  let link = null;
  let lastTick = 0;

  // What the address asks for.
  function read(search) {
    const query = new URLSearchParams(search);
    const asked = (query.get('times') || '').split(',').map(Number);
    const fixed = VIEWS.find((view) => view.key === query.get('view'));
    return {
      kiosk: query.get('kiosk') === '1',
      rotates: query.has('rotate') ? query.get('rotate') !== '0' : query.get('kiosk') === '1',
      fixed: fixed ? fixed.key : null,
      region: query.get('region'),
      ms: Object.fromEntries(VIEWS.map((view, i) => [view.key, 1000 * (asked[i] >= LEAST_SECONDS ? asked[i] : view.seconds)])),
    };
  }

  // Every step of a round that has something to show.
  function steps() {
    const filled = {
      city: true, regions: window.Wall.regions.order(MOST_REGIONS).length > 0, worst: window.Wall.worst.count() > 0,
      volunteers: window.Wall.volunteers.hasNews(), feeds: window.Wall.feeds.count() > 0,
    };
    const found = [];
    for (const { key } of VIEWS) {
      if (!filled[key] || (settings.fixed && settings.fixed !== key)) continue;
      if (key === 'regions') found.push(...regionNames().map((region) => ({ view: key, region })));
      else found.push({ view: key, region: '' });
    }
    return found;
  }

  function regionNames() {
    const names = window.Wall.regions.order(MOST_REGIONS);
    return settings.region && names.length ? [settings.region] : names;
  }

  const isSame = (a, b) => a.view === b.view && a.region === b.region;

  // The step after this one; where this one is gone, the first of the next view.
  function after(round, step) {
    const at = round.findIndex((one) => isSame(one, step));
    if (at >= 0) return round[(at + 1) % round.length];
    const order = (one) => VIEWS.findIndex(({ key }) => key === one.view);
    return round.find((one) => order(one) > order(step)) || round[0];
  }

  function tick(clock) {
    if (!link) return;
    const at = Math.max(clock, lastTick);
    const round = steps();
    if (now.view === 'regions' && !now.region && round.length) show(round.find((one) => one.view === 'regions') || now, at);
    const moves = settings.rotates && round.length > 1 && !isPaused && at >= heldUntil;
    if (!moves && lastTick) since += at - lastTick; // the view's time stands still
    lastTick = at;
    if (moves && at - since >= settings.ms[now.view]) show(after(round, now), at);
    progress(at, round, moves);
  }

  function show(step, at) {
    const wall = document.getElementById('wall');
    if (!wall) return;
    now = step;
    since = at;
    mark(wall, 'view', step.view);
    mark(wall, 'region', step.region || null);
    if (step.view === 'regions') window.Wall.regions.showRegion(step.region);
    frame();
    window.Wall.redrawAll();
    progress(at, steps(), false);
  }

  // The map shows what the view is about.
  function frame() {
    if (!link) return;
    if (now.view === 'regions' && now.region) link.order('focus', { region: now.region });
    else link.order('focus', { region: null });
  }

  // A person's choice: stays for a minute, also where there is nothing but what is awaited.
  function choose(key) {
    const at = performance.now();
    const regions = regionNames();
    let region = '';
    if (key === 'regions' && regions.length) {
      region = now.view === 'regions' ? regions[(regions.indexOf(now.region) + 1) % regions.length] : regions[0];
    }
    show({ view: key, region }, at);
    hold(at);
  }

  function hold(at) {
    heldUntil = at + HAND_MS;
  }

  // Something new and grave: back to the city, where it stands first.
  function interrupt() {
    const at = performance.now();
    if (settings.rotates && !settings.fixed && at >= heldUntil && !isPaused && now.view !== 'city') show({ view: 'city', region: '' }, at);
  }

  function progress(at, round, moves) {
    const bar = document.getElementById('views');
    if (!bar) return;
    const regions = round.filter((one) => one.view === 'regions');
    for (const { key, name } of VIEWS) {
      const dot = bar.querySelector(`[data-view="${key}"]`);
      const isNow = key === now.view;
      mark(dot, 'now', isNow ? 'yes' : null);
      if (isNow) dot.setAttribute('aria-current', 'true');
      else dot.removeAttribute('aria-current');
      const count = key === 'regions' && isNow && regions.length > 1 ? ` ${regions.findIndex((one) => isSame(one, now)) + 1}/${regions.length}` : '';
      write(dot.firstChild, isNow ? name + count : '');
      const spoken = `View: ${name}${count}`;
      if (dot.getAttribute('aria-label') !== spoken) dot.setAttribute('aria-label', spoken);
      dot.style.setProperty('--done', isNow && moves ? Math.min(1, (at - since) / settings.ms[key]).toFixed(2) : 0);
    }
    const rotates = settings.rotates && round.length > 1;
    mark(bar, 'rotation', !rotates ? 'off' : moves ? 'on' : 'held');
    write('views-state', rotates && !moves ? (isPaused ? 'paused' : 'held') : '');
  }

  function buttons(bar) {
    VIEWS.forEach(({ key, name }, i) => {
      bar.insertBefore(make(
        'button', { type: 'button', 'data-view': key, title: `${name} (key ${i + 1})`, 'aria-label': `View: ${name}`, onclick: () => choose(key) },
        make('span', {})
      ), document.getElementById('views-state'));
    });
  }

  function onKey(event) {
    if (!link || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    if (event.target.closest && event.target.closest('input, textarea, select')) return;
    const view = VIEWS[Number(event.key) - 1];
    if (view) choose(view.key);
    else if (event.key === ' ' && !event.target.closest('button, a')) {
      isPaused = !isPaused;
      heldUntil = 0;
      event.preventDefault();
      tick(performance.now());
    }
  }

  function onHand() {
    if (link) hold(performance.now());
  }

  function mount(next) {
    link = next;
    settings = read(window.location.search);
    mark('wall', 'kiosk', settings.kiosk ? 'yes' : null);
    buttons(document.getElementById('views'));
    heldUntil = 0;
    isPaused = false;
    const first = settings.fixed || 'city';
    show({ view: first, region: first === 'regions' ? settings.region || '' : '' }, performance.now());
    if (settings.kiosk) stayAwake();
  }

  // A kiosk's screen must not go dark; browsers allow this on https and on this machine only.
  function stayAwake() {
    if (!navigator.wakeLock || document.visibilityState !== 'visible') return;
    navigator.wakeLock.request('screen').catch(() => { /* the system's own settings decide */ });
  }

  function unmount() {
    link = null;
  }

  document.addEventListener('keydown', onKey);
  for (const type of ['pointerdown', 'wheel']) document.addEventListener(type, onHand, { passive: true });
  document.addEventListener('visibilitychange', () => { if (link && settings.kiosk) stayAwake(); });

  window.Wall.views = { mount, unmount, tick, frame, choose, interrupt, now: () => ({ ...now }) };
})();
