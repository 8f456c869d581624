// The alerts that were open at one minute, in the map's order, and what became of each.
(function () {
  'use strict';

  const { make, write, sign, number, span, time, isKnown } = window.Wall.format;
  const RANK = { high: 0, medium: 1, low: 2 };
  const SHOWN = 60; // a flood of alerts is a number; the rest come when asked for
  let all = false;

  function openAt(fates, now_ms) {
    return fates.filter((fate) => fate.raised_ms <= now_ms && !(isKnown(fate.closed_ms) && fate.closed_ms <= now_ms));
  }

  function ordered(fates, frame) {
    const place = new Map(frame.alerts.map((alert, i) => [alert.id, i]));
    const rank = (fate) => (place.has(fate.id) ? place.get(fate.id) : 1000 + RANK[fate.severity]);
    return [...fates].sort((a, b) => rank(a) - rank(b) || (b.worst || 0) - (a.worst || 0) || a.raised_ms - b.raised_ms);
  }

  function show(index, frame, choose) {
    const now_ms = frame.clock.now_ms;
    const rows = ordered(openAt(index.alerts || [], now_ms), frame);
    write('replay-alerts-count', rows.length === 1 ? '1 open alert' : `${number(rows.length)} open alerts`);
    document.getElementById('replay-none').hidden = rows.length > 0;
    const shown = all ? rows : rows.slice(0, SHOWN);
    const said = new Map(frame.alerts.map((alert) => [alert.id, alert.reason]));
    const items = shown.map((fate) => item(fate, said.get(fate.id) ?? `When raised: ${fate.reason || ''}`, now_ms, index, choose));
    const list = document.getElementById('replay-alerts');
    const top = list.scrollTop;
    list.replaceChildren(...items, ...(rows.length > shown.length ? [more(rows.length - shown.length, () => show(index, frame, choose))] : []));
    list.scrollTop = top;
  }

  function more(count, again) {
    const ask = () => {
      all = true;
      again();
    };
    return make('li', { class: 'r-more' }, make('button', { type: 'button', onclick: ask }, `Show ${number(count)} more`));
  }

  // `reason`: what was said at this minute, where the board of that minute tells it.
  function item(fate, reason, now_ms, index, choose) {
    const kind = self.WarroomSigns.kind(fate.kind);
    const isOver = isKnown(fate.closed_ms);
    return make(
      'li', { 'data-alert': fate.id, 'data-severity': fate.severity },
      sign(kind.shape),
      make('button', { type: 'button', class: 'r-place', onclick: () => choose(fate) }, fate.place || fate.region || 'Unknown place'),
      make('span', { class: 'r-age' }, `${kind.word}, for ${span(now_ms - fate.raised_ms)}`),
      make('p', { class: 'r-reason' }, reason.replace(/(\d) %/g, '$1\u00a0%')),
      make('p', { class: 'r-fate', 'data-over': isOver ? 'yes' : 'no' }, became(fate, index))
    );
  }

  function became(fate, index) {
    const parts = [];
    if (fate.owner) parts.push(`${fate.owner} took it${isKnown(fate.taken_ms) ? ` at ${time(fate.taken_ms)}` : ''}`);
    if (isKnown(fate.closed_ms)) parts.push(`over at ${time(fate.closed_ms)}, after ${span(fate.closed_ms - fate.raised_ms)}`);
    else parts.push(index.isComplete ? 'never closed' : 'still open');
    const text = parts.join('; ');
    return text[0].toUpperCase() + text.slice(1);
  }

  window.Wall.replayAlerts = { show };
})();
