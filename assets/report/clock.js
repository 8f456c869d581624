// The day's clock, as the server last told it: a phone's own clock may be wrong, or the day a recorded one.

const LIVE_SLACK_MS = 60000; // a phone this far off is told so
const app = { token: null, me: null, clock: null, items: [], place: null, counter: {}, screen: 'home', lang: 'en' };

// `asked` and `heard`: wall ms before the request and after the answer; the server's word is from about the middle.
function setClock({ now_ms, rate, live }, asked, heard) {
  app.clock = { now_ms, rate, live, wall_ms: (asked + heard) / 2 };
  return kvPut('clock', app.clock);
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

function hhmm(ms) {
  const zone = app.me && app.me.day.timezone;
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone || undefined }).format(ms);
}

function dayName(ms) {
  const zone = app.me && app.me.day.timezone;
  return new Intl.DateTimeFormat(app.lang, { weekday: 'long', day: 'numeric', month: 'long', timeZone: zone || undefined }).format(ms);
}

function span(ms) {
  const minutes = Math.max(0, Math.round(ms / 60000));
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 2880) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return t('days', { n: Math.round(minutes / 1440) });
}
