// Lists whose nodes are kept and moved, so that the focus and what somebody has opened survive an update.
(function () {
  'use strict';

  // These nodes and no others, in this order; one that stands right already is not touched.
  function order(list, nodes) {
    const held = list.contains(document.activeElement) ? document.activeElement : null;
    const wanted = new Set(nodes);
    for (const node of [...list.children]) if (!wanted.has(node)) node.remove();
    nodes.forEach((node, place) => {
      if (list.children[place] !== node) list.insertBefore(node, list.children[place] || null);
    });
    if (held && held.isConnected && held !== document.activeElement) held.focus({ preventScroll: true });
  }

  // One row an item. `rows`: key -> what `create(item)` gave, {item: node, …}; `fill(row, item, place)` writes into it.
  function keyed(list, rows, items, key, { create, fill = () => {} }) {
    const keys = new Set(items.map(key));
    for (const gone of [...rows.keys()].filter((one) => !keys.has(one))) rows.delete(gone);
    for (const item of items) if (!rows.has(key(item))) rows.set(key(item), create(item));
    order(list, items.map((item) => rows.get(key(item)).item));
    items.forEach((item, place) => fill(rows.get(key(item)), item, place));
  }

  // Where the list may not scroll (a wall), what does not fit is hidden. Gives how many show.
  function fit(list) {
    const items = [...list.children];
    items.forEach((item) => { item.hidden = false; });
    if (getComputedStyle(list).overflowY !== 'hidden') return items.length;
    const limit = list.getBoundingClientRect().bottom + 1;
    const visible = items.filter((item) => item.getBoundingClientRect().bottom <= limit).length;
    items.forEach((item, place) => { item.hidden = place >= visible; });
    return visible;
  }

  window.Wall = window.Wall || {};
  window.Wall.lists = { order, keyed, fit };
})();
