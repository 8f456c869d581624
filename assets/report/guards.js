// What makes a report look wrong, before it is sent. The person knows better: everything can be sent all the same.

const FAR_METRES = 300;

const unitOf = (body) => (body.precinct ? `p:${body.precinct}` : `s:${body.site}`);

// Own readings of one counter this day that still hold, oldest first: from the server, and from this phone's outbox.
function ownReadings(unit) {
  const back = new Set(app.items.filter((i) => i.body.kind === 'correction').map((i) => i.body.corrects));
  const told = ((app.me && app.me.own) || []).filter((r) => r.unit === unit && !r.void && !r.doubt);
  const here = app.items
    .filter((i) => i.body.kind === 'checkins' && i.state !== 'refused' && i.who === who(app.token) && unitOf(i.body) === unit)
    .map((i) => ({ id: i.id, at_ms: Date.parse(i.body.at), count: i.body.count }));
  const known = new Map([...here, ...told].map((r) => [r.id, r]));
  const doubted = new Set(((app.me && app.me.own) || []).filter((r) => r.doubt || r.void).map((r) => r.id));
  return [...known.values()].filter((r) => r.at_ms >= app.me.day.begins_ms && !back.has(r.id) && !doubted.has(r.id)).sort((a, b) => a.at_ms - b.at_ms);
}

// [[word, values], ...]: what is odd about a count. `counter` has `roll` and `most`, each a number or null.
function countDoubts({ count, at_ms, readings, counter, day, pace }) {
  const doubts = [];
  const last = readings.filter((r) => r.at_ms <= at_ms).pop();
  if (at_ms < day.opens_ms) doubts.push(['beforeOpen', { time: hhmm(day.opens_ms) }]);
  if (last && count < last.count) doubts.push(['lower', { count: last.count, time: hhmm(last.at_ms) }]);
  const limit = counter.roll || counter.most;
  if (limit !== null && limit !== undefined && count > limit) {
    doubts.push([counter.roll ? 'overRoll' : 'overMost', { count: limit }]);
  } else if (counter.most && at_ms >= day.opens_ms) {
    const from = last || { count: 0, at_ms: day.opens_ms };
    const most = pace.times * counter.most * (at_ms - from.at_ms) / (day.closes_ms - day.opens_ms) + pace.slack;
    if (count - from.count > most) doubts.push([last ? 'fast' : 'fastFirst', { count: from.count, time: hhmm(from.at_ms), more: Math.floor(most) }]);
  }
  return doubts;
}

// Metres between two points on the ground.
function metres(lat1, lon1, lat2, lon2) {
  const rad = Math.PI / 180;
  const x = (lon2 - lon1) * rad * Math.cos(((lat1 + lat2) / 2) * rad);
  return Math.hypot(x, (lat2 - lat1) * rad) * 6371000;
}

// A doubt where the phone is surely more than 300 m from the place; `here` is a GeolocationPosition, or null.
function placeDoubts(here, place) {
  if (!here || place.lat === null || place.lon === null) return [];
  const { latitude, longitude, accuracy } = here.coords;
  const away = metres(latitude, longitude, place.lat, place.lon);
  if (away - accuracy <= FAR_METRES) return [];
  const far = away < 1000 ? `${Math.round(away / 50) * 50} m` : `${(away / 1000).toFixed(1)} km`;
  return [['far', { far, place: place.name }]];
}

// The phone's place, where its owner has said yes; never later than `patience`. It stays on the phone.
function whereAmI(patience) {
  if (app.location !== 'yes' || !navigator.geolocation) return Promise.resolve(null);
  return new Promise((done) => {
    setTimeout(() => done(null), patience);
    navigator.geolocation.getCurrentPosition(done, () => done(null), { maximumAge: 120000, timeout: patience });
  });
}
