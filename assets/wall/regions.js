// The regions: a short list beside the map, the whole table and one region's figures in their own view.
(function () {
  'use strict';

  const { make, write, mark, number, range, percent, isKnown, NOTHING } = window.Wall.format;
  const APART_Z = 1.645; // beyond this a region is not where its history would put it
  const WIDEST = 0.4; // share apart from history that fills half the bar

  let rows = [];
  let shown = '';
  let note = ''; // where the server sends only some of the regions
  const listed = new Map(); // name -> parts of the short list
  const tabled = new Map(); // name -> parts of the table

  const byNeed = (a, b) => (a.vs_history ?? Infinity) - (b.vs_history ?? Infinity) || a.name.localeCompare(b.name);

  // Names for a round of the rotation: all of them, or those farthest from their history; none below two.
  function order(most) {
    if (rows.length < 2) return [];
    const far = [...rows].sort((a, b) => Math.abs(b.z ?? 0) - Math.abs(a.z ?? 0)).slice(0, most);
    return far.sort(byNeed).map((row) => row.name);
  }

  function setRegions(regions) {
    rows = [...((regions && regions.rows) || [])].sort(byNeed);
    const panel = document.getElementById('regions-panel');
    if (!panel) return;
    panel.hidden = rows.length < 2;
    note = (regions && regions.note) || '';
    const { keyed } = window.Wall.lists;
    keyed(document.getElementById('regions'), listed, rows, ({ name }) => name, { create: shortRow, fill: fillShort });
    keyed(document.getElementById('regions-table'), tabled, rows, ({ name }) => name, { create: tableRow, fill: fillTable });
    document.getElementById('regions-table').style.setProperty('--rows', rows.length);
    mark('regions-full', 'many', rows.length > 12 ? 'yes' : null);
    document.getElementById('regions-empty').hidden = rows.length > 1;
    showRegion(shown);
    fit();
  }

  function apart(row) {
    if (!isKnown(row.vs_history)) return NOTHING;
    const share = row.vs_history - 1;
    const text = percent(Math.abs(share));
    return text === '0 %' ? '0 %' : `${share < 0 ? '−' : '+'}${text}`;
  }

  function standing(row) {
    if (!isKnown(row.z) || Math.abs(row.z) < APART_Z) return 'usual';
    return row.z < 0 ? 'low' : 'high';
  }

  function shortRow({ name }) {
    const share = make('b', {});
    const bar = make('i', { class: 'region-bar', 'aria-hidden': 'true' });
    return { item: make('li', { 'data-name': name }, make('span', { title: name }, name), bar, share), share, bar };
  }

  function fillShort({ item, share, bar }, row) {
    write(share, apart(row));
    mark(item, 'standing', standing(row));
    const width = Math.min(1, Math.abs((row.vs_history ?? 1) - 1) / WIDEST);
    bar.style.setProperty('--width', width.toFixed(3));
    mark(bar, 'side', (row.vs_history ?? 1) < 1 ? 'low' : 'high');
  }

  function tableRow({ name }) {
    const cell = (column) => make('td', { 'data-column': column });
    const cells = { votes: cell('votes'), final: cell('final'), band: cell('band'), reporting: cell('reporting'), apart: cell('apart') };
    const button = make('button', { type: 'button', onclick: () => window.Wall.showRegion(name) }, name);
    return { item: make('tr', { 'data-name': name }, make('th', { scope: 'row' }, button), ...Object.values(cells)), cells };
  }

  function fillTable({ item, cells }, row) {
    write(cells.votes, number(row.votes));
    write(cells.final, number(row.final));
    write(cells.band, range(row));
    write(cells.reporting, percent(row.total ? row.reporting / row.total : 0));
    cells.reporting.title = `${number(row.reporting)} of ${number(row.total)} precincts`;
    write(cells.apart, apart(row));
    mark(item, 'standing', standing(row));
  }

  // One region's figures, and its row marked.
  function showRegion(name) {
    shown = name;
    for (const [one, { item }] of [...listed, ...tabled]) mark(item, 'now', one === name ? 'yes' : null);
    const row = rows.find((one) => one.name === name);
    write('region-name', name || 'Regions');
    if (!row) return;
    document.getElementById('region-name').style.setProperty('--letters', name.length);
    write('region-votes', number(row.votes));
    const everywhere = rows.reduce((sum, one) => sum + one.votes, 0);
    write('region-votes-note', note || !everywhere ? '' : `${percent(row.votes / everywhere)} of all votes`);
    write('region-final', number(row.final));
    write('region-range', range(row) ? `90 %: ${range(row)}` : '');
    write('region-heard', percent(row.total ? row.reporting / row.total : 0));
    write('region-heard-note', `${number(row.reporting)} of ${number(row.total)} precincts`);
    write('region-apart', apart(row));
    write('region-apart-note', { low: 'Unusually low', high: 'Unusually high', usual: isKnown(row.z) ? 'Within what is usual' : 'Too little heard' }[standing(row)]);
    mark('region-apart', 'standing', standing(row));
  }

  // The short list is cut at a whole row.
  function fit() {
    const list = document.getElementById('regions');
    if (!list) return;
    const visible = window.Wall.lists.fit(list);
    const table = document.getElementById('regions-table').parentElement;
    table.style.setProperty('--shrink', 1);
    const room = table.parentElement.clientWidth - 2 * parseFloat(window.getComputedStyle(table.parentElement).paddingLeft);
    if (room > 0 && table.scrollWidth > room) table.style.setProperty('--shrink', (room / table.scrollWidth - 0.005).toFixed(3));
    const all = list.children.length;
    write('regions-note', note || (visible < all ? `${visible} of ${all} vs history` : 'vs history'));
  }

  function reset() {
    listed.clear();
    tabled.clear();
  }

  window.Wall.regions = { setRegions, showRegion, order, fit, reset };
})();
