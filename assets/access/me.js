// Who is signed in here: shown in the navigation, with the way out. An account's name signs its decisions by itself.
(function () {
  'use strict';

  const KEY = 'warroom-name'; // what field and wall ask for where nobody has an account
  const NAV = 'nav[aria-label="Pages"]';
  const { make } = window.Wall.format;
  let me = null;

  const base = () => {
    try {
      return JSON.parse(document.getElementById('_dash-config').textContent).requests_pathname_prefix || '/';
    } catch {
      return '/';
    }
  };

  async function leave() {
    window.localStorage.removeItem(KEY);
    await fetch(`${base()}signin/out`, { method: 'POST', redirect: 'manual' }).catch(() => null);
    window.location.assign(`${base()}signin`);
  }

  function show() {
    const nav = document.querySelector(NAV);
    if (!me || !nav || nav.querySelector('.me') || nav.closest('.wall')) return; // a wall is everybody's
    const role = me.door === 'break-glass' ? 'break-glass' : me.roles.join(', ');
    const words = me.name ? [make('b', {}, me.name), make('span', {}, role)] : [make('b', {}, me.door)];
    nav.append(make('span', { class: 'me' }, ...words, make('button', { type: 'button', onclick: leave }, 'Sign out')));
    const typed = document.getElementById('field-me');
    if (typed && me.account) typed.hidden = true; // nobody types a name where an account signs
  }

  async function ask() {
    const answer = await fetch(`${base()}api/v1/me`).catch(() => null);
    if (!answer || !answer.ok) return;
    const found = await answer.json();
    if (found.door === 'this machine') return; // nobody to sign out
    if (found.account) window.localStorage.setItem(KEY, found.name);
    me = found;
    show();
  }

  ask();
  new MutationObserver(show).observe(document.documentElement, { childList: true, subtree: true });
})();
