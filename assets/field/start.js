// Joins the parts once the field page stands.
(function () {
  'use strict';

  const TICK_MS = 1000;
  const LOUD_NEW = 3;
  const STILL_MS = 20000; // the watch looks at least every two seconds
  const { make, write, mark, span, time, setZone, longDate } = window.Wall.format;
  let link = null;
  let desk = null;
  let day = null;

  function heard(data) {
    if (data.day) {
      day = data.day;
      setZone(day.timezone);
      write('field-day', day.name);
      write('field-date', longDate(day.date));
    }
    link.boardAt = performance.now(); // the watch was heard of
    desk.hear(data);
  }

  function again() {
    const { list, filters, panel } = window.Field;
    filters.options(desk.rows);
    list.show(desk.rows, desk.card);
    panel.follow();
    tick();
  }

  const left = (ms) => (ms < 3600000 ? span(ms) : `${span(ms)} min`);

  function tick() {
    const now_ms = link.now_ms();
    window.Field.list.tick(now_ms, Boolean(day) && now_ms >= day.closes_ms);
    write('field-clock', time(now_ms));
    write('field-close', !day || now_ms === null ? '' : now_ms < day.opens_ms ? ` polls open in ${left(day.opens_ms - now_ms)}` : now_ms < day.closes_ms ? ` polls close in ${left(day.closes_ms - now_ms)}` : ' polls are closed');
    const stale = link.isStale();
    mark(document.body, 'link', stale ? 'stale' : 'live');
    write('field-link', stale ? 'no signal' : 'live');
    const banner = document.getElementById('field-banner');
    const still_ms = performance.now() - (link.boardAt || 0);
    banner.hidden = !(stale && link.silence_ms() > 3000) && !link.storeIsDown && still_ms < STILL_MS;
    if (banner.hidden) return;
    const still = `The watch has not answered for ${span(still_ms)}: no new alerts until it does.`;
    write(banner, stale ? `No signal for ${span(link.silence_ms())}. The list is as it was then.` : link.storeIsDown ? 'The store does not answer.' : still);
  }

  function bulk(rows) {
    const box = document.getElementById('field-bulk');
    box.hidden = rows.length === 0;
    const key = String(rows.length);
    if (box.dataset.count === key) return;
    box.dataset.count = key;
    const { list, act } = window.Field;
    box.replaceChildren(
      make('span', { role: 'status' }, `${rows.length} selected`),
      make('button', { type: 'button', class: 'f-first', onclick: async () => { await act.acknowledgeAll(list.chosen()); list.clear(); } }, 'Acknowledge'),
      make('button', { type: 'button', onclick: () => list.clear() }, 'Clear'));
  }

  function fresh(rows) {
    const { place, kind } = window.Field.words;
    const words = rows.length > LOUD_NEW ? `${rows.length} new alerts.` : rows.map((row) => `New: ${place(row)}, ${kind(row).word}.`).join(' ');
    write('field-news', words);
  }

  function mount(box) {
    if (link) return;
    const { act, list, panel, filters, keys, load, dialogs } = window.Field;
    const { whoAmI, name } = window.Wall.questions;
    box.append(make('p', { id: 'field-news', class: 'unseen', 'aria-live': 'polite' }));
    link = new window.Field.Link(heard);
    desk = new window.Field.Desk(link, {
      rows: again,
      card: () => { load.show(desk.card, { unshelve: act.unshelve, open: panel.open, row: (id) => desk.row(id) }); again(); },
    });
    act.bind(desk);
    list.bind({ open: panel.open, step: act.step, selected: bulk, takeAll: act.acknowledgeAll, fresh, again });
    panel.bind(desk, { chosen: list.markOpen });
    keys.bind();
    filters.draw(document.getElementById('field-filters'), (name) => {
      if (name === 'scope') desk.setScope(filters.chosen.scope);
      else again();
    });
    desk.scope = filters.chosen.scope;
    if (whoAmI()) write('field-me', `You: ${whoAmI()}`);
    document.getElementById('field-me').addEventListener('click', async () => {
      const given = await name();
      if (given) write('field-me', `You: ${given}`);
      again();
    });
    document.getElementById('field-help').addEventListener('click', () => dialogs.keys());
    desk.load();
    setInterval(tick, TICK_MS);
    window.warroomField = { reload: () => desk.load(), link };
  }

  window.Wall.room.page('field', mount);
})();
