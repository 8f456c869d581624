// Questions to the person who decides: a reason, or another wording. Escape closes; focus goes back.
(function () {
  'use strict';

  const { make } = window.Wall.format;

  // parts: nodes of the form; read(form) gives the answer, or a text that says what is missing. send(answer) gives
  // '' when it was taken, else what the server says: the form stays, with all that was typed.
  function ask(title, parts, submit, read, send) {
    const wrong = make('p', { class: 'tx-wrong', role: 'alert' });
    const button = make('button', { type: 'submit' }, submit);
    const form = make('form', { method: 'dialog', novalidate: '' }, make('h2', { id: 'tx-title' }, title), ...parts, wrong,
      make('p', { class: 'tx-buttons' }, button, make('button', { type: 'button', onclick: () => dialog.close() }, 'Back')));
    const dialog = make('dialog', { class: 'tx-dialog', 'aria-labelledby': 'tx-title' }, form);
    const from = document.activeElement;
    return new Promise((resolve) => {
      form.addEventListener('submit', async (event) => {
        event.preventDefault();
        if (button.disabled) return;
        const found = read(new FormData(form));
        button.disabled = typeof found !== 'string'; // sent once, also by who presses twice
        wrong.textContent = typeof found === 'string' ? found : await send(found);
        button.disabled = false;
        if (!wrong.textContent) dialog.close();
      });
      dialog.addEventListener('close', () => {
        dialog.remove();
        if (from.hidden) from.closest('li')?.querySelector('h2').focus(); // the decision took its button away
        resolve();
      });
      document.getElementById('texting-page').append(dialog);
      dialog.showModal();
    });
  }

  const text = (data, name) => String(data.get(name) || '').trim();

  function reason(title, submit, send) {
    const field = make('p', {}, make('label', { for: 'tx-reason' }, 'Why'), make('input', { id: 'tx-reason', name: 'reason', maxlength: '400' }));
    return ask(title, [field], submit, (data) => (text(data, 'reason') ? { reason: text(data, 'reason') } : 'Say why, in a few words.'), send);
  }

  function wording(request, previews, send) {
    const fields = previews.map(({ variant, language, template }, n) => make('p', {},
      make('label', { for: `tx-words-${n}` }, `${variant}, ${window.Texting.row.tongue(language)}`),
      make('textarea', { id: `tx-words-${n}`, name: `words-${n}`, maxlength: '600', rows: '4' }, template)));
    const share = make('p', {}, make('label', { for: 'tx-share' }, 'Left out by lot, to measure the effect (%)'),
      make('input', { id: 'tx-share', name: 'share', type: 'number', min: '0', max: '90', step: '1', value: Math.round(request.hold_out_share * 100) }));
    const hint = make('p', {}, 'Places and times come in by themselves: {site_name}, {site_address}, {polls_close}, {precinct_name}, {first_name}, {campaign_name}. Approvals start over.');
    return ask('Edit the text', [hint, ...fields, share], 'Save', (data) => {
      const part = Number(data.get('share'));
      if (!(part >= 0 && part <= 90)) return 'The share left out is 0 to 90 %.';
      const variants = new Map();
      previews.forEach(({ variant, language }, n) => {
        if (!variants.has(variant)) variants.set(variant, { name: variant, texts: {} });
        variants.get(variant).texts[language] = text(data, `words-${n}`);
      });
      return { variants: [...variants.values()], hold_out_share: part / 100 };
    }, send);
  }

  window.Texting = { ...window.Texting, ask: { reason, wording } };
})();
