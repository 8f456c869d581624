// Joins the parts once the wall page stands, and takes them apart when Dash leaves the page.
(function () {
  'use strict';

  const TICK_MS = 1000;
  const RELOAD_MS = 60000;
  const { write, mark, span, time } = window.Wall.format;
  let link = null;
  let mounted = null;

  // The worker starts before the page is laid out: geometry and stream load meanwhile.
  function ensureLink() {
    if (link) return link;
    link = new window.Wall.Link();
    link.on('panels', panels);
    link.on('roster', ({ roster }) => { window.Wall.roster = roster; });
    link.on('panels', ({ n, day }) => { if (day) anotherDay(n, day); });
    link.on('hover', ({ index, cell }) => window.Wall.tooltip.hover(index, cell, link));
    link.on('tap', ({ index }) => {
      const { roster } = window.Wall;
      window.Wall.tooltip.hide();
      window.Wall.selectPrecinct(roster && index >= 0 ? roster.ids[index] : null);
    });
    link.on('painted', ({ at }) => {
      window.performance.mark('warroom-map-painted', { startTime: Math.max(0, at - window.performance.timeOrigin) });
    });
    link.on('failed', ({ message }) => write('map-note', `The map cannot be drawn: ${message}`));
    return link;
  }

  // The day was loaded again, or another: map and names may be others, so the page begins anew (once a minute at most).
  function anotherDay(n, day) {
    const name = `${day.name} ${day.date} ${n} ${day.loaded}`;
    const { roster } = window.Wall;
    const isOther = (dayName && dayName !== name) || (roster && roster.ids.length !== n);
    dayName = name;
    if (!isOther) return;
    const last = Number(window.sessionStorage.getItem('warroom-reloaded'));
    clearTimeout(reload);
    reload = setTimeout(() => {
      window.sessionStorage.setItem('warroom-reloaded', Date.now());
      window.location.reload();
    }, Math.max(0, last + RELOAD_MS - Date.now()));
  }

  let dayName = '';
  let reload = 0;
  let waiting = {}; // what came before the page stood

  function panels(data) {
    if (!mounted) {
      waiting = { ...waiting, ...Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined)) };
      return;
    }
    const { headline, regions, alerts, feeds, day, tally } = data;
    if (day) window.Wall.headline.setDay(day);
    if (headline) {
      window.Wall.headline.setHeadline(headline);
      window.Wall.alerts.setTotal(headline.alerts_open);
      window.Wall.volunteers.setHeadline(headline);
      window.Wall.feeds.setReports(headline.reports);
      const votes = window.Wall.headline.heard() ? headline.votes : null;
      window.Wall.curve.setCurve(headline.curve, window.Wall.headline.day(), link.now_ms(), votes);
    }
    window.Wall.headline.setTally(tally);
    if (regions) window.Wall.regions.setRegions(regions);
    if (alerts) hearAlerts(alerts);
    if (feeds) window.Wall.feeds.setFeeds(feeds);
    tick();
  }

  function hearAlerts(alerts) {
    window.Wall.worst.setAlerts(alerts);
    window.Wall.volunteers.setAlerts(alerts);
    window.Wall.alerts.setAlerts(alerts);
    if (window.Wall.sound.hear(alerts)) window.Wall.views.interrupt();
  }

  // An alert or a region chosen from any view: the city view shows it on the map.
  function onMap(show) {
    if (window.Wall.views.now().view !== 'city') window.Wall.views.choose('city');
    show();
  }

  window.Wall.showAlert = (alert) => onMap(() => window.Wall.select(alert));
  window.Wall.showRegion = (name) => onMap(() => link.order('frame', { region: name }));
  window.Wall.redrawAll = () => {
    window.Wall.alerts.fitList();
    window.Wall.regions.fit();
    window.Wall.worst.fit();
    window.Wall.curve.redraw();
  };

  function tick() {
    if (!mounted) return;
    const at = performance.now();
    window.Wall.views.tick(at);
    window.Wall.ticker.tick(at);
    window.Wall.worst.tick(link);
    window.Wall.volunteers.tick(link);
    window.Wall.headline.tick(link);
    window.Wall.feeds.tick(link);
    window.Wall.alerts.tick(link);
    signal();
  }

  function signal() {
    const stale = link.isStale();
    mark(document.body, 'link', stale ? 'stale' : link.everHeard ? 'live' : 'waiting');
    const banner = document.getElementById('banner');
    const still = link.standsStill();
    banner.hidden = !stale && !link.storeIsDown && !still;
    write('link-word', stale ? 'no signal' : link.everHeard ? 'live' : 'connecting');
    if (banner.hidden) return;
    const from = stale ? link.figuresFrom_ms() : link.boardAt_ms;
    const words = from === null ? 'Nothing received yet.' : `Figures are from ${time(from)}.`;
    const why = link.storeIsDown ? 'The store does not answer.' : 'The watch does not answer; reports are still taken.';
    const silent = link.isSignedOut ? 'This screen is signed out: open its wall link again, or sign in.' : `No signal for ${span(link.silence_ms())}.`;
    write(banner, `${stale ? silent : why} ${words}`);
  }

  function mount(box) {
    mounted = box;
    window.performance.mark('warroom-wall-mounted');
    ensureLink();
    window.Wall.map.mount(box, link);
    window.Wall.detail.bind(link);
    window.Wall.legend.draw();
    document.getElementById('alerts-more').addEventListener('click', window.Wall.alerts.toggleMore);
    window.Wall.sound.mount();
    const refit = new ResizeObserver(() => window.Wall.redrawAll());
    for (const id of ['alerts-panel', 'curve', 'regions-panel']) refit.observe(document.getElementById(id));
    document.fonts.ready.then(() => window.Wall.redrawAll());
    const early = waiting;
    waiting = {};
    panels(early);
    window.Wall.views.mount(link);
    tick();
    return [setInterval(tick, TICK_MS)];
  }

  function unmount() {
    link.worker.terminate();
    link = null;
    mounted = null;
    delete document.body.dataset.link;
    window.Wall.views.unmount();
    for (const part of ['alerts', 'feeds', 'regions', 'worst', 'volunteers']) window.Wall[part].reset();
  }

  window.warroom = {
    stats: () => link.ask('stats'),
    cell: (id) => link.ask('cell', id),
    colorAt: (id) => link.ask('colorAt', id),
    measure: (rounds) => link.ask('measure', rounds),
    zoomTo: (id, size) => link.order('zoomTo', { id, size }),
    fit: () => link.order('fit'),
  };

  if (/\/wall\/?$/.test(window.location.pathname)) ensureLink();
  window.Wall.room.page('wall-map', mount, unmount);
})();
