// The forms behind the tiles: a count, a line, a problem, coming and going.

const LONGEST_COUNT = 5;
const MOST_CHIPS = 4;
const MINUTES = [0, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180];

// The time a reading is of: now, unless its reader says earlier. `time.at_ms()` is asked when it is sent.
function timeRow() {
  const time = { back_ms: null, at_ms: () => (time.back_ms === null ? dayNow() : time.back_ms) };
  const shown = h('output', { id: 'read-at' });
  const draw = () => { shown.textContent = `${hhmm(time.at_ms())}${time.back_ms === null ? ` (${t('now')})` : ''}`; };
  const step = (minutes) => {
    const moved = time.at_ms() + minutes * 60000;
    time.back_ms = moved >= dayNow() ? null : moved;
    draw();
  };
  const small = (sign, word, minutes) => button(sign, () => step(minutes), { class: 'small', 'aria-label': t(word) });
  draw();
  time.row = h('div', { class: 'time' }, h('span', {}, t('at'), ' ', shown), small('−5', 'earlier5', -5), small('−1', 'earlier1', -1),
    small('+1', 'later1', 1), button(t('setNow'), () => { time.back_ms = null; draw(); }, { class: 'small' }));
  time.tick = draw;
  return time;
}

// -- count -----------------------------------------------------------------------------------------

function drawCount() {
  const { place } = app;
  const time = timeRow();
  const chosen = { precinct: firstPrecinct(place), text: '' };
  const shown = h('output', { id: 'digits', 'aria-live': 'polite' }, '–');
  const go_ = button(t('send'), send, { id: 'send', class: 'main', disabled: true });
  const draw = () => {
    shown.textContent = chosen.text || '–';
    go_.disabled = !chosen.text || chosen.precinct === undefined;
  };
  const press = (digit) => {
    chosen.text = digit === '⌫' ? chosen.text.slice(0, -1) : (chosen.text + digit).replace(/^0+(?=\d)/, '').slice(0, LONGEST_COUNT);
    draw();
  };
  async function send() {
    const count = Number(chosen.text);
    const body = { kind: 'checkins', count, ...whereOf(place, chosen.precinct) };
    const counter = place.precincts.find((p) => p.id === body.precinct) || place;
    const at_ms = time.at_ms();
    const doubts = isPractice() ? [] : countDoubts({
      count, at_ms, counter, readings: ownReadings(unitOf(body)), day: app.me.day, pace: app.me.pace,
    });
    if (!(await submit(body, { doubts, at_ms }))) return;
    await kvKeep('counter', app.counter);
    goHome(t('kept'));
  }
  const pad = h('div', { class: 'pad' }, ...[...'123456789', '⌫', '0'].map((digit) => button(digit, () => press(digit),
    digit === '⌫' ? { 'aria-label': t('del') } : {})), go_);
  show(heading(`${t('count')} · ${place.name}`), counterChoice(place, chosen, draw), h('p', {}, t('countAsk')), shown, pad, time.row, backRow());
  document.getElementById('main').onkeydown = (event) => {
    if (app.screen !== 'count' || event.target.tagName === 'SELECT' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^\d$/.test(event.key)) press(event.key);
    else if (event.key === 'Backspace') press('⌫');
    else if (event.key === 'Enter' && event.target.tagName !== 'BUTTON' && !go_.disabled) send();
  };
}

// The counter last used here, or the one of the shift, or the only one; undefined where the person must choose.
// null stands for the whole site.
function firstPrecinct(place) {
  const ids = place.precincts.map((p) => p.id);
  const held = app.counter[placeKey(place)];
  if (held !== undefined && (held === null ? place.id : ids.includes(held))) return held;
  const planned = (place.shifts || []).map((s) => s.precinct).find((id) => ids.includes(id));
  if (planned || ids.length === 1) return planned || ids[0];
  return ids.length ? undefined : null;
}

function counterChoice(place, chosen, changed) {
  const counters = [...place.precincts.map((p) => [p.id, p.name && p.name !== p.id ? p.name : `${t('precinct')} ${p.id}`]),
    ...(place.id && place.precincts.length ? [[null, t('wholeSite')]] : [])];
  if (counters.length < 2) return null;
  const pick = (id) => { chosen.precinct = app.counter[placeKey(place)] = id; changed(); };
  return (counters.length > MOST_CHIPS ? counterSelect : counterChips)(counters, chosen, pick);
}

// More than a few would push the digits off a small screen.
function counterSelect(counters, chosen, pick) {
  const list = h('select', { id: 'counter', 'aria-label': t('whichCount') }, ...(chosen.precinct === undefined
    ? [h('option', { disabled: true, selected: true }, `${t('whichCount')} …`)] : []),
  ...counters.map(([id, name], n) => h('option', { value: n, selected: id === chosen.precinct }, name)));
  list.addEventListener('change', () => pick(counters[Number(list.value)][0]));
  return list;
}

function counterChips(counters, chosen, pick) {
  const row = h('div', { class: 'chips', role: 'group', 'aria-label': t('whichCount') });
  const draw = () => row.replaceChildren(...counters.map(([id, name]) => chip(name, chosen.precinct === id, () => {
    pick(id);
    draw();
    row.querySelector('[aria-pressed="true"]').focus();
  })));
  draw();
  return row;
}

// -- line ------------------------------------------------------------------------------------------

function drawLine() {
  const { place } = app;
  if (!place.id) return show(heading(t('line')), note(t('needsSite')), backRow());
  const time = timeRow();
  const row = h('div', { class: 'chips big', role: 'group', 'aria-label': t('lineAsk') });
  const go_ = button(t('send'), send, { id: 'send', class: 'main wide', disabled: true });
  let minutes = null;
  const draw = () => row.replaceChildren(...MINUTES.map((n) => chip(n ? t('minutes', { n }) : t('noLine'), minutes === n, () => {
    minutes = n;
    go_.disabled = false;
    draw();
    row.querySelector('[aria-pressed="true"]').focus();
  })));
  async function send() {
    if (await submit({ kind: 'wait', site: place.id, minutes }, { at_ms: time.at_ms() })) goHome(t('kept'));
  }
  draw();
  show(heading(`${t('line')} · ${place.name}`), h('p', {}, t('lineAsk')), row, time.row, go_, backRow());
}

// -- problem ---------------------------------------------------------------------------------------

function drawProblem({ category } = {}) {
  const { place } = app;
  if (!category) {
    const words = CATEGORIES.map((c) => button(t(c), () => go('problem', { category: c }), { class: 'tile low' }));
    return show(heading(`${t('problem')} · ${place.name}`), h('p', {}, t('problemAsk')), h('div', { class: 'tiles' }, ...words), backRow());
  }
  const text = h('textarea', { id: 'details', rows: '2', maxlength: '500' });
  const send = (severity) => async () => {
    const body = { kind: 'incident', category, severity, ...whereOf(place, null) };
    if (text.value.trim()) body.text = text.value.trim();
    if (await submit(body)) goHome(t('kept'));
  };
  show(heading(`${t(category)} · ${place.name}`), h('p', {}, t('howBad')),
    h('div', { class: 'stack' }, ...['low', 'medium', 'high'].map((s) => button(`${t('send')}: ${t(s)}`, send(s), { class: `wide ${s}`, 'data-severity': s }))),
    h('label', { for: 'details' }, t('details')), text, backRow());
}

// -- coming and going ------------------------------------------------------------------------------

function drawPresence() {
  const { place } = app;
  const planned = (place.shifts || []).map((s) => s.precinct).find(Boolean);
  const at = { ...(place.id ? { site: place.id } : {}), ...(planned || !place.id ? { precinct: planned || place.precincts[0].id } : {}) };
  const send = (status) => async () => {
    const there = status === 'on_site' ? place : null; // who is on the way or leaves need not stand at the site
    if (!there) app.position = null;
    if (await submit({ kind: 'shift', status, ...at })) goHome(t('kept'));
  };
  show(heading(`${t('presence')} · ${place.name}`), h('p', {}, t('presenceAsk')),
    h('div', { class: 'stack' }, ...['en_route', 'on_site', 'left'].map((s) => button(t(s), send(s), { class: 'wide main', 'data-status': s }))), backRow());
}

// -- the place -------------------------------------------------------------------------------------

function drawPlace() {
  const choose = async (place) => {
    app.place = place;
    await kvKeep('place', place);
    goHome();
  };
  const row = (place) => h('li', {}, button('', () => choose(place), { class: 'wide pick', 'aria-pressed': String(app.place ? placeKey(app.place) === placeKey(place) : false) }));
  const fill = (item, place) => {
    const planned = (place.shifts || []).map((s) => `${hhmm(s.start_ms)}–${hhmm(s.end_ms)}`).join(', ');
    item.firstChild.append(h('b', {}, place.name), h('small', {}, [planned, place.address].filter(Boolean).join(' · ')));
    return item;
  };
  const list = (places) => places.map((place) => fill(row(place), place));
  const found = h('ul', { class: 'plain', id: 'found' });
  const told = h('p', { id: 'found-told', role: 'status' });
  const input = h('input', { id: 'search', type: 'search', placeholder: t('searchHint'), autocomplete: 'off' });
  input.addEventListener('input', async () => {
    const sites = await allSites(told);
    const places = sites ? match(sites, input.value) : [];
    found.replaceChildren(...list(places));
    if (sites) told.textContent = input.value.trim() && !places.length ? t('noMatch') : '';
  });
  show(heading(t('choosePlace')), h('ul', { class: 'plain' }, ...list(app.me.places)), h('label', { for: 'search' }, `${t('otherPlace')}: ${t('search')}`),
    input, told, found, backRow());
}

// Every site, from this phone or from the server; null where neither has it.
async function allSites(told) {
  if (app.sites) return app.sites;
  const held = await kvGet('sites');
  told.textContent = t('loadingSites');
  const headers = held ? { 'If-None-Match': held.tag } : {}; // of a large city the list is 75 kB
  const answer = await call('/sites', app.token, { headers }).catch(() => null);
  if (answer && answer.ok && answer.told) {
    app.sites = answer.told;
    await kvKeep('sites', { tag: answer.headers.get('ETag'), list: app.sites });
  } else if (held) {
    app.sites = held.list;
  }
  told.textContent = app.sites ? '' : t('noList');
  return app.sites || null;
}

const plain = (text) => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase();

function match(sites, typed) {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const text = (p) => plain([p.id, p.name, p.address, ...p.precincts.flatMap((c) => [c.id, c.name])].join(' '));
  return sites.filter((place) => { const all = text(place); return words.every((word) => all.includes(word)); }).slice(0, 20);
}
