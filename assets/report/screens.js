// One screen at a time in <main>; the phone's own back button leads home.

const SCREENS = {
  home: drawHome, count: drawCount, line: drawLine, problem: drawProblem, presence: drawPresence, place: drawPlace,
  menu: drawMenu, signin: drawSignin,
};

function go(screen, options = {}) {
  if (screen !== 'home' && app.screen === 'home') history.pushState({ screen }, '');
  app.screen = screen;
  if (['count', 'line', 'problem', 'presence'].includes(screen)) app.position = whereAmI(6000);
  SCREENS[screen](options);
  const title = document.querySelector('#main h2');
  if (title && options.focus !== false) title.focus();
  scrollTo(0, 0);
}

function goHome(told = '') {
  if (history.state && history.state.screen) history.back();
  app.screen = 'home';
  drawHome(told);
  const title = document.querySelector('#main h2');
  if (title) title.focus();
}

function show(...parts) {
  document.getElementById('main').replaceChildren(...parts.filter(Boolean));
}

const backRow = (...others) => h('div', { class: 'row' }, button(t('back'), () => goHome(), { class: 'second' }), ...others);

// -- signing in ------------------------------------------------------------------------------------

// A code that is being typed stays: only what is told changes.
function drawSignin({ told = '' } = {}) {
  app.screen = 'signin';
  const open = document.querySelector('#main form .trouble');
  if (open && told) { open.textContent = told; return; }
  const input = h('input', {
    id: 'code', name: 'code', maxlength: '12', required: true, autocomplete: 'one-time-code', autocapitalize: 'characters',
    spellcheck: 'false', 'aria-describedby': 'code-help',
  });
  const trouble = h('p', { role: 'alert', class: 'trouble' }, told);
  const form = h('form', { class: 'stack' }, h('label', { for: 'code' }, t('codeLabel')), input,
    h('p', { id: 'code-help' }, t('codeHelp')), h('button', { class: 'main' }, t('signIn')), trouble);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    trouble.textContent = await signIn(input.value).catch(() => t('noStore'));
  });
  show(heading(t('signIn')), form, languageButton());
}

// Trades a typed code for the long one. Gives what went wrong, in words.
async function signIn(typed) {
  const code = typed.replace(/[\s\-–—.]/g, '').toUpperCase();
  if (!/^[2-9A-HJKMNP-TV-Z]{8}$/.test(code)) return t('codeBad');
  let answer;
  try {
    answer = await call('/signin', null, { method: 'POST', body: JSON.stringify({ code }) });
  } catch {
    return t('noSignal');
  }
  if (answer.status === 401) return t('codeWrong');
  if (answer.status === 429) return t('codeWait', { n: Math.ceil((Number(answer.headers.get('Retry-After')) || 60) / 60) });
  if (!answer.ok || !answer.told) return t('serverAway');
  return enter(answer.told.token);
}

// Begins with a long code, from the form or from a link. A wrong one does not put out who is signed in.
async function enter(token) {
  const { token: before, me, place } = app;
  const sameOne = who(token) === who(before);
  Object.assign(app, { token }, sameOne ? {} : { me: null, place: null });
  const status = await refresh({ quiet: true });
  if (status === 401) {
    Object.assign(app, { token: before, me, place });
    return t('codeWrong');
  }
  await kvPut('token', token);
  await kvPut('bad', false);
  app.bad = false;
  if (!sameOne) await kvPut('place', null);
  if (app.me) await begin();
  else knock(status);
  return app.me ? '' : t(status ? 'serverAway' : 'noSignal');
}

// A code but no answer yet: says so, and asks again until there is one.
function knock(status, wait_s = FIRST_WAIT_S) {
  drawSignin({ told: t(status ? 'serverAway' : 'noSignal') });
  setTimeout(async () => {
    if (app.me || !app.token) return;
    const next = await refresh();
    if (app.me) begin();
    else if (next !== 401) knock(next, Math.min(wait_s * 2, LONGEST_WAIT_S / 2));
  }, wait_s * 1000);
}

// The code is dead: what is unsent stays until a new code of the same person comes.
function lostCode() {
  app.bad = true;
  drawSignin({ told: t('badCode') });
  drawSignal();
}

// -- home ------------------------------------------------------------------------------------------

function drawHome(told = '') {
  if (!app.me) return;
  const focused = document.activeElement && document.activeElement.id;
  const said = typeof told === 'string' ? told : '';
  show(placeBar(), dayLine(), h('div', { id: 'notices' }, ...notices()), h('p', { id: 'told', role: 'status' }, said), tiles(),
    h('section', { 'aria-labelledby': 'reports-title' }, h('h2', { id: 'reports-title' }, t('reports')), h('ol', { id: 'list' })),
    button(t('menu'), () => go('menu'), { id: 'open-menu', class: 'second wide' }));
  drawList();
  if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
}

function placeBar() {
  const { place } = app;
  const name = place ? h('span', {}, h('b', {}, place.name), place.address ? h('small', {}, place.address) : null) : h('b', {}, t('choosePlace'));
  return h('div', { class: 'place' }, h('h2', { tabindex: '-1', class: 'unseen' }, t('place')), name,
    button(t('change'), () => go('place'), { id: 'change-place', class: 'second', 'aria-label': `${t('change')}: ${t('place')}` }));
}

function dayLine() {
  const now = dayNow();
  const { opens_ms, closes_ms } = app.me.day;
  const words = now < opens_ms ? ['opens', opens_ms] : now < closes_ms ? ['closes', closes_ms] : ['closed', closes_ms];
  return h('p', { id: 'day' }, t(words[0], { time: hhmm(words[1]), left: span(words[1] - now) }));
}

function drawDay() {
  if (app.me) document.getElementById('day')?.replaceWith(dayLine());
}

function notices() {
  const found = [];
  const off = phoneError();
  if (off) found.push(note(t(off > 0 ? 'slow' : 'ahead', { span: span(Math.abs(off)) })));
  if (app.clock && !app.clock.live) found.push(note(t('replay', { time: hhmm(dayNow()) })));
  if (isPractice()) {
    const tested = app.items.some((item) => item.body.kind === 'test' && item.state === 'arrived');
    found.push(h('div', { class: 'note' }, h('p', {}, t(tested ? 'practised' : 'practice', { day: dayName(app.me.day.opens_ms) })),
      tested ? null : button(t('sendTest'), sendTest, { id: 'send-test', class: 'main' })));
  }
  if (app.location === undefined && navigator.geolocation) {
    found.push(h('div', { class: 'note' }, h('p', {}, t('askPlace')),
      h('div', { class: 'row' }, button(t('yes'), () => allowPlace('yes')), button(t('notNow'), () => allowPlace('no'), { class: 'second' }))));
  }
  return found;
}

// A test that has arrived changes what is said; what says the same is left alone, with the focus in it.
function drawNotices() {
  const held = document.getElementById('notices');
  const now = held && app.me ? h('div', { id: 'notices' }, ...notices()) : null;
  if (now && now.textContent !== held.textContent) held.replaceWith(now);
}

async function sendTest() {
  if (await keep({ kind: 'test' })) drawHome(t('kept'));
}

async function allowPlace(answer) {
  app.location = answer;
  await kvKeep('location', answer);
  app.position = whereAmI(10000); // the browser asks now, not in the middle of a report
  if (app.screen === 'menu') drawMenu();
  else drawHome();
}

function tiles() {
  const tile = (name) => h('button', { type: 'button', id: `tile-${name}`, class: 'tile', click: () => go(app.place ? name : 'place') },
    h('b', {}, t(name)), h('small', {}, t(`${name}Sub`)));
  return h('div', { class: 'tiles' }, ...['count', 'line', 'problem', 'presence'].map(tile));
}

// -- menu ------------------------------------------------------------------------------------------

function drawMenu() {
  const { helpline } = app.me || {};
  show(heading(t('help')), h('p', {}, t('helpText')),
    helpline ? h('a', { class: 'button main', href: `tel:${helpline.replace(/[^+\d]/g, '')}` }, t('helpline', { n: helpline })) : null,
    app.clock ? note(t('updated', { time: hhmm(dayNow(app.heard || app.clock.wall_ms)) })) : null,
    button(t(app.location === 'yes' ? 'locationOn' : 'locationOff'), () => allowPlace(app.location === 'yes' ? 'no' : 'yes'), { class: 'wide' }),
    languageButton(), button(t('forget'), forget, { id: 'forget', class: 'wide danger' }), backRow());
}

const languageButton = () => button(t('other_language'), async () => {
  setLanguage(app.lang === 'en' ? 'es' : 'en');
  await kvKeep('lang', app.lang);
  SCREENS[app.screen]({});
}, { id: 'language', class: 'wide second', lang: app.lang === 'en' ? 'es' : 'en' });

function setLanguage(lang) {
  app.lang = lang;
  document.documentElement.lang = lang;
  document.title = document.getElementById('title').textContent = t('title');
  drawSignal();
}

async function forget() {
  const unsent = app.items.filter((item) => item.state === 'unsent').length;
  const lines = [t('forgetAsk'), ...(unsent ? [t('forgetUnsent', { n: unsent })] : [])];
  if (!(await ask(t('forget'), lines, t('forget'), t('cancel')))) return;
  await forgetDb();
  for (const name of await caches.keys()) if (name.startsWith('report-')) await caches.delete(name);
  const registration = navigator.serviceWorker && await navigator.serviceWorker.getRegistration('/report');
  if (registration) await registration.unregister();
  if (tabs) tabs.postMessage('forgotten');
  location.replace('/report');
}
