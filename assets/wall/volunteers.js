// Volunteers: who covers what, and the places that miss somebody; beside them the waits and the money.
// Each figure stands where its feed exists, and nothing stands where it does not.
(function () {
  'use strict';

  const { make, write, big, number, percent, span, time, icon, placeOf, isKnown } = window.Wall.format;
  const KINDS = new Set(['coverage_gap', 'long_wait', 'incident']);
  const MOST = 6;
  const SLOW = { coverage: 24, waits: 1, money: 3 }; // shifts change twice or thrice a day, nobody gives by the minute

  let headline = {};
  let calls = []; // alerts about people, lines and incidents
  const rows = [];

  function setHeadline(next) {
    headline = next;
    const { coverage, waits, money } = headline;
    const parts = [['coverage', coverage, fillCoverage], ['waits', waits, fillWaits], ['money', money, fillMoney]];
    for (const [name, figures, fill] of parts) {
      document.getElementById(`tile-${name}`).hidden = !figures;
      if (figures) fill(figures);
    }
    document.getElementById('extras').hidden = !(coverage || waits || money);
    fillBig(coverage, waits);
    empties();
  }

  function fillCoverage({ sites_covered: covered, sites, on_site: onSite, no_shows: missing }) {
    big('coverage-value', isKnown(covered) ? percent(sites ? covered / sites : 0) : '–', 4);
    write('coverage-range', isKnown(covered) ? `${number(covered)} of ${number(sites)}` : 'No arrival heard yet');
    write('coverage-note', isKnown(missing) ? `${number(missing)} no-shows` : isKnown(onSite) ? `${number(onSite)} there` : '');
  }

  function fillWaits({ over_30: over, sites_reporting: sites, worst_minutes: worst }) {
    big('waits-value', number(over), 4);
    write('waits-range', isKnown(worst) && worst > 0 ? `up to ${number(worst)} min` : `at ${number(sites)} sites`);
    write('waits-note', `of ${number(sites)}`);
  }

  function fillMoney({ cents }) {
    big('money-value', `$${number(Math.round(cents / 100))}`, 4);
  }

  function fillBig(coverage, waits) {
    const c = coverage || {};
    write('people-covered', isKnown(c.sites_covered) ? `${number(c.sites_covered)} of ${number(c.sites)}` : '–');
    write('people-there', number(c.on_site));
    write('people-missing', number(c.no_shows));
    write('people-waits', waits ? number(waits.over_30) : '–');
    write('people-waits-note', waits && isKnown(waits.worst_minutes) ? `of ${number(waits.sites_reporting)} sites; longest ${number(waits.worst_minutes)} min${waits.worst_place ? `, ${waits.worst_place}` : ''}` : '');
    for (const [id, there] of [['people-coverage', coverage], ['people-lines', waits]]) document.getElementById(id).hidden = !there;
  }

  function setAlerts(alerts) {
    calls = alerts.filter((alert) => KINDS.has(alert.kind)).slice(0, MOST);
    const list = document.getElementById('people-calls');
    if (!list) return;
    while (rows.length < calls.length) rows.push(addRow(list));
    rows.forEach((row, i) => {
      row.item.hidden = i >= calls.length;
      row.alert = calls[i];
      if (row.alert) fillRow(row, row.alert);
    });
    empties();
  }

  function empties() {
    document.getElementById('people-quiet').hidden = calls.length > 0 || !hasNews();
    document.getElementById('people-empty').hidden = hasNews();
    document.getElementById('people-figures').hidden = !(headline.coverage || headline.waits);
  }

  function addRow(list) {
    const row = { icon: make('span', { class: 'kind-sign' }), place: make('b', {}), note: make('p', {}), age: make('span', {}), reason: make('span', {}) };
    row.note.append(row.age, ' · ', row.reason);
    row.item = make('li', {}, row.icon, make('div', {}, row.place, row.note));
    list.append(row.item);
    return row;
  }

  function fillRow(row, alert) {
    const kind = self.WarroomSigns.kind(alert.kind);
    icon(row.icon, kind, true);
    const place = placeOf(alert);
    write(row.place, place);
    row.place.style.setProperty('--letters', Math.max(12, place.length));
    write(row.reason, [alert.owner ? `${alert.owner} has it` : '', kind.word, alert.reason].filter(Boolean).join(' · '));
  }

  function hasNews() {
    return Boolean(headline.coverage || headline.waits || calls.length);
  }

  function tick(link) {
    const now_ms = link.now_ms();
    for (const row of rows) if (row.alert && now_ms !== null) write(row.age, span(now_ms - row.alert.raised_ms));
    for (const name of ['coverage', 'waits', 'money']) if (headline[name]) window.Wall.headline.age(name, headline[name].at_ms, now_ms, link, { brief: true, slow: SLOW[name] });
  }

  function reset() {
    rows.length = 0;
  }

  window.Wall.volunteers = { setHeadline, setAlerts, hasNews, tick, reset };
})();
