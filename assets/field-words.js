// The words of an alert's life, in one place. Beside format.js, for what stands here loads before the parts of a page.
(function () {
  'use strict';

  const STEPS = {
    acknowledge: { word: 'Acknowledge', key: 'a', done: 'yours' },
    dispatch: { word: 'Send someone', key: 'd', done: 'somebody is sent' },
    arrive: { word: 'Arrived', key: 'o', done: 'they have arrived' },
    resolve: { word: 'Resolve', key: 'r', done: 'resolved' },
    dismiss: { word: 'Dismiss', key: 'x', done: 'dismissed' },
    extend: { word: 'More time', key: 'm', done: 'has more time' },
    take_over: { word: 'Take over', key: 't', done: 'yours' },
    reopen: { word: 'Reopen', key: 'e', done: 'reopened' },
    undo: { word: 'Undo', key: 'u', done: 'as it was before' },
  };

  const STATES = {
    open: 'Nobody has it', reopened: 'Reopened', acknowledged: 'Acknowledged', dispatched: 'On the way',
    on_site: 'On site', resolved: 'Resolved', dismissed: 'Dismissed', escalated: 'Escalated',
    worse: 'Worse since it was put away', closed_itself: 'Closed by itself', shelved: 'Shelved',
  };

  const PAST = {
    acknowledge: 'acknowledged', dispatch: 'sent', arrive: 'noted the arrival', resolve: 'resolved',
    dismiss: 'dismissed', extend: 'gave more time', take_over: 'took over', reopen: 'reopened', undo: 'undid',
  };

  const SEVERITY = { high: 'High', medium: 'Medium', low: 'Low' };
  const DISMISSALS = [
    'False alarm: the count was wrong', 'Known and expected here', 'Handled elsewhere', 'Same as another alert', 'Other',
  ];

  const place = (row) => window.Wall.format.placeOf(row);
  const kind = (row) => self.WarroomSigns.kind(row.kind);

  // 57 voted, 90 expected (90 %: 78–102); the band in one piece
  function shortfall(row) {
    const { number, isKnown } = window.Wall.format;
    if (!isKnown(row.expected)) return '';
    const band = isKnown(row.expected_low) && isKnown(row.expected_high)
      ? ` (90\u00a0%:\u00a0${number(row.expected_low)}–${number(row.expected_high)})` : '';
    const seen = isKnown(row.reported) ? `${number(row.reported)} voted, ${number(row.expected)} expected` : `${number(row.expected)} expected`;
    return `${seen}${band}`;
  }

  // Whether the reason holds those figures already.
  const tellsExpected = (row) => (row.reason || '').includes(`${window.Wall.format.number(row.expected)} expected`);

  function due(row, now_ms) {
    const { isKnown, span } = window.Wall.format;
    const at = row.handling.deadline_ms;
    if (!isKnown(at) || now_ms === null) return '';
    const left = at - now_ms;
    return left >= 0 ? `due in ${span(left)}` : `Escalated: overdue ${span(-left)}`;
  }

  // Ana · On the way (V012)
  function standing(row) {
    const { owner, status, volunteer } = row.handling;
    const held = status === 'acknowledged' || status === 'dispatched' || status === 'on_site';
    const going = volunteer && (status === 'dispatched' || status === 'on_site') ? ` (${volunteer})` : '';
    const word = STATES[row.state === 'escalated' ? status : row.state] || row.state;
    return `${owner && held ? `${owner} · ` : ''}${word}${going}`;
  }

  // Which step stands first on a row for this person.
  function firstSteps(row, me) {
    const { steps, owner } = row.handling;
    if (row.state === 'escalated' && owner !== me) return ['take_over', ...steps.slice(0, 1)];
    const second = steps.slice(1).find((step) => step === 'resolve' || step === 'dismiss');
    return [steps[0], second].filter(Boolean);
  }

  function decided(decision) {
    const where = [decision.volunteer, decision.move].filter(Boolean).join(': ');
    const what = [PAST[decision.what] || decision.what, where, decision.reason].filter(Boolean).join(' · ');
    return `${window.Wall.format.time(decision.at_ms)} ${decision.by} ${what}`;
  }

  window.Field = window.Field || {};
  window.Field.words = {
    STEPS, STATES, SEVERITY, DISMISSALS, place, kind, shortfall, tellsExpected, due, standing, firstSteps, decided,
  };
})();
