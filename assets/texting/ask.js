// Questions to the person who decides: a reason, or another wording.
(function () {
  'use strict';

  const { make } = window.Wall.format;
  const { ask, field, text } = window.Wall.questions;
  const LOOK = { look: 'tx', cancel: 'Back' };

  function reason(title, submit, send) {
    return ask(title, [field('Why', 'tx-reason')], submit,
      (data) => (text(data, 'tx-reason') ? { reason: text(data, 'tx-reason') } : 'Say why, in a few words.'), { ...LOOK, send });
  }

  function wording(request, previews, send) {
    const fields = previews.map(({ variant, language, template }, n) =>
      field(`${variant}, ${window.Texting.row.tongue(language)}`, `tx-words-${n}`, { maxlength: '600', rows: '4' }, template));
    const share = field('Left out by lot, to measure the effect (%)', 'tx-share',
      { type: 'number', min: '0', max: '90', step: '1', value: Math.round(request.hold_out_share * 100) });
    const hint = make('p', {}, 'Places and times come in by themselves: {site_name}, {site_address}, {polls_close}, {precinct_name}, {first_name}, {campaign_name}. Approvals start over.');
    return ask('Edit the text', [hint, ...fields, share], 'Save', (data) => {
      const part = Number(data.get('tx-share'));
      if (!(part >= 0 && part <= 90)) return 'The share left out is 0 to 90 %.';
      const variants = new Map();
      previews.forEach(({ variant, language }, n) => {
        if (!variants.has(variant)) variants.set(variant, { name: variant, texts: {} });
        variants.get(variant).texts[language] = text(data, `tx-words-${n}`);
      });
      return { variants: [...variants.values()], hold_out_share: part / 100 };
    }, { ...LOOK, send });
  }

  window.Texting = { ...window.Texting, ask: { reason, wording } };
})();
