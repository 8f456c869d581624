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

// Asks the guards, then the person where they object. Gives whether it was kept.
async function submit(body, { place = app.place, doubts = [], at_ms = dayNow(), label } = {}) {
  const odd = [...doubts];
  const key = place ? placeKey(place) : '';
  if (place && !(app.farOk || {})[key]) odd.push(...placeDoubts(await (app.position || Promise.resolve(null)), place));
  if (odd.length) {
    const sure = await ask(t('check'), odd.map(([word, values]) => t(word, values)), t('asIs'), t('correctIt'));
    if (!sure) return false;
    if (odd.some(([word]) => word === 'far')) app.farOk = { ...app.farOk, [key]: true };
  }
  await keep(isPractice() ? { kind: 'test' } : body, { at_ms, label: label || body });
  return true;
}

async function keep(body, { at_ms = dayNow(), label = body } = {}) {
  const id = newId();
  const item = {
    id, who: who(app.token), made: Date.now(), state: 'unsent', tries: 0, label, place: app.place ? app.place.name : '',
    body: { id, at: new Date(Math.round(at_ms)).toISOString(), ...body },
  };
  await outboxAdd(item);
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
  await reload();
  pump();
  return item;
}

// "Take back": what was never on its way is deleted; what may have arrived is voided by a correction.
async function takeBack(item) {
  if (item.state === 'unsent' && item.tries === 0) await outboxDrop(item.id);
  else await keep({ kind: 'correction', corrects: item.id, void: true });
  await reload();
}

const solve = (item) => keep(
  { kind: 'incident', category: `${item.body.category} resolved`, severity: 'low', ...siteOf(item.body) },
  { label: { kind: 'resolved', category: item.body.category } },
);
const siteOf = ({ site, precinct }) => ({ ...(site ? { site } : {}), ...(precinct ? { precinct } : {}) });

// Reads what this phone holds anew and draws it.
async function reload() {
  app.items = (await outboxAll()).sort((a, b) => b.made - a.made);
  drawSignal();
  drawNotices();
  drawList();
}
