// The open alerts, most important first. Nodes are kept and moved, so that focus survives an update.
(function () {
  'use strict';

  const { make, write, mark, icon, placeOf, number, span, time, percent, isKnown } = window.Wall.format;
  const MOST_IN_FULL = 3;
  const ON_PHONE = 5;
  const narrow = window.matchMedia('(max-width: 700px), (max-aspect-ratio: 1/1)');
  const LOUD_NEW = 3; // more new alerts than this at once are announced as a number

  const rows = new Map(); // id -> {item, parts…}
  let alerts = [];
  let announced = null; // ids already spoken; null until the first list

  function setAlerts(next) {
    const list = document.getElementById('alerts');
    if (!list) return;
    alerts = next;
    window.Wall.lists.keyed(list, rows, alerts, ({ id }) => id, { create, fill });
    document.getElementById('alerts-empty').hidden = alerts.length > 0;
    announce();
    fitList();
  }

  function create(alert) {
    const row = {
      rank: make('span', { class: 'rank' }),
      icon: make('span', { class: 'kind-sign' }),
      place: make('button', { class: 'place', type: 'button', onclick: () => window.Wall.showAlert(row.alert) }),
      kind: make('span', { class: 'kind' }),
      age: make('span', { class: 'alert-age' }),
      reason: make('span', { class: 'reason' }),
      owner: make('span', { class: 'owner' }),
      take: make('button', { class: 'take', type: 'button', onclick: () => window.Wall.acknowledge(row.alert) }, 'Acknowledge'),
    };
    row.item = make(
      'li', { 'data-alert': alert.id },
      make('div', { class: 'alert-mark' }, row.icon, row.rank),
      make('div', { class: 'alert-text' },
        row.place,
        make('div', { class: 'alert-foot' },
          make('p', { class: 'alert-note' }, row.owner, row.kind, ' · ', row.age, ' · ', row.reason), row.take))
    );
    return row;
  }

  function fill(row, alert, position) {
    row.alert = alert;
    const kind = self.WarroomSigns.kind(alert.kind);
    write(row.rank, String(position + 1));
    icon(row.icon, kind);
    const place = placeOf(alert);
    write(row.place, place);
    row.place.title = alert.region ? `${place}, ${alert.region}` : place;
    row.place.style.setProperty('--letters', Math.max(...place.split(' ').map((word) => word.length), 10));
    write(row.kind, kind.word);
    row.kind.title = gap(alert);
    write(row.reason, (alert.reason || '').replace(/(\d) %/g, '$1\u00a0%'));
    row.reason.parentElement.title = alert.reason || '';
    mark(row.item, 'severity', alert.severity);
    mark(row.item, 'kind', alert.kind);
    const taken = alert.owner || alert.status === 'acknowledged';
    mark(row.item, 'taken', taken ? 'yes' : null);
    write(row.owner, owner(alert, null));
    row.take.hidden = Boolean(taken);
    row.take.setAttribute('aria-label', `Acknowledge: ${place}, ${kind.word}`);
  }

  // Who has it, what they are at, and until when there should be news: "Ana sent help, news by 10:30 · "
  function owner(alert, now_ms) {
    if (!alert.owner && alert.status !== 'acknowledged') return '';
    const words = { dispatched: 'sent help', on_site: 'has help there' }[alert.handling] || 'has it';
    const late = now_ms !== null && now_ms > alert.deadline_ms;
    const due = isKnown(alert.deadline_ms) ? `, ${late ? 'overdue since' : 'news by'} ${time(alert.deadline_ms)}` : '';
    return `${alert.owner || 'Someone'} ${words}${due} · `;
  }

  // −63 of 143 · 97 % sure
  function gap(alert) {
    let text = '';
    if (isKnown(alert.shortfall) && isKnown(alert.expected) && alert.shortfall > 0) {
      text += ` · ${number(alert.shortfall)} short of ${number(alert.expected)}`;
    }
    if (isKnown(alert.probability)) text += ` · ${percent(Math.min(alert.probability, 0.99))} sure`;
    return text;
  }

  function announce() {
    const fresh = announced ? alerts.filter((alert) => !announced.has(alert.id)) : [];
    announced = new Set(alerts.map((alert) => alert.id));
    if (!fresh.length) return;
    const words = fresh.length > LOUD_NEW
      ? `${fresh.length} new alerts.`
      : fresh.map((alert) => `New alert: ${placeOf(alert)}, ${self.WarroomSigns.kind(alert.kind).word}.`).join(' ');
    write('alerts-live', words);
  }

  // A wall has no hand to scroll it: as many as fit in full, then in brief, and the rest as a number.
  function fitList() {
    const list = document.getElementById('alerts');
    const panel = document.getElementById('alerts-panel');
    if (!list || !panel) return;
    const items = [...list.children];
    const expanded = panel.dataset.expanded === 'yes';
    const visible = expanded ? items.length : narrow.matches ? Math.min(items.length, ON_PHONE) : fitting(list, items);
    items.forEach((item, position) => { item.hidden = position >= visible; });
    if (expanded || narrow.matches) items.forEach((item) => mark(item, 'brief', null));
    const isSeen = document.getElementById('wall').dataset.view === 'city' && !narrow.matches && !expanded;
    window.Wall.ticker.set(alerts, isSeen ? visible : narrow.matches ? alerts.length : 0, Math.max(total, items.length));
    const more = document.getElementById('alerts-more');
    const left = Math.max(total, items.length) - visible;
    write(more, expanded && items.length > 1 ? 'Fewer' : left > 0 ? `+ ${number(left)} more` : '');
    more.hidden = !more.textContent;
    more.disabled = !expanded && visible === items.length;
  }

  // How many rows the list's height holds, with as many of the first in full as can be.
  function fitting(list, items) {
    const limit = list.getBoundingClientRect().bottom + 1;
    const fits = (item) => item.getBoundingClientRect().bottom <= limit;
    items.forEach((item) => { item.hidden = false; });
    for (let full = Math.min(MOST_IN_FULL, items.length); full > 0; full--) {
      items.forEach((item, position) => mark(item, 'brief', position >= full ? 'yes' : null));
      if (full > 1 && !fits(items[full - 1])) continue;
      return Math.max(full, items.filter(fits).length);
    }
    return items.length;
  }

  let total = 0;
  function setTotal(count) {
    total = count || 0;
  }

  function toggleMore() {
    const panel = document.getElementById('alerts-panel');
    mark(panel, 'expanded', panel.dataset.expanded === 'yes' ? null : 'yes');
    fitList();
  }

  function tick(link) {
    const now_ms = link.now_ms();
    for (const row of rows.values()) {
      if (now_ms === null || !row.alert) continue;
      write(row.age, span(now_ms - row.alert.raised_ms));
      write(row.owner, owner(row.alert, now_ms));
    }
  }

  function reset() {
    rows.clear();
    announced = null;
  }

  window.Wall.alerts = { setAlerts, setTotal, toggleMore, fitList, tick, reset };
})();
