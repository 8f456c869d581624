// Taking an alert: the person's name is asked once and kept on this screen only.
(function () {
  'use strict';

  const KEY = 'warroom-name';
  const NOTICE_MS = 6000;
  const { write, make } = window.Wall.format;
  let noticeTimer = 0;

  function notice(text) {
    write('notice', text);
    clearTimeout(noticeTimer);
    noticeTimer = setTimeout(() => write('notice', ''), NOTICE_MS);
  }

  function askName(todo) {
    const field = make('input', { id: 'ack-name', type: 'text', maxlength: '60', required: '', autocomplete: 'name' });
    const form = make(
      'form', { method: 'dialog' },
      make('label', { for: 'ack-name' }, 'Your name, for the others to see who has it'),
      field,
      make('p', { class: 'dialog-buttons' },
        make('button', { type: 'submit', value: 'ok' }, todo),
        make('button', { type: 'submit', value: '', formnovalidate: '' }, 'Cancel'))
    );
    const dialog = make('dialog', { class: 'wall-dialog', 'aria-label': 'Your name' }, form);
    document.body.append(dialog);
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener('close', () => {
        const name = dialog.returnValue === 'ok' ? field.value.trim() : '';
        dialog.remove();
        resolve(name);
      });
    });
  }

  async function whoAmI(todo) {
    const known = window.localStorage.getItem(KEY);
    if (known) return known;
    const name = await askName(todo);
    if (name) window.localStorage.setItem(KEY, name);
    return name;
  }

  async function acknowledge(alert, link) {
    const by = await whoAmI('Acknowledge');
    if (!by) return;
    let response;
    try {
      response = await fetch(`${link.base}api/v1/alerts/${encodeURIComponent(alert.id)}/ack`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ by }),
      });
    } catch {
      notice('No signal: not acknowledged. Try again.');
      return;
    }
    const place = alert.place || alert.precinct || alert.site;
    const answer = await response.json().catch(() => ({}));
    if (response.ok) notice(`${place}: you have it.`);
    else if (response.status === 409) notice(`${place}: ${answer.owner || 'someone else'} has it already.`);
    else if (response.status === 401 || response.status === 403) notice('This screen may look, but not acknowledge.');
    else notice('Not acknowledged: the server refused. Try again.');
  }

  window.Wall.acknowledge = acknowledge;
  window.Wall.whoAmI = whoAmI;
  window.Wall.notice = notice;
})();
