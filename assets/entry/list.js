// The last 20 lines and what became of each, newest first.
(function () {
  'use strict';

  const SHOWN = 20;
  const { write, mark, make, time } = window.Wall.format;

  function recent() {
    return window.Entry.outbox.lines.filter((line) => !line.void).slice(-SHOWN).reverse();
  }

  function draw() {
    const rows = recent();
    document.getElementById('entry-empty').hidden = rows.length > 0;
    document.getElementById('entry-lines').replaceChildren(...rows.map(row));
    const sent = window.Entry.outbox.lines.filter((line) => line.state === 'taken' && !line.void && !line.undone).length;
    write('entry-count', sent ? `${sent} sent from this browser` : '');
  }

  function row(line) {
    const [tone, words] = window.Entry.echo.end(line);
    const told = line.told && line.told.ok && line.told.kind !== 'void' ? line.told : null;
    const element = make('li', { 'data-tone': tone, 'data-line': line.id },
      make('span', { class: 'e-typed' }, line.line),
      make('span', { class: 'e-meant' }, told ? window.Entry.echo.what(told) : `typed ${time(line.typed_ms)}`),
      make('span', { class: 'e-end' }, words),
      make('span', { class: 'e-sheet' }, line.sheet ? `sheet ${line.sheet}` : ''));
    return element;
  }

  // What the tally makes of the counts shown: a count can become suspect, or be believed, after it was sent.
  async function became(by) {
    const counts = recent().filter((line) => line.state === 'taken' && line.by === by && line.told && line.told.kind === 'checkins');
    const units = [...new Set(counts.map(({ told }) => `${told.is_site ? 's' : 'p'}:${told.place}`))];
    if (!units.length) return;
    const query = new URLSearchParams([['by', by], ...units.map((unit) => ['unit', unit])]);
    const { status, answer } = await window.Entry.ask(`became?${query}`);
    if (status !== 200) return;
    let isNew = false;
    for (const line of counts) {
      if (line.id in answer && answer[line.id] !== line.doubt) {
        window.Entry.outbox.change(line, { doubt: answer[line.id] });
        isNew = true;
      }
    }
    if (isNew) draw();
  }

  window.Entry = window.Entry || {};
  window.Entry.list = { draw, became, recent };
})();
