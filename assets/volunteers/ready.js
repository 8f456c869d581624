// Readiness: who logged in and sent a test report by seven, three and one day before.
(function () {
  'use strict';

  const { make, write, number, percent } = window.Wall.format;
  const MOST_NAMES = 12;

  function setReady({ readiness, count, role, now_ms }) {
    const list = document.getElementById('crew-ready');
    if (!count) {
      write('crew-ready-note', 'Nobody to be ready: volunteers.csv is not in the day folder.');
      list.replaceChildren();
      return;
    }
    const known = readiness.some((step) => step.known);
    const isAhead = readiness.some((step) => step.due_ms > now_ms);
    write('crew-ready-note', known
      ? `${number(count)} volunteers. Ready: logged in and sent a test report.`
      : `${number(count)} volunteers. ${isAhead
        ? 'Nothing was heard yet. Awaited: a shift report (scheduled or checked in) and one test report from each.' : 'Nothing was heard before the day.'}`);
    list.replaceChildren(...readiness.map((step) => row(step, count, role, step.due_ms > now_ms)));
  }

  // `isAhead`: its date has not passed; what did not come by a date that has is not awaited any more.
  function row(step, count, role, isAhead) {
    const item = make('li', {}, make('h3', {}, `${step.days} ${step.days === 1 ? 'day' : 'days'} before`));
    if (!step.known) {
      item.append(make('p', { class: 'crew-note' }, isAhead ? 'Nothing heard yet: awaited.' : 'Nothing was heard by then.'));
      return item;
    }
    item.append(bar('Logged in', step.logged_in.length, count), bar('Test report', step.tested.length, count));
    const words = `${number(step.awaited.length)} ${isAhead ? 'awaited' : 'not ready by then'}`;
    if (step.awaited.length && role === 'director') item.append(awaited(step.awaited, words));
    else if (step.awaited.length) item.append(make('p', { class: 'crew-note' }, words));
    return item;
  }

  function bar(words, value, count) {
    const share = count ? value / count : 0;
    const fill = make('span', { class: 'crew-bar', 'aria-hidden': 'true' }, make('i', { style: `width: ${(share * 100).toFixed(1)}%` }));
    return make('p', {}, make('span', {}, words), fill, make('b', {}, `${number(value)} (${percent(share)})`));
  }

  function awaited(ids, words) {
    const names = ids.slice(0, MOST_NAMES).map((id) => window.Crew.lists.who(id)).join(', ');
    const more = ids.length > MOST_NAMES ? ` and ${number(ids.length - MOST_NAMES)} more` : '';
    return make('details', {}, make('summary', {}, words), make('p', { class: 'crew-note' }, names + more));
  }

  window.Crew = { ...window.Crew, ready: { setReady } };
})();
