// The day that is replayed: which minutes there are, and the board at each of them.
(function () {
  'use strict';

  const KEEP = 400; // frames; a day of sixteen hours has about two hundred
  const AHEAD = 3;

  class Day {
    constructor(base) {
      this.url = `${base}api/v1/replay`;
      this.index = null;
      this.frames = new Map(); // minute -> promise of a snapshot
    }

    // Asks what there is; the answer keeps `warroom history` at work.
    async look() {
      const response = await fetch(this.url);
      if (!response.ok) throw new Error(response.statusText);
      const index = await response.json();
      const before = this.index;
      const startedOver = before && before.minutes && index.minutes
        && (index.mark !== before.mark || index.minutes.length < before.minutes.length);
      if (startedOver) this.frames.clear();
      this.index = index;
      return index;
    }

    get minutes() {
      return (this.index && this.index.minutes) || [];
    }

    get last() {
      return this.minutes[this.minutes.length - 1];
    }

    // The last minute the day can have: an hour after the close.
    get end() {
      const { opens_ms, closes_ms } = this.index.day;
      return Math.round((closes_ms - opens_ms) / 60000) + 60;
    }

    isComplete() {
      return this.minutes.length > 0 && this.last >= this.end;
    }

    // The minute there is that lies nearest, never later than the last.
    nearest(minute) {
      return this.minutes.reduce((best, one) => (Math.abs(one - minute) < Math.abs(best - minute) ? one : best), this.minutes[0]);
    }

    // `steps` places further in the list of minutes.
    beside(minute, steps) {
      const at = this.minutes.indexOf(this.nearest(minute)) + steps;
      return this.minutes[Math.max(0, Math.min(this.minutes.length - 1, at))];
    }

    frame(minute) {
      if (!this.frames.has(minute)) {
        const asked = fetch(`${this.url}/${minute}`).then((response) => {
          if (!response.ok) throw new Error(response.statusText);
          return response.json();
        });
        asked.catch(() => this.frames.delete(minute));
        this.frames.set(minute, asked);
        if (this.frames.size > KEEP) this.frames.delete(this.frames.keys().next().value);
      }
      return this.frames.get(minute);
    }

    fetchAhead(minute) {
      for (let step = 1; step <= AHEAD; step++) this.frame(this.beside(minute, step)).catch(() => {});
    }
  }

  window.Wall = window.Wall || {};
  window.Wall.ReplayDay = Day;
})();
