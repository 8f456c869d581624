// Sheets that two people type blind: who is still to type, what differs, and settling it from the paper.
(function () {
  'use strict';

  const { make, time } = window.Wall.format;
  let open = [];

  async function refresh() {
    const { status, answer } = await window.Entry.ask('sheets');
    if (status !== 200) return;
    open = answer;
    draw();
  }

  function draw() {
    document.getElementById('entry-no-sheets').hidden = open.length > 0;
    document.getElementById('entry-sheets').replaceChildren(...open.map(row));
  }

  function row(sheet) {
    if (sheet.state === 'waits') {
      return make('li', {}, make('b', {}, `Sheet ${sheet.sheet}`), ` typed by ${sheet.first} at ${time(sheet.at_ms)}: waits for a second person. Type /${sheet.sheet}`);
    }
    return make('li', { 'data-tone': 'doubt' },
      make('b', {}, `Sheet ${sheet.sheet}`), ` differs: look at the paper, type /${sheet.sheet} and the right line.`,
      make('ul', {}, ...sheet.differ.map((one) => difference(sheet, one))));
  }

  function difference(sheet, { what, first, second }) {
    const [kind, ...place] = what.split(' ');
    const word = { checkins: '', wait: 'wait ', incident: 'problem ' }[kind];
    const drop = make('button', { type: 'button', 'aria-label': `${place.join(' ')} is not on the paper`, onclick: () => dropOne(sheet.sheet, what) }, 'Not on the paper');
    return make('li', {}, `${word}${place.join(' ')}: ${sheet.first} ${first || 'nothing'}, ${sheet.second} ${second || 'nothing'} `, drop);
  }

  async function dropOne(sheet, what) {
    await window.Entry.ask('sheets/settle', { by: window.Entry.by(), sheet, dropped: what });
    await refresh();
    window.Entry.focus();
  }

  const differs = (sheet) => open.some((one) => one.sheet === sheet && one.state === 'compared');

  // The right line of a differing sheet goes out at once.
  async function settle(line) {
    const { status, answer } = await window.Entry.ask('sheets/settle', {
      by: line.by, sheet: line.sheet, line: { id: line.id, line: line.line, typed_ms: line.typed_ms, time: line.time },
    });
    const told = status === 200 ? answer : { status: 'refused', remedy: answer.detail || 'no connection: type it again' };
    window.Entry.outbox.change(line, { state: told.status, told });
    window.Entry.list.draw();
    await refresh();
  }

  // Ctrl+Enter: the whole sheet goes to the server; gives the words to say.
  async function done(sheet, by) {
    const { outbox } = window.Entry;
    const mine = outbox.lines.filter((line) => line.state === 'held' && line.sheet === sheet && line.by === by);
    if (!mine.length) return `Nothing of sheet ${sheet || '–'} is held here.`;
    const lines = mine.map(({ id, line, typed_ms, time: at }) => ({ id, line, typed_ms, time: at }));
    const { status, answer } = await window.Entry.ask('sheets', { by, sheet, lines });
    if (status === 422 && answer.bad) {
      for (const { id, remedy } of answer.bad) outbox.change(outbox.lines.find((line) => line.id === id), { state: 'refused', told: { remedy } });
      window.Entry.list.draw();
      return `Not understood: ${answer.bad.length} of ${lines.length} lines. Type them again, then Ctrl+Enter.`;
    }
    if (status !== 200) return answer.detail || 'No connection: the sheet is kept here. Ctrl+Enter again.';
    mine.forEach((line) => outbox.change(line, { state: 'compared' }));
    window.Entry.list.draw();
    await refresh();
    if (answer.state === 'waits') return `Sheet ${sheet}: now a second person types it.`;
    const left = answer.differ.length;
    const agree = answer.agreed === 1 ? '1 line agrees and is sent' : `${answer.agreed} lines agree and are sent`;
    return `Sheet ${sheet}: ${agree}, ${left ? `${left} differ` : 'none differs'}.`;
  }

  window.Entry = window.Entry || {};
  window.Entry.sheets = { refresh, differs, settle, done };
})();
