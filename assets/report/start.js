// Starts the page: what this phone kept, the code of a link, then the server's word.

const TICK_MS = 15000;

// `linked` is the code of a link, or ''.
async function start(linked) {
  const [token, me, clock, place, place_ok, lang, bad, counter] = await Promise.all(
    ['token', 'me', 'clock', 'place', 'location', 'lang', 'bad', 'counter'].map(kvGet),
  );
  Object.assign(app, { token, me, clock, bad, place: place || null, location: place_ok, counter: counter || {} });
  setLanguage(lang || spoken(me));
  await reload();
  if (linked) {
    const trouble = /^[a-z\d]{12}\.[\w-]{22}$/.test(linked) ? await enter(linked) : t('codeWrong');
    if (trouble && app.token && app.me && !bad) { await begin(); drawHome(trouble); }
    else if (trouble) go('signin', { told: trouble });
    return;
  }
  if (!token || bad) go('signin', { told: bad ? t('badCode') : '' });
  else if (me) { await begin(); refresh(); } else await enter(token);
}

function unescaped(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a link that was cut within a sign
  }
}

// Without its storage the page can keep no report: it says so, and does not seem to wait for something.
function openPage(held = '') {
  const linked = unescaped(location.hash.slice(1)) || held;
  history.replaceState(null, '', '/report'); // the code leaves the address at once
  start(linked).catch(() => {
    setLanguage(spoken(app.me));
    show(h('p', { class: 'trouble', role: 'alert' }, t('noStore')), button(t('again'), () => openPage(linked), { class: 'main wide' }));
  });
}

// English, unless the volunteer or the phone speaks Spanish.
function spoken(me) {
  const theirs = (me && me.languages) || [];
  if (theirs.includes('es') && !theirs.includes('en')) return 'es';
  return (navigator.language || '').startsWith('es') ? 'es' : 'en';
}

// There is a code and a day: to the tiles.
async function begin() {
  if (!(await kvGet('lang'))) setLanguage(spoken(app.me));
  const keys = app.me.places.map(placeKey);
  const fresh = app.place && app.me.places.find((place) => placeKey(place) === placeKey(app.place));
  app.place = fresh || app.place || app.me.places[keys.length > 1 ? onShift(app.me.places) : 0] || null;
  history.replaceState(null, '');
  app.screen = 'home';
  drawHome();
  pump();
}

// Which of several places: the one whose shift is on, else the next.
function onShift(places) {
  const now = dayNow();
  const open = places.findIndex((place) => place.shifts.some((s) => now < s.end_ms));
  return Math.max(0, open);
}

function listen() {
  addEventListener('online', hurry);
  addEventListener('offline', drawSignal);
  addEventListener('pageshow', hurry);
  addEventListener('hashchange', () => { if (location.hash.length > 1) openPage(); }); // a link followed while the page is open
  document.addEventListener('visibilitychange', () => { if (!document.hidden) hurry(); });
  addEventListener('popstate', () => { if (app.screen !== 'home' && app.screen !== 'signin') { app.screen = 'home'; drawHome(); } });
  if (tabs) {
    tabs.onmessage = ({ data }) => (data === 'forgotten' ? location.replace('/report') : reload());
  }
  setInterval(() => { // ages grow
    drawSignal();
    if (app.me) { drawList(); drawDay(); }
  }, TICK_MS);
  if ('serviceWorker' in navigator) navigator.serviceWorker.register('/report/sw.js', { scope: '/report' }).catch(() => {});
}

listen();
openPage();
