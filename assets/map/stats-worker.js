// Figures for the bench, in rings of fixed length: a wall runs for days.
(function (root) {
  'use strict';

  const KEEP = 500;

  class Ring {
    constructor() { this.values = []; }
    add(value) {
      this.values.push(value);
      if (this.values.length > KEEP) this.values.shift();
    }
  }

  class Stats {
    constructor() {
      this.draws = 0;
      this.lastDrawMs = 0;
      this.lastDeltaMs = 0;
      this.stampToPixelMs = new Ring();
      this.bytes = new Ring();
      this.firstAt = {}; // step -> ms since the page's worker was born
    }

    first(step) { this.firstAt[step] ??= Math.round(performance.now()); }

    addDraw(ms, painted) {
      this.draws += 1;
      this.lastDrawMs = ms;
      if (painted) this.lastDeltaMs = ms;
    }

    addStamp(ms) { this.stampToPixelMs.add(ms); }
    addBytes(count) { this.bytes.add(count); }

    report() {
      const { draws, lastDrawMs, lastDeltaMs, firstAt } = this;
      return {
        draws, lastDrawMs, lastDeltaMs, firstAt: { ...firstAt },
        stampToPixelMs: [...this.stampToPixelMs.values], bytes: [...this.bytes.values],
      };
    }

    // Milliseconds to draw every precinct, and 1 % of them, rasterised (the read-back forces it).
    measure(rounds, { painter, view, board, shape }) {
      const timed = (paint) => {
        const started = performance.now();
        paint();
        painter.ctx.getImageData(0, 0, 1, 1);
        return performance.now() - started;
      };
      const all = [];
      const hundredth = [];
      for (let round = 0; round < (rounds || 10); round++) {
        const some = [];
        for (let i = round % 100; i < shape.count; i += 100) some.push(i);
        hundredth.push(timed(() => painter.some(view, some, board.cells, board.shown)));
        all.push(timed(() => painter.all(view, board.cells, board.shown)));
      }
      return { all, hundredth, precincts: shape.count, width: view.w, height: view.h };
    }
  }

  root.WarroomStats = Stats;
})(self);
