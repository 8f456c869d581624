// Keys work while the list or the panel has the focus, so that no letter is taken from a reader or a field.
(function () {
  'use strict';

  const MOVES = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, Home: 'first', End: 'last', PageDown: 10, PageUp: -10 };

  function bind() {
    document.getElementById('field-list').addEventListener('keydown', pressed);
    document.getElementById('field-panel').addEventListener('keydown', (event) => {
      if (event.key === 'Escape') window.Field.panel.close();
    });
  }

  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { list, panel, act, words } = window.Field;
    const onButton = event.target.closest('button, input');
    if (event.key === 'Escape' && panel.isOpen()) return done(event, () => panel.close());
    if (event.key in MOVES) return done(event, () => list.move(MOVES[event.key]));
    if (event.key === '?') return done(event, () => window.Field.dialogs.keys());
    const group = event.target.closest('li[data-group]');
    if (group) return event.key === 'a' ? done(event, () => list.takeGroup(group.dataset.group)) : undefined;
    const row = list.at();
    if (!row || (onButton && (event.key === 'Enter' || event.key === ' '))) return undefined;
    if (event.key === 'Enter') return done(event, () => panel.open(row));
    if (event.key === ' ') return done(event, () => list.select(row, !list.chosen().some(({ id }) => id === row.id)));
    if (event.key === 'h') return done(event, () => act.shelve(row));
    if (event.key === 'u') return done(event, () => act.undoNow());
    const step = Object.keys(words.STEPS).find((what) => words.STEPS[what].key === event.key);
    return step ? done(event, () => act.step(row, step)) : undefined;
  }

  function done(event, what) {
    event.preventDefault();
    what();
  }

  window.Field.keys = { bind };
})();
