// The chosen precinct: marked on the map, its chart beside it (drawn by Plotly through a callback).
(function () {
  'use strict';

  const REFRESH_MS = 20000;
  let chosen = null;
  let refreshTimer = 0;
  let link = null;

  function selectPrecinct(id) {
    chosen = id || null;
    clearInterval(refreshTimer);
    if (link) link.order('select', { id: chosen });
    const panel = document.getElementById('side-chart');
    if (panel) window.Wall.format.mark(panel, 'showing', chosen ? 'precinct' : 'day');
    tell();
    if (!chosen) {
      window.Wall.curve.redraw();
      return;
    }
    refreshTimer = setInterval(tell, REFRESH_MS);
    if (panel && window.matchMedia('(max-width: 700px)').matches) panel.scrollIntoView({ block: 'nearest' });
  }

  function tell() {
    if (!window.dash_clientside || !window.dash_clientside.set_props) return;
    window.dash_clientside.set_props('wall-selected', { data: chosen });
  }

  // From the list of alerts: show its precinct, the first precinct of its site, or its region.
  function select(alert) {
    const { roster } = window.Wall;
    let id = alert.precinct;
    if (!id && roster && roster.sites) id = roster.ids[roster.sites.indexOf(alert.site)];
    if (!id) {
      if (alert.region && link) link.order('frame', { region: alert.region });
      return;
    }
    if (link) link.order('zoomTo', { id });
    selectPrecinct(id);
  }

  function bind(next) {
    link = next;
    document.getElementById('detail-close').addEventListener('click', () => selectPrecinct(null));
  }

  window.Wall.selectPrecinct = selectPrecinct;
  window.Wall.select = select;
  window.Wall.detail = { bind };
})();
