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

  linked();
  window.addEventListener('hashchange', linked);
})();
