// What a director is asked before a step is taken.
(function () {
  'use strict';

  const { make } = window.Wall.format;
  const { ask, text, ...questions } = window.Wall.questions;
  const field = (label, name, more) => questions.field(label, `f-ask-${name}`, { name, ...more });

  // The first is chosen, unless `isOpen`: a reason that nobody chose is not recorded.
  function choices(legend, name, options, isOpen = false) {
    return make('fieldset', {}, make('legend', {}, legend), ...options.map(({ value, word }, i) =>
      make('label', { class: 'f-choice' },
        make('input', { type: 'radio', name, value, ...(i === 0 && !isOpen && { checked: '' }) }), make('span', {}, word))));
  }

  const dismiss = (place, send) => ask(`Dismiss: ${place}`, [
    choices('Why?', 'why', window.Field.words.DISMISSALS.map((word) => ({ value: word, word })), true),
    field('More, in your words', 'more', { maxlength: '300' }),
  ], 'Dismiss', (data) => {
    const why = text(data, 'why');
    const more = text(data, 'more');
    if (!why) return 'Say why.';
    if (why === 'Other') return more ? { reason: more } : 'Say why, in your words.';
    return { reason: more ? `${why}. ${more}` : why };
  }, { look: 'f', send });

  // moves: what the solver suggests for this alert, best first; travel: how its travel times were found.
  function dispatch(place, send, { moves, travel }) {
    const best = moves.slice(0, 4);
    const options = best.map((move, i) => ({ value: String(i), word: moveWords(move) }));
    const suggested = best.length
      ? [choices('Suggested', 'suggested', [...options, { value: 'other', word: 'Somebody else' }, { value: 'none', word: 'None of these: refuse them, and say why' }]),
        ...(travel ? [make('p', {}, `Travel times ${travel}.`)] : []),
        make('div', { class: 'f-refused' }, field('Why refused', 'refused', { maxlength: '300' }))]
      : [make('p', {}, 'No suggestion for this alert now.')];
    return ask(`Send someone: ${place}`, [
      ...suggested,
      field(best.length ? 'Somebody else: volunteer\'s id, as in V012' : 'Volunteer\'s id, as in V012', 'volunteer', { autocomplete: 'off', autocapitalize: 'characters' }),
      field('What they do there', 'move', { rows: '2', maxlength: '300' }),
      field('Arrival expected within, minutes', 'minutes', { type: 'number', min: '1', max: '240', inputmode: 'numeric', placeholder: 'as usual' }),
    ], 'Send', (data) => {
      if (data.get('suggested') === 'none') {
        const why = text(data, 'refused');
        return why ? { refused: best, why } : 'Say why they are refused.';
      }
      const chosen = best[Number(data.get('suggested'))];
      const volunteer = text(data, 'volunteer') || (chosen && data.get('suggested') !== null ? chosen.volunteer : '');
      const minutes = text(data, 'minutes');
      if (!volunteer) return 'Say who is sent.';
      if (minutes && !(Number(minutes) >= 1 && Number(minutes) <= 240)) return 'Minutes go from 1 to 240.';
      const as = chosen && volunteer === chosen.volunteer ? chosen : null;
      const plain = as ? `To ${as.precinct}, ${as.travel_minutes} min away` : '';
      return { volunteer, move: text(data, 'move') || plain, ...(as && { to_precinct: as.precinct }), ...(minutes && { deadline_minutes: Math.round(Number(minutes)) }) };
    }, { look: 'f', send });
  }

  const moveWords = ({ volunteer, why }) => (why.includes(volunteer) ? why : `${volunteer}: ${why}`);

  function shelve(site, send, now_ms) {
    const { time } = window.Wall.format;
    const ends = [15, 30, 60, 120, 240].map((minutes) => ({
      value: String(minutes),
      word: `${minutes < 60 ? `${minutes} min` : `${minutes / 60} h`}, until ${time(now_ms + minutes * 60000)}`,
    }));
    return ask(`Shelve ${site}`, [
      make('p', {}, 'Its alerts are out of sight until then, for everybody, and come back by themselves.'),
      choices('Until', 'minutes', ends),
      field('Why', 'reason', { maxlength: '300' }),
    ], 'Shelve', (data) => {
      const reason = text(data, 'reason');
      return reason ? { minutes: Number(data.get('minutes')), reason } : 'Say why it is shelved.';
    }, { look: 'f', send });
  }

  function keys() {
    const { STEPS } = window.Field.words;
    const rows = [
      ['↑ ↓, j k', 'previous, next alert'], ['Home, End', 'first, last'], ['Enter', 'open or close the details'],
      ['Space', 'select for bulk'], ...Object.values(STEPS).map(({ key, word }) => [key, word]),
      ['h', 'Shelve the site'], ['Esc', 'close the details'], ['?', 'this help'],
    ];
    const list = make('dl', { class: 'f-keys' }, ...rows.map(([key, word]) => make('div', {}, make('dt', {}, key), make('dd', {}, word))));
    return ask('Shortcuts, while the list has the focus', [list], 'Close', () => ({}), { look: 'f', cancel: '' });
  }

  window.Field.dialogs = { dismiss, dispatch, shelve, keys };
})();
