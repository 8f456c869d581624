// One alert on the list. The node is made once and filled anew, so that focus and selection survive.
(function () {
  'use strict';

  const { make, write, mark, icon, span, number, isKnown } = window.Wall.format;
  const { STEPS, SEVERITY, place, kind, shortfall, tellsExpected, due, standing, firstSteps } = window.Field.words;

  class Row {
    // on = {open(row), step(row, what), select(row, isOn)}
    constructor(row, on) {
      this.on = on;
      this.steps = '';
      const n = ++Row.count;
      this.check = make('input', { type: 'checkbox', tabindex: '-1' });
      this.check.addEventListener('change', () => on.select(this.row, this.check.checked));
      this.icon = make('span', { class: 'f-icon' });
      this.place = make('button', { type: 'button', class: 'f-place', tabindex: '-1', id: `f-place-${n}`, onclick: () => on.open(this.row) });
      this.kind = make('span', { class: 'f-kind', id: `f-kind-${n}` });
      this.region = make('span', { class: 'f-region' });
      this.severity = make('span', { class: 'f-severity' });
      this.short = make('b', { class: 'f-short' });
      this.seen = make('span', { class: 'f-seen' });
      this.reason = make('p', { class: 'f-reason' });
      this.age = make('span', { class: 'f-age' });
      this.state = make('span', { class: 'f-state', id: `f-state-${n}` });
      this.due = make('span', { class: 'f-due' });
      this.buttons = make('div', { class: 'f-steps' });
      this.item = make('li', { tabindex: '-1', 'data-alert': row.id, 'aria-labelledby': `f-place-${n} f-kind-${n} f-state-${n}` },
        make('label', { class: 'f-check' }, this.check, this.checkWord = make('span', { class: 'unseen' })),
        this.icon,
        make('div', { class: 'f-what' },
          make('p', { class: 'f-line' }, this.place, this.severity),
          make('p', { class: 'f-sub' }, this.kind, this.region),
          this.reason),
        make('p', { class: 'f-gap' }, this.short, this.seen),
        make('p', { class: 'f-who' }, this.state, this.due, this.age),
        this.buttons);
      this.fill(row);
    }

    fill(row) {
      this.row = row;
      const { word } = kind(row);
      icon(this.icon, kind(row));
      write(this.place, place(row));
      write(this.checkWord, `Select ${place(row)}, ${word}`);
      write(this.kind, word);
      const where = [row.region === place(row) ? 'the whole region' : row.region, row.precinct && row.site_name !== row.place ? row.site_name : ''];
      write(this.region, where.filter(Boolean).join(' · '));
      write(this.severity, SEVERITY[row.severity] || '');
      write(this.short, row.shortfall > 0 ? `${number(row.shortfall)} ${isKnown(row.expected) ? 'voters short' : 'voters at risk'}` : '');
      write(this.seen, shortfall(row));
      write(this.reason, row.reason || '');
      write(this.state, standing(row));
      mark(this.item, 'told', tellsExpected(row) ? 'yes' : null); // a phone has no room to say it twice
      mark(this.item, 'state', row.state);
      mark(this.item, 'severity', row.severity);
      mark(this.item, 'asks', row.asks ? 'yes' : 'no');
      this.tick();
      this.fillSteps();
    }

    fillSteps() {
      const steps = firstSteps(this.row, window.Wall.questions.whoAmI());
      const key = steps.join();
      if (key !== this.steps) {
        this.steps = key;
        const held = this.buttons.contains(document.activeElement);
        this.buttons.replaceChildren(...steps.map((what, i) =>
          make('button', { type: 'button', 'data-step': what, class: i ? '' : 'f-first', onclick: () => this.on.step(this.row, what) }, STEPS[what].word)));
        if (held) this.item.focus({ preventScroll: true });
        this.reach(this.item.tabIndex === 0);
      }
      for (const button of this.buttons.children) {
        button.setAttribute('aria-label', `${button.textContent}: ${place(this.row)}, ${kind(this.row).word}`);
      }
    }

    tick(now_ms) {
      if (isKnown(now_ms)) this.now_ms = now_ms;
      if (!isKnown(this.now_ms)) return;
      const { row } = this;
      const ended = row.closed_ms ? `closed ${span(this.now_ms - row.closed_ms)} ago` : `raised ${span(this.now_ms - row.raised_ms)} ago`;
      write(this.age, ended);
      write(this.due, row.asks ? due(row, this.now_ms) : '');
      const late = row.handling.deadline_ms && this.now_ms > row.handling.deadline_ms && row.asks;
      mark(this.item, 'late', late ? 'yes' : null);
    }

    // Only the current row's parts are in the tab order; the arrows go from row to row.
    reach(isCurrent) {
      this.item.tabIndex = isCurrent ? 0 : -1;
      for (const part of [this.check, this.place, ...this.buttons.children]) part.tabIndex = isCurrent ? 0 : -1;
    }
  }
  Row.count = 0;

  window.Field.Row = Row;
})();
