// The day's clock, as the server last told it: a phone's own clock may be wrong, or the day a recorded one.

const LIVE_SLACK_MS = 60000; // a phone this far off is told so
const app = { token: null, me: null, clock: null, items: [], place: null, counter: {}, screen: 'home', lang: 'en' };

// `asked` and `heard`: wall ms before the request and after the answer; the server's word is from about the middle.
function setClock({ now_ms, rate, live }, asked, heard) {
  app.clock = { now_ms, rate, live, wall_ms: (asked + heard) / 2 };
  return kvKeep('clock', app.clock);
}

function dayNow(wall = Date.now()) {
  return app.clock ? app.clock.now_ms + (wall - app.clock.wall_ms) * app.clock.rate : wall;
}

// How far the phone is behind (+) or ahead (-), in ms; 0 where it does not matter.
function phoneError() {
  if (!app.clock || !app.clock.live) return 0;
  const off = app.clock.now_ms - app.clock.wall_ms;
  return Math.abs(off) > LIVE_SLACK_MS ? off : 0;
}

const formats = new Map(); // making one takes a slow phone longer than using it

function formatted(ms, lang, parts) {
  const timeZone = (app.me && app.me.day.timezone) || undefined;
  const key = [lang, timeZone, parts.month].join();
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(lang, { ...parts, timeZone }));
  return formats.get(key).format(ms);
}

const hhmm = (ms) => formatted(ms, 'en-GB', { hour: '2-digit', minute: '2-digit' });
const dayName = (ms) => formatted(ms, app.lang, { weekday: 'long', day: 'numeric', month: 'long' });

// A time of today by the day's clock; of another day with its date.
function when(ms) {
  return dayName(ms) === dayName(dayNow()) ? hhmm(ms) : `${dayName(ms)}, ${hhmm(ms)}`;
}

function span(ms) {
  const minutes = Math.max(0, Math.round(ms / 60000));
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 2880) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return t('days', { n: Math.round(minutes / 1440) });
}
