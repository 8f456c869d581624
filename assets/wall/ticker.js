// One line for the alerts that have no room: a few at a time, changed whole, never sliding.
(function () {
  'use strict';

  const { make, sign, number, placeOf } = window.Wall.format;
  const PAGE_MS = 6000;

  let alerts = []; // those without room
  let beyond = 0; // more that the board counts but does not list
  let from = 0;
  let shown = 0;
  let changedAt = 0;

  // `first` is the rank of the first alert without room; `total` how many are open.
  function set(next, first, total) {
    const fresh = next.slice(first).map((alert, i) => ({ alert, rank: first + i + 1 }));
    const same = fresh.length === alerts.length && fresh.every(({ alert }, i) => alert === alerts[i].alert);
    beyond = Math.max(0, total - next.length);
    if (same) return;
    const ids = fresh.map(({ alert }) => alert.id).join();
    const isOther = ids !== alerts.map(({ alert }) => alert.id).join();
    alerts = fresh;
    if (from >= alerts.length) from = 0;
    if (isOther) draw();
  }

  function words({ alert, rank }) {
    const kind = self.WarroomSigns.kind(alert.kind);
    return make(
      'button', { type: 'button', title: alert.reason || '', onclick: () => window.Wall.showAlert(alert) },
      sign(kind.shape), make('b', {}, `${rank} ${placeOf(alert)}`), ` ${kind.word}${alert.owner ? ` · ${alert.owner}` : ''}`
    );
  }

  function draw() {
    const line = document.getElementById('ticker');
    if (!line) return;
    line.hidden = alerts.length === 0;
    line.replaceChildren();
    shown = 0;
    for (const one of alerts.slice(from)) {
      const item = words(one);
      line.append(item);
      if (line.scrollWidth > line.clientWidth + 1 && shown) {
        item.remove();
        break;
      }
      shown += 1;
    }
    if (beyond && from + shown >= alerts.length) {
      const rest = make('span', {}, `and ${number(beyond)} more`);
      line.append(rest);
      if (line.scrollWidth > line.clientWidth + 1) rest.remove();
    }
  }

  function tick(at) {
    if (at - changedAt < PAGE_MS) return;
    changedAt = at;
    const line = document.getElementById('ticker');
    if (!alerts.length || !line || line.matches(':hover, :focus-within')) return; // somebody is about to choose
    from = from + shown >= alerts.length ? 0 : from + shown;
    draw();
  }

  window.Wall.ticker = { set, tick, draw };
})();
