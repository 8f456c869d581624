// What of the list is shown. The choice stays on this screen.
(function () {
  'use strict';

  const { make } = window.Wall.format;
  const KEY = 'warroom-field-filters';
  const chosen = { region: '', kind: '', mine: false, unowned: false, scope: 'open' };

  function draw(form, changed) {
    try {
      Object.assign(chosen, JSON.parse(window.sessionStorage.getItem(KEY) || '{}'));
    } catch { /* as it comes */ }
    const set = (name, value) => {
      chosen[name] = value;
      window.sessionStorage.setItem(KEY, JSON.stringify(chosen));
      changed(name);
    };
    const pick = (label, name) => {
      const box = make('select', { id: `f-${name}` });
      box.addEventListener('change', () => set(name, box.value));
      return make('p', {}, make('label', { for: `f-${name}` }, label), box);
    };
    const tick = (label, name) => {
      const box = make('input', { type: 'checkbox' });
      box.checked = chosen[name];
      box.addEventListener('change', () => set(name, box.checked));
      return make('label', { class: 'f-tick' }, box, make('span', {}, label));
    };
    const show = make('select', { id: 'f-scope' }, make('option', { value: 'open' }, 'Open'), make('option', { value: 'all' }, 'All of the day'));
    show.value = chosen.scope;
    show.addEventListener('change', () => set('scope', show.value));
    form.addEventListener('submit', (event) => event.preventDefault());
    form.replaceChildren(pick('Region', 'region'), pick('Kind', 'kind'),
      make('p', {}, make('label', { for: 'f-scope' }, 'Show'), show), tick('Mine', 'mine'), tick('Unowned', 'unowned'));
  }

  function options(rows) {
    const { kind } = window.Field.words;
    fill('region', [...new Set(rows.map((row) => row.region).filter(Boolean))].sort().map((name) => [name, name]), 'All regions');
    const kinds = new Map(rows.map((row) => [row.kind, kind(row).word]));
    fill('kind', [...kinds].sort((a, b) => a[1].localeCompare(b[1])), 'All kinds');
  }

  function fill(name, pairs, all) {
    const box = document.getElementById(`f-${name}`);
    if (chosen[name] && !pairs.some(([value]) => value === chosen[name])) pairs.push([chosen[name], chosen[name]]);
    const key = JSON.stringify(pairs);
    if (box.dataset.key !== key) {
      box.dataset.key = key;
      box.replaceChildren(make('option', { value: '' }, all), ...pairs.map(([value, word]) => make('option', { value }, word)));
    }
    box.value = chosen[name];
  }

  function passes(row) {
    const { owner, status } = row.handling;
    const held = status === 'acknowledged' || status === 'dispatched' || status === 'on_site';
    if (chosen.region && row.region !== chosen.region) return false;
    if (chosen.kind && row.kind !== chosen.kind) return false;
    if (chosen.mine || chosen.unowned) {
      const mine = chosen.mine && owner === window.Wall.questions.whoAmI() && owner;
      const unowned = chosen.unowned && row.asks && !held;
      return Boolean(mine || unowned);
    }
    return true;
  }

  window.Field.filters = { draw, options, passes, chosen };
})();
