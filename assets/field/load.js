// The room's alarm load: how much it is asked to look at, against what people can bear (EEMUA 191, ISA-18.2).
(function () {
  'use strict';

  const { make, mark, number, percent, time } = window.Wall.format;
  let drawn = '';

  function show(card, on) {
    const box = document.getElementById('field-load');
    const key = JSON.stringify(card);
    if (key === drawn) return;
    drawn = key;
    mark(box, 'flood', card.flood ? 'yes' : null);
    const wasOpen = box.querySelector('details[open]') !== null;
    const held = box.contains(document.activeElement);
    const details = make('details', wasOpen ? { open: '' } : {}, make('summary', {}, summary(card)), body(card, on));
    box.replaceChildren(figures(card), details);
    if (held) details.querySelector('summary').focus({ preventScroll: true });
  }

  function figures(card) {
    const pairs = [
      ['Unowned', number(card.unowned)],
      ['Escalated', number(card.escalated)],
      ['New in 10 min', number(card.new_10_min)],
      ['New in 1 h', number(card.new_hour)],
    ];
    return make('dl', {}, ...pairs.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value))));
  }

  function summary(card) {
    const words = [`${card.standing.length} standing over 4 h`, `${card.shelved.length} shelved`];
    return `${card.flood ? 'Flood: alerts are grouped. ' : ''}${words.join(', ')}`;
  }

  function body(card, on) {
    const shares = ['high', 'medium', 'low'].map((name) =>
      `${name} ${percent(card.shares[name])} (aim ${percent(card.targets[name])})`);
    const shelved = card.shelved.map((shelf) => make('li', {},
      make('span', {}, `${shelf.name || shelf.site}, until ${time(shelf.until_ms)}: ${shelf.alerts} open behind it. ${shelf.by}: ${shelf.reason}`),
      make('button', { type: 'button', onclick: () => on.unshelve(shelf.site, shelf.name || shelf.site) }, 'Back now')));
    const standing = card.standing.slice(0, 30).map((id) => on.row(id)).filter(Boolean).map((row) => make('li', {},
      make('button', { type: 'button', onclick: () => on.open(row) }, `${window.Field.words.place(row)}, ${window.Field.words.kind(row).word}, since ${time(row.raised_ms)}`)));
    return make('div', { class: 'f-load-body' },
      make('p', {}, `A person: ${card.per_person_10_min} in 10 min, ${card.per_person_hour} in an hour; ${number(card.people)} at work in the last two hours.`),
      make('p', {}, `Priorities today: ${shares.join(', ')}.`),
      make('h3', {}, 'Shelved sites'), shelved.length ? make('ul', {}, ...shelved) : make('p', {}, 'None.'),
      make('h3', {}, 'Standing alerts'), standing.length ? make('ul', {}, ...standing) : make('p', {}, 'None on this list.'));
  }

  window.Field.load = { show };
})();
