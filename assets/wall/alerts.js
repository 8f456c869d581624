// The open alerts, most important first. Nodes are kept and moved, so that focus survives an update.
(function () {
  'use strict';

  const { make, write, mark, sign, number, span, percent, isKnown } = window.Wall.format;
  const LOUD_NEW = 3; // more new alerts than this at once are announced as a number

  const rows = new Map(); // id -> {item, parts…}
  let alerts = [];
  let announced = null; // ids already spoken; null until the first list

  function setAlerts(next, link) {
    const list = document.getElementById('alerts');
    if (!list) return;
    alerts = next;
    const ids = new Set(alerts.map((alert) => alert.id));
    for (const [id, row] of rows) {
      if (ids.has(id)) continue;
      row.item.remove();
      rows.delete(id);
    }
    alerts.forEach((alert, position) => {
      const row = rows.get(alert.id) || addRow(alert, link);
      fill(row, alert, position);
      if (list.children[position] !== row.item) list.insertBefore(row.item, list.children[position] || null);
    });
    document.getElementById('alerts-empty').hidden = alerts.length > 0;
    announce();
    fitList();
  }

  function addRow(alert, link) {
    const row = {
      rank: make('span', { class: 'rank' }),
      icon: make('span', { class: 'kind-sign' }),
      place: make('button', { class: 'place', type: 'button', onclick: () => window.Wall.select(row.alert) }),
      kind: make('span', { class: 'kind' }),
      age: make('span', { class: 'age' }),
      reason: make('p', { class: 'reason' }),
      owner: make('span', { class: 'owner' }),
      take: make('button', { class: 'take', type: 'button', onclick: () => window.Wall.acknowledge(row.alert, link) }, 'Acknowledge'),
    };
    row.item = make(
      'li', { 'data-alert': alert.id },
      row.rank, row.icon,
      make('div', { class: 'alert-text' },
        make('p', { class: 'alert-head' }, row.place),
        make('p', { class: 'alert-note' }, row.kind, row.age, row.owner, row.take),
        row.reason)
    );
    rows.set(alert.id, row);
    return row;
  }

  function fill(row, alert, position) {
    row.alert = alert;
    const kind = self.WarroomSigns.kind(alert.kind);
    write(row.rank, String(position + 1));
    if (row.shape !== kind.shape) {
      row.shape = kind.shape;
      row.icon.replaceChildren(sign(kind.shape));
    }
    const place = alert.place || alert.precinct || alert.site || alert.region || 'Unknown place';
    write(row.place, place);
    row.place.title = alert.region ? `${place}, ${alert.region}` : place;
    row.place.style.setProperty('--letters', place.length);
    write(row.kind, kind.word);
    row.kind.title = gap(alert);
    write(row.reason, alert.reason || '');
    row.reason.title = alert.reason || '';
    mark(row.item, 'severity', alert.severity);
    mark(row.item, 'kind', alert.kind);
    const taken = alert.owner || alert.status === 'acknowledged';
    mark(row.item, 'taken', taken ? 'yes' : null);
    write(row.owner, taken ? `${alert.owner || 'Someone'} has it` : '');
    row.take.hidden = Boolean(taken);
    row.take.setAttribute('aria-label', `Acknowledge: ${place}, ${kind.word}`);
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
      : fresh.map((alert) => `New alert: ${alert.place || alert.precinct || alert.site}, ${self.WarroomSigns.kind(alert.kind).word}.`).join(' ');
    write('alerts-live', words);
  }

  // A wall has no hand to scroll it: what does not fit whole is left out and counted.
  function fitList() {
    const list = document.getElementById('alerts');
    const more = document.getElementById('alerts-more');
    if (!list || !more) return;
    const items = [...list.children];
    items.forEach((item) => { item.hidden = false; });
    let left = 0;
    const panel = document.getElementById('alerts-panel');
    if (panel.dataset.expanded !== 'yes' && window.getComputedStyle(list).overflowY === 'hidden') {
      const bottom = list.getBoundingClientRect().bottom + 1;
      items.forEach((item, position) => {
        if (position && item.getBoundingClientRect().bottom > bottom) {
          item.hidden = true;
          left += 1;
        }
      });
    }
    const beyond = Math.max(0, total - items.length);
    const words = left + beyond > 0 ? `+ ${number(left + beyond)} more` : panel.dataset.expanded === 'yes' ? 'Fewer' : '';
    write(more, words);
    more.hidden = !words;
    more.disabled = left === 0 && panel.dataset.expanded !== 'yes';
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
      if (now_ms !== null && row.alert) write(row.age, `${span(now_ms - row.alert.raised_ms)} old`);
    }
  }

  function reset() {
    rows.clear();
    announced = null;
  }

  window.Wall.alerts = { setAlerts, setTotal, toggleMore, fitList, tick, reset };
})();
