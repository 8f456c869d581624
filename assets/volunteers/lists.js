// Figures, gaps and people. Names are written only where the server gave them, which it does for directors.
(function () {
  'use strict';

  const { make, write, mark, figure, number, time, percent, isKnown, NOTHING } = window.Wall.format;
  const MOST_PEOPLE = 40;
  const MOST_GAPS = 20;
  const KINDS = [
    ['no_show', 'No-shows'], ['coming', 'On the way'], ['here', 'Here'], ['left', 'Left early'], ['expected', 'Due now'],
  ];
  const WHY = { no_show: 'has not come', left: 'has left', coming: 'is on the way' };

  let contacts = new Map(); // id -> {name, phone}; empty for viewers
  let kind = 'no_show';
  let table = null;

  function who(id) {
    const known = contacts.get(id);
    return known && known.name ? `${known.name} (${id})` : id;
  }

  function setContacts(list) {
    contacts = new Map(list.map((person) => [person.id, person]));
    if (table) setTable(table);
  }

  function figures() {
    const { summary, heard } = table;
    const share = (value) => (isKnown(value) && summary.sites ? percent(value / summary.sites) : '');
    figure('crew-covered', isKnown(summary.sites_covered) ? `${number(summary.sites_covered)} / ${number(summary.sites)}` : NOTHING,
      heard ? `${share(summary.sites_covered)} have who they need` : 'no shift report yet');
    figure('crew-onsite', number(summary.on_site), `${number(summary.coming)} on the way`);
    figure('crew-noshows', number(summary.no_shows), `of ${number(summary.running)} shifts running`);
    figure('crew-planned', `${number(summary.sites_planned)} / ${number(summary.sites)}`, `${share(summary.sites_planned)} of the sites`);
  }

  function gaps() {
    const sites = table.sites.filter((site) => site.missing.length && site.here < site.need);
    write('crew-gaps-count', number(sites.length));
    const items = sites.slice(0, MOST_GAPS).map((site) => make(
      'li', {},
      make('b', {}, site.name),
      make('span', {}, ` ${site.region}`),
      make('p', {}, `${site.here} of ${site.need} here. ${site.missing.map((m) => `${who(m.volunteer)} ${WHY[m.state] || 'is not there'}`).join(', ')}.`),
      make('p', { class: 'crew-note' }, `About ${number(site.expected)} voters expected today`)));
    if (!items.length) items.push(make('li', { class: 'empty' }, emptyGaps()));
    replace('crew-gaps', items);
    fit('crew-gaps', 'crew-gaps-more', sites.length);
  }

  function emptyGaps() {
    if (!table.planned) return 'No shifts are planned.';
    if (!table.heard) return 'Not known yet: no shift report has come.';
    return table.is_open ? 'Everybody who was planned is there.' : table.now_ms >= table.closes_ms ? 'The polls are closed.' : 'The polls are not open yet.';
  }

  function people() {
    const buttons = KINDS.map(([state, words]) => {
      const count = table.shifts.filter((shift) => shift.state === state && isOn(shift)).length;
      const button = make('button', { type: 'button', 'aria-pressed': String(kind === state), 'data-kind': state }, `${words} ${number(count)}`);
      button.addEventListener('click', () => { kind = state; people(); document.querySelector(`#crew-kinds [data-kind="${state}"]`).focus(); });
      return button;
    });
    const held = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.kind : null;
    replace('crew-kinds', buttons);
    if (held) document.querySelector(`#crew-kinds [data-kind="${held}"]`)?.focus();
    const names = new Map(table.sites.map((site) => [site.site, site.name]));
    const list = table.shifts.filter((shift) => shift.state === kind && isOn(shift)).sort((a, b) => (b.since_ms || 0) - (a.since_ms || 0));
    const items = list.slice(0, MOST_PEOPLE).map((shift) => {
      const known = contacts.get(shift.volunteer);
      const since = shift.since_ms ? ` · ${kind === 'no_show' ? 'reported' : 'since'} ${time(shift.since_ms)}` : '';
      return make('li', {},
        make('b', {}, who(shift.volunteer)),
        make('span', {}, known && known.phone ? ` ${known.phone}` : ''),
        make('p', {}, `${names.get(shift.site) || shift.site || 'no site'} · ${(shift.role || 'no role').replace(/_/g, ' ')} · ${time(shift.start_ms)}–${time(shift.end_ms)}${since}`));
    });
    if (!items.length) items.push(make('li', { class: 'empty' }, 'Nobody.'));
    replace('crew-people', items);
    fit('crew-people', 'crew-people-more', list.length);
  }

  // Shifts that run now; who signs in early for the next one is shown as well.
  function isOn(shift) {
    return shift.start_ms <= table.clock_ms + 45 * 60000 && table.clock_ms < shift.end_ms;
  }

  function replace(id, nodes) {
    const box = document.getElementById(id);
    const told = nodes.map((node) => node.outerHTML).join('');
    if (box.dataset.told === String(told.length) && box.innerHTML === told) return;
    box.replaceChildren(...nodes);
    mark(box, 'told', told.length);
  }

  // Where the list may not scroll (a wall), what does not fit is counted.
  function fit(id, more, total) {
    const visible = window.Wall.lists.fit(document.getElementById(id));
    write(more, total > visible ? `+ ${number(total - visible)} more` : '');
  }

  function setTable(next) {
    table = next;
    figures();
    gaps();
    people();
  }

  // The panels beside these lists have grown or shrunk.
  function refit() {
    if (table) setTable(table);
  }

  window.Crew = { ...window.Crew, lists: { setTable, setContacts, refit, who } };
})();
