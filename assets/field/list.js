// The ranked list: rows in order, groups in a flood, selection. A list under a hand is not reordered.
(function () {
  'use strict';

  const { make, write, number, isKnown } = window.Wall.format;
  const PAGE = 60;
  const HAND_MS = 1500; // after the pointer last moved over the list
  const rows = new Map(); // id -> Row
  const groups = new Map(); // key -> {item, …}
  const selected = new Set();
  let passed = new Set(); // ids that the filters let through: what nobody sees is not taken with the others
  const opened = new Set(); // keys of groups that are unfolded
  let limit = PAGE;
  let handAt = -Infinity;
  let later = 0;
  let current = null; // id of the row that has the tab stop
  let on = null;
  let spoken = null; // ids already announced
  let closed = false;

  function bind(next) {
    on = next;
    const list = document.getElementById('field-list');
    const hand = () => { handAt = performance.now(); };
    for (const type of ['pointermove', 'pointerdown', 'wheel']) list.addEventListener(type, hand, { passive: true });
    list.addEventListener('focusin', (event) => {
      const item = event.target.closest('li[data-alert]');
      if (item) stand(item.dataset.alert);
    });
    document.getElementById('field-more').addEventListener('click', () => {
      limit += PAGE;
      on.again();
    });
  }

  function show(all, card) {
    const list = document.getElementById('field-list');
    const passing = all.filter(window.Field.filters.passes);
    for (const row of passing) if (rows.has(row.id)) rows.get(row.id).fill(row);
    count(all, passing);
    passed = new Set(passing.map((row) => row.id));
    on.selected(chosen());
    announce(all);
    clearTimeout(later);
    const same = list.children.length > 0 && performance.now() - handAt < HAND_MS;
    if (same) {
      later = setTimeout(() => show(all, card), HAND_MS);
      return;
    }
    const entries = arrange(passing, card);
    place(list, entries.slice(0, limit));
    const more = document.getElementById('field-more');
    more.hidden = entries.length <= limit;
    write(more, `Show ${number(Math.min(PAGE, entries.length - limit))} more of ${number(entries.length)}`);
    drop(new Set(all.map((row) => row.id)));
  }

  // Rows, and in a flood a line for each group in the place of its first member.
  function arrange(passing, card) {
    const told = card && card.flood ? card.groups : [];
    const groupOf = new Map(told.flatMap((group) => group.ids.map((id) => [id, group])));
    const byGroup = new Map();
    for (const row of passing) {
      const group = groupOf.get(row.id);
      if (group && row.asks) byGroup.set(group.key, [...(byGroup.get(group.key) || []), row]);
    }
    const done = new Set();
    const entries = [];
    for (const row of passing) {
      const group = row.asks ? groupOf.get(row.id) : undefined;
      const members = group ? byGroup.get(group.key) : [];
      if (members.length < 2) {
        entries.push(rowItem(row));
      } else if (!done.has(group.key)) {
        done.add(group.key);
        entries.push(groupItem(group, members));
        if (opened.has(group.key)) members.forEach((member) => entries.push(rowItem(member, true)));
      }
    }
    return entries;
  }

  function rowItem(row, inGroup) {
    if (!rows.has(row.id)) rows.set(row.id, new window.Field.Row(row, { ...on, select }));
    const { item } = rows.get(row.id);
    item.classList.toggle('f-member', Boolean(inGroup));
    return item;
  }

  function groupItem(group, members) {
    if (!groups.has(group.key)) groups.set(group.key, newGroup(group.key));
    const held = groups.get(group.key);
    held.members = members;
    const { kind, SEVERITY } = window.Field.words;
    const where = group.site ? group.site_name || group.site : group.region || 'no region';
    const what = group.kind ? kind(group).word : 'alerts of several kinds';
    write(held.name, `${members.length} × ${what}, ${where}`);
    write(held.note, SEVERITY[group.severity]);
    const missing = short(members);
    write(held.short, missing > 0 ? `${number(missing)} voters short` : '');
    const free = members.filter((row) => row.handling.steps.includes('acknowledge')).length;
    write(held.take, `Acknowledge ${free}`);
    held.take.hidden = !free;
    held.take.setAttribute('aria-label', `Acknowledge ${free}: ${held.name.textContent}`);
    held.name.setAttribute('aria-expanded', opened.has(group.key));
    return held.item;
  }

  // Voters short in a group; a region's own alert counts those of its precincts already.
  function short(members) {
    const whole = members.filter((row) => !row.precinct && !row.site);
    return (whole.length ? whole : members).reduce((sum, row) => sum + (isKnown(row.expected) ? row.shortfall || 0 : 0), 0);
  }

  function newGroup(key) {
    const held = { members: [] };
    held.name = make('button', { type: 'button', class: 'f-place', onclick: () => {
      if (!opened.delete(key)) opened.add(key);
      handAt = -Infinity;
      on.again();
    } });
    held.note = make('span', { class: 'f-severity' });
    held.short = make('b', { class: 'f-short' });
    held.take = make('button', { type: 'button', class: 'f-first', onclick: () => on.takeAll(held.members) });
    held.item = make('li', { class: 'f-group', 'data-group': key }, make('p', { class: 'f-line' }, held.name, held.note, held.short), held.take);
    return held;
  }

  function place(list, items) {
    const active = list.contains(document.activeElement) ? document.activeElement : null;
    const stood = [...list.children].findIndex((item) => item.contains(active));
    window.Wall.lists.order(list, items);
    if (active && !active.isConnected) nearest(list, stood).focus({ preventScroll: true });
    if (!itemOf(current)) {
      const first = list.querySelector('li[data-alert]');
      if (first) stand(first.dataset.alert);
    }
  }

  // Where the row with the focus has left: the one that stands in its place now.
  function nearest(list, position) {
    const items = [...list.children].slice(0, position + 1).filter((item) => item.dataset.alert);
    return items.pop() || list.querySelector('li[data-alert]') || document.getElementById('field-panel');
  }

  function drop(known) {
    for (const id of [...selected]) if (!known.has(id)) selected.delete(id);
    for (const id of [...rows.keys()]) if (!known.has(id)) rows.delete(id);
  }

  function itemOf(id) {
    const row = rows.get(id);
    return row && row.item.isConnected ? row.item : null;
  }

  function stand(id) {
    if (current !== id && rows.has(current)) rows.get(current).reach(false);
    current = id;
    if (rows.has(id)) rows.get(id).reach(true);
  }

  function move(step) {
    const items = [...document.getElementById('field-list').children];
    const stood = items.findIndex((item) => item.contains(document.activeElement));
    const at = stood >= 0 ? stood : items.findIndex((item) => item.dataset.alert === current);
    const to = step === 'first' ? 0 : step === 'last' ? items.length - 1 : Math.max(0, Math.min(items.length - 1, at + step));
    if (items[to]) (items[to].dataset.alert ? items[to] : items[to].querySelector('button')).focus();
  }

  function select(row, isOn) {
    if (isOn) selected.add(row.id);
    else selected.delete(row.id);
    if (rows.has(row.id)) rows.get(row.id).check.checked = isOn;
    on.selected(chosen());
  }

  function clear() {
    for (const id of selected) if (rows.has(id)) rows.get(id).check.checked = false;
    selected.clear();
    on.selected([]);
  }

  const takeGroup = (key) => on.takeAll(groups.get(key).members);

  // After one's own decision the list may move at once.
  function settle() {
    handAt = -Infinity;
  }

  const chosen = () => [...selected].filter((id) => rows.has(id) && passed.has(id)).map((id) => rows.get(id).row);
  const at = () => (rows.has(current) ? rows.get(current).row : null);

  function count(all, passing) {
    const asking = passing.filter((row) => row.asks).length;
    const hidden = all.length - passing.length;
    const words = closed ? 'open as the polls closed' : asking === 1 ? 'needs action' : 'need action';
    write('field-count', `${number(asking)} ${words}${hidden ? `, ${number(hidden)} filtered out` : ''}`);
    const empty = document.getElementById('field-empty');
    empty.hidden = passing.length > 0;
    write(empty, all.length ? 'Nothing passes these filters.' : 'Nothing needs action now. First flags need about two reports from a precinct.');
  }

  function announce(all) {
    const asking = all.filter((row) => row.asks);
    const fresh = spoken ? asking.filter((row) => !spoken.has(row.id)) : [];
    spoken = new Set([...(spoken || []), ...asking.map((row) => row.id)]);
    if (fresh.length) on.fresh(fresh);
  }

  function tick(now_ms, isClosed) {
    closed = isClosed;
    for (const row of rows.values()) row.tick(now_ms);
  }

  function markOpen(id) {
    for (const [key, row] of rows) window.Wall.format.mark(row.item, 'chosen', key === id ? 'yes' : null);
  }

  window.Field.list = { bind, show, move, select, settle, takeGroup, clear, chosen, at, tick, markOpen, focus: (id) => { const item = itemOf(id); if (item) item.focus(); } };
})();
