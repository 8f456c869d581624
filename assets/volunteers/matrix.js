// The table of sites by hours: one row a site, one cell an hour, worst gaps first as the server ordered them.
(function () {
  'use strict';

  const { make, write, mark, number, time } = window.Wall.format;
  const PAGE_ROWS = 60;
  const WALL = window.matchMedia('(min-width: 1800px) and (min-height: 1000px)');
  const isWall = () => WALL.matches && document.getElementById('crew').dataset.kiosk === 'yes'; // no hand scrolls it

  const rows = new Map(); // site -> {element, told}
  let table = null; // the newest answer of the server
  let region = '';
  let onlyGaps = false;
  let limit = PAGE_ROWS;

  // [state, figure shown, words for who cannot see it]; state is the class of the cell
  function cell(site, n) {
    const planned = site.planned[n];
    const seen = site.seen[n];
    const { need } = site;
    if (seen === null) {
      if (table.heard || table.hours_ms[n] > table.now_ms) return planned >= need ? ['planned', planned, `${planned} of ${need} planned`]
        : planned ? ['short', planned, `${planned} of ${need} planned`]
        : ['none', '', 'nobody planned'];
      return ['unknown', '?', `${planned} planned, who is there is not known`];
    }
    if (seen >= need) return ['here', seen, `${seen} of ${need} here`];
    if (seen > 0) return ['some', seen, `${seen} of ${need} here`];
    return planned > 0 ? ['missing', 0, `${planned} planned, nobody here`] : ['none', '', 'nobody planned'];
  }

  function isShort(site) {
    return site.missing.length > 0 || site.here < site.need || site.planned.some((p, n) => site.seen[n] === null && p < site.need);
  }

  function shown() {
    return table.sites.filter((site) => (!region || site.region === region) && (!onlyGaps || isShort(site)));
  }

  function draw() {
    if (!table) return;
    const hours = table.hours_ms;
    const now = hours.findLastIndex((at_ms) => at_ms <= table.clock_ms);
    const list = shown();
    const box = document.getElementById('crew-matrix');
    head(box, hours, now);
    const body = box.tBodies[0] || box.appendChild(make('tbody'));
    const kiosk = isWall();
    const most = kiosk ? (rows.size ? fitting() : 1) : limit; // the first row drawn tells its height
    const shownRows = list.slice(0, most).map((site) => {
      const cells = hours.map((_, n) => cell(site, n));
      const told = JSON.stringify([site.name, cells, now, site.region]);
      let row = rows.get(site.site);
      if (!row || row.told !== told) {
        row = { element: line(site, cells, hours, now), told };
        rows.set(site.site, row);
      }
      return row.element;
    });
    window.Wall.lists.order(body, shownRows);
    for (const [site, row] of rows) if (!row.element.isConnected) rows.delete(site);
    const left = list.length - rows.size;
    const more = document.getElementById('crew-more');
    more.hidden = left <= 0;
    more.disabled = kiosk;
    write(more, kiosk ? `+ ${number(left)} more sites: choose a region, or only gaps` : `Show ${number(Math.min(PAGE_ROWS, left))} of ${number(left)} more sites`);
    if (kiosk && rows.size === 1 && list.length > 1) draw();
    write('crew-sites-note', `${number(list.length)} sites, worst first`);
  }

  function head(box, hours, now) {
    const told = `${hours.join()} ${now}`;
    if (box.dataset.head === told) return;
    box.dataset.head = told;
    if (box.tHead) box.tHead.remove();
    const cells = hours.map((at_ms, n) => {
      const th = make('th', { scope: 'col', 'data-now': n === now ? 'yes' : null }, time(at_ms).slice(0, 2));
      th.append(make('span', { class: 'unseen' }, `${time(at_ms).slice(2)}${n === now ? ', now' : ''}`));
      return th;
    });
    box.insertBefore(make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, 'Site'), ...cells)), box.firstChild);
    mark('crew-matrix', 'hours', hours.length);
    box.style.setProperty('--hours', hours.length);
  }

  function line(site, cells, hours, now) {
    const title = `${site.name}${site.region ? `, ${site.region}` : ''}: needs ${site.need}, about ${number(site.expected)} voters expected`;
    return make(
      'tr', {},
      make('th', { scope: 'row', title }, site.name),
      ...cells.map(([state, figure, words], n) => make(
        'td', { class: 'crew-cell', 'data-c': state, 'data-now': n === now ? 'yes' : null, title: `${time(hours[n])}: ${words}` },
        make('span', { 'aria-hidden': 'true' }, String(figure)),
        make('span', { class: 'unseen' }, words)))
    );
  }

  // A wall has no hand to scroll it: as many rows as its panel is high.
  function fitting() {
    const box = document.getElementById('crew-matrix');
    const space = document.getElementById('crew-scroll').clientHeight - box.tHead.offsetHeight;
    const gap = parseFloat(getComputedStyle(box).borderSpacing) || 0;
    return Math.max(3, Math.floor((space - 2 * gap) / (rowHeight(box) + gap)));
  }

  function rowHeight(box) {
    const first = box.tBodies[0] && box.tBodies[0].rows[0];
    return first ? first.offsetHeight : 32;
  }

  function filters() {
    const form = document.getElementById('crew-filter');
    const names = [...new Set(table.sites.map((site) => site.region))].filter(Boolean).sort();
    if (form.dataset.names === names.join()) return;
    form.dataset.names = names.join();
    const select = make('select', { id: 'crew-region', name: 'region' }, make('option', { value: '' }, 'All regions'),
      ...names.map((name) => make('option', { value: name }, name)));
    const gaps = make('input', { id: 'crew-only', type: 'checkbox' });
    select.value = region;
    gaps.checked = onlyGaps;
    select.addEventListener('change', () => { region = select.value; limit = PAGE_ROWS; draw(); });
    gaps.addEventListener('change', () => { onlyGaps = gaps.checked; limit = PAGE_ROWS; draw(); });
    form.replaceChildren(make('label', { for: 'crew-region', class: 'unseen' }, 'Region'), select,
      make('label', { for: 'crew-only' }, gaps, ' Only gaps'));
    form.addEventListener('submit', (event) => event.preventDefault());
  }

  function setTable(next) {
    table = next;
    const empty = document.getElementById('crew-empty');
    const words = !next.sites.length ? 'This day has no poll sites: add sites.csv, or site_id to precincts.csv.'
      : !next.planned ? 'No shifts are planned: add shifts.csv and volunteers.csv to the day folder and load it again.'
      : !next.heard ? 'No shift report yet: who is there is not known. Awaited: reports of kind "shift".'
      : '';
    empty.hidden = !words;
    write(empty, words);
    filters();
    draw();
  }

  function more() {
    limit += PAGE_ROWS;
    draw();
  }

  function reset() {
    rows.clear();
    table = null;
    limit = PAGE_ROWS;
  }

  window.Crew = { ...window.Crew, matrix: { setTable, draw, more, reset } };
})();
