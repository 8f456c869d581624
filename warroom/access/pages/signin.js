// A sign-in link carries its secret behind the #, which browsers never send: it reaches no log. It leaves the address at once.
(function () {
  'use strict';

  const field = (id) => document.getElementById(id);

  async function linked() {
    const secret = decodeURIComponent(window.location.hash.slice(1));
    if (!secret) return;
    window.history.replaceState(null, '', window.location.pathname);
    if (secret.startsWith('invite-')) {
      if (!field('invite')) {
        window.location.replace(`/signin/invite#${encodeURIComponent(secret)}`);
        return;
      }
      field('code').value = secret;
      field('new').focus();
    } else if (field('shared')) {
      field('key').value = secret;
      field('shared').submit();
    }
  }

  async function passkey() {
    const say = (words) => { field('said').textContent = words; };
    const send = (path, body) => fetch(path, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body || {}),
    });
    try {
      const asked = await send('/signin/passkey/begin');
      if (!asked.ok) throw new Error((await asked.json()).detail);
      const publicKey = window.PublicKeyCredential.parseRequestOptionsFromJSON(await asked.json());
      const signed = await navigator.credentials.get({ publicKey });
      const answer = await send('/signin/passkey', signed.toJSON());
      if (!answer.ok) throw new Error((await answer.json()).detail);
      window.location.assign('/wall');
    } catch (error) {
      say(error.name === 'NotAllowedError' ? 'No passkey was used.' : error.message);
    }
  }

  // Passkeys belong to a host name over TLS (or localhost): elsewhere the button would promise too much.
  if (field('passkey') && window.PublicKeyCredential?.parseRequestOptionsFromJSON && window.isSecureContext
      && /[a-z]/i.test(window.location.hostname)) {
    field('passkey').hidden = false;
    field('passkey').addEventListener('click', passkey);
  }

  linked();
  window.addEventListener('hashchange', linked);
})();
