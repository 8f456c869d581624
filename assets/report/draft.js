// From a tap to the outbox: the guards are asked, the report gets its id and its time, and sending starts.

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const isPractice = () => Boolean(app.me) && dayNow() < app.me.day.begins_ms;
const placeKey = (place) => place.id || `p:${place.precincts[0].id}`;

// Where a report is from: the site, or for a count the chosen precinct.
function whereOf(place, precinct) {
  if (precinct) return { precinct };
  return place.id ? { site: place.id } : { precinct: place.precincts[0].id };
}

// Asks the guards, then the person where they object. Gives whether it was kept. One at a time: a second tap sends nothing.
async function submit(body, { doubts = [], at_ms = dayNow() } = {}) {
  if (app.sending) return false;
  app.sending = true;
  const main = document.getElementById('main');
  const focused = document.activeElement;
  main.inert = true;
  try {
    if (!(await isSure(doubts))) return false;
    return Boolean(await keep(isPractice() ? { kind: 'test' } : body, { at_ms, label: body }));
  } finally {
    app.sending = main.inert = false;
    focused.focus({ preventScroll: true });
  }
}

async function isSure(doubts) {
  const { place } = app;
  const far = (app.farOk || {})[placeKey(place)] ? [] : placeDoubts(await positionToldOf(), place);
  const odd = [...doubts, ...far];
  if (!odd.length) return true;
  const sure = await ask(t('check'), odd.map(([word, values]) => t(word, values)), t('asIs'), t('correctIt'));
  if (sure && far.length) app.farOk = { ...app.farOk, [placeKey(place)]: true };
  return sure;
}

// The phone's position, or null; while it is awaited the page says so.
async function positionToldOf() {
  const told = h('p', { class: 'note toast', role: 'status' }, t('checking'));
  if (app.position) document.body.append(told);
  const found = await app.position;
  told.remove();
  return found || null;
}

// Puts a report into the outbox and starts sending. Gives it; null, and says so, where the phone cannot keep it.
async function keep(body, { at_ms = dayNow(), label = body } = {}) {
  const id = newId();
  const item = {
    id, who: who(app.token), made: Date.now(), state: 'unsent', tries: 0, label, place: app.place ? app.place.name : '',
    body: { id, at: new Date(Math.round(at_ms)).toISOString(), ...body },
  };
  try {
    await outboxAdd(item);
  } catch {
    const { helpline } = app.me || {};
    await ask(t('notKept'), [t('notKeptWhy'), ...(helpline ? [t('helpline', { n: helpline })] : [])], null, t('back'));
    return null;
  }
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
  await reload();
  pump();
  return item;
}

// "Take back" and "Delete": what cannot have arrived is deleted; a count that may have is voided by a correction.
// What is stored decides which: the list may be a moment old.
async function takeBack(item) {
  const { gone } = await outboxDropUncounted(item.id);
  if (!gone && item.body.kind === 'checkins') await keep({ kind: 'correction', corrects: item.id, void: true });
  else if (!gone && app.screen === 'home') document.getElementById('told').textContent = t('onItsWay');
  await reload();
}

const solve = (item) => keep(
  { kind: 'incident', category: `${item.body.category} resolved`, severity: 'low', ...siteOf(item.body) },
  { label: { kind: 'resolved', category: item.body.category } },
);
const siteOf = ({ site, precinct }) => ({ ...(site ? { site } : {}), ...(precinct ? { precinct } : {}) });

// Reads what this phone holds anew and draws it. What ended before this day is of another, and goes.
async function reload() {
  const found = await outboxAll();
  const over = found.filter(isOver);
  for (const { id } of over) await outboxDrop(id);
  app.items = found.filter((item) => !over.includes(item)).sort((a, b) => b.made - a.made);
  drawSignal();
  drawNotices();
  drawList();
}

function isOver({ state, ended, body }) {
  if (!app.me || state === 'unsent' || (isPractice() && body.kind === 'test')) return false;
  return Math.max(Date.parse(body.at), dayNow(ended)) < app.me.day.begins_ms;
}
