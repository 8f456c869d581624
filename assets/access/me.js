// Who is signed in here: shown in the navigation, with the way out. An account's name signs its decisions by itself.
(function () {
  'use strict';

  const KEY = 'warroom-name'; // what field and wall ask for where nobody has an account
  const NAV = 'nav[aria-label="Pages"]';
  const { make } = window.Wall.format;
  const { base } = window.Wall.room;
  let me = null;

  async function leave() {
    window.localStorage.removeItem(KEY);
    await fetch(`${base()}signin/out`, { method: 'POST', redirect: 'manual' }).catch(() => null);
    window.location.assign(`${base()}signin`);
  }

  // A key on this device, for who manages access or approves texts: nothing to guess, nothing to phish.
  async function addPasskey(event) {
    const button = event.target;
    const send = (path, body) => fetch(`${base()}api/v1/passkeys${path}`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body || {}),
    });
    try {
      const asked = await send('/begin');
      if (!asked.ok) throw new Error((await asked.json()).detail);
      const publicKey = window.PublicKeyCredential.parseCreationOptionsFromJSON(await asked.json());
      const made = await navigator.credentials.create({ publicKey });
      const answer = await send('', made.toJSON());
      if (!answer.ok) throw new Error((await answer.json()).detail);
      const next = me.waiting.length ? 'Passkey added: sign out, and sign in with it' : 'Passkey added';
      button.replaceWith(make('span', { role: 'status' }, next));
    } catch (error) {
      button.textContent = error.name === 'NotAllowedError' ? 'No passkey made: try again' : error.message;
    }
  }

  const wantsPasskey = () => me.account && !me.passkeys && window.isSecureContext
    && (me.waiting.length || me.may.includes('accounts') || me.may.includes('text_approve'))
    && window.PublicKeyCredential?.parseCreationOptionsFromJSON && /[a-z]/i.test(window.location.hostname);

  function passkeyWords() {
    if (me.passkeys) return 'sign in with your passkey';
    return wantsPasskey() ? 'needs a passkey' : 'needs a passkey: open this room by its https name';
  }

  function show() {
    const nav = document.querySelector(NAV);
    if (!me || !nav || nav.querySelector('.me') || nav.closest('.wall')) return; // a wall is everybody's
    const role = me.door === 'break-glass' ? 'break-glass' : me.roles.join(', ');
    const words = me.name ? [make('b', {}, me.name), make('span', {}, role)] : [make('b', {}, me.door)];
    if (me.waiting.length) words.push(make('span', { class: 'waiting' }, `${me.waiting.join(', ')}: ${passkeyWords()}`));
    if (wantsPasskey()) words.push(make('button', { type: 'button', id: 'add-passkey', onclick: addPasskey }, 'Add a passkey'));
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
