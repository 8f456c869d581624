// Questions to the person: one dialog at a time, closed by Escape, the focus back where it was.
(function () {
  'use strict';

  const { make } = window.Wall.format;
  const NAME = 'warroom-name'; // kept on this screen only

  // parts: nodes of the form. read(data) gives the answer, or a text that says what is missing. send(answer) gives ''
  // when it was taken, else why not: the form stays, with all that was typed. `look`: of whose classes it is.
  // Gives the answer; null where the person went back.
  function ask(title, parts, submit, read, { look = 'wall', cancel = 'Cancel', send = () => '' } = {}) {
    const wrong = make('p', { class: `${look}-wrong`, role: 'alert' });
    const button = make('button', { type: 'submit' }, submit);
    const back = make('button', { type: 'button', onclick: () => dialog.close() }, cancel || '');
    const form = make('form', { method: 'dialog', novalidate: '' }, make('h2', {}, title), ...parts, wrong,
      make('p', { class: 'dialog-buttons' }, button, ...(cancel ? [back] : [])));
    const dialog = make('dialog', { class: `${look}-dialog`, 'aria-label': title }, form);
    const from = document.activeElement;
    const near = from.parentElement && from.parentElement.closest('li, [tabindex]');
    let sends = false;
    let answer = null;
    return new Promise((resolve) => {
      form.addEventListener('submit', async (event) => {
        event.preventDefault();
        if (sends) return; // sent once, also by who presses twice
        const found = read(new FormData(form));
        sends = back.disabled = typeof found !== 'string';
        try {
          wrong.textContent = sends ? await send(found) : found;
        } finally {
          sends = back.disabled = false;
        }
        if (wrong.textContent) return;
        answer = found;
        dialog.close();
      });
      dialog.addEventListener('cancel', (event) => { if (sends) event.preventDefault(); }); // what the server says is heard
      dialog.addEventListener('close', () => {
        dialog.remove();
        const isGone = from.hidden || !from.isConnected; // the decision took its button away
        if (isGone && near) (near.matches('[tabindex]') ? near : near.querySelector('[tabindex]'))?.focus();
        resolve(answer);
      });
      (document.getElementById('field') || document.body).append(dialog); // the field page has colours of its own
      dialog.showModal();
    });
  }

  // A line to write into, or with `rows` a text; its words are found in the form's data by its id.
  function field(label, id, attributes, written = '') {
    const tag = attributes && attributes.rows ? 'textarea' : 'input';
    return make('p', {}, make('label', { for: id }, label), make(tag, { id, name: id, maxlength: '400', ...attributes }, written));
  }

  const text = (data, name) => String(data.get(name) || '').trim();

  const whoAmI = () => window.localStorage.getItem(NAME) || '';

  // Asks for the person's name, and gives it; '' where nobody says.
  async function name(todo = 'Save') {
    const found = await ask('Your name', [
      make('p', {}, 'The others see it on what you decide.'),
      field('Name', 'ack-name', { maxlength: '60', autocomplete: 'name', value: whoAmI() }),
    ], todo, (data) => {
      const given = text(data, 'ack-name');
      if (/[<>]/.test(given)) return 'A name cannot hold < or >.';
      return given ? { name: given } : 'Write your name.';
    }, document.getElementById('field') ? { look: 'f' } : {});
    if (found) window.localStorage.setItem(NAME, found.name);
    return whoAmI();
  }

  window.Wall.questions = { ask, field, text, name, whoAmI, whoIsIt: async (todo) => whoAmI() || name(todo) };
})();
