// The page's own end of the event stream (the same Link as the map's worker), and the day's clock.
(function () {
  'use strict';

  const script = document.currentScript.src;
  const part = script.replace(/(field\/link|bundle)\.js/, 'map/link-worker.js'); // keeps the page's version mark
  const STALE_MS = 8000;
  const COAST_MS = 3000; // how far a sped-up clock may run on without a beat

  function base() {
    try {
      return JSON.parse(document.getElementById('_dash-config').textContent).requests_pathname_prefix || '/';
    } catch {
      return '/';
    }
  }

  class FieldLink {
    // `on(data)` gets every snapshot and delta
    constructor(on) {
      this.base = base();
      this.clock = null;
      this.heardAt = performance.now();
      this.up = false;
      this.storeIsDown = false;
      const element = document.createElement('script');
      element.src = part;
      element.onload = () => this.open(on);
      document.head.append(element);
    }

    open(on) {
      this.stream = new self.WarroomLink(`${this.base}api/v1/stream`, {
        snapshot: (data) => { this.hear(this.clock ? null : data.clock); on(data); },
        delta: (data) => { this.hear(data.clock); on(data); },
        beat: (clock) => { this.storeIsDown = clock.store === 'down'; this.hear(clock); },
        link: (up) => { this.up = up; },
        bytes: () => {},
      });
      this.stream.open();
    }

    hear(clock) {
      this.heardAt = performance.now();
      this.up = true;
      if (clock) this.clock = { ...clock, at: this.heardAt };
    }

    silence_ms() {
      return performance.now() - this.heardAt;
    }

    isStale() {
      return this.silence_ms() > STALE_MS || !this.up;
    }

    // The day's clock now, in ms; null before the first word from the server.
    now_ms() {
      if (!this.clock) return null;
      const { now_ms, rate, at } = this.clock;
      const run = performance.now() - at;
      return now_ms + (rate === 1 ? run : Math.min(run, COAST_MS) * (rate || 0));
    }
  }

  window.Field = window.Field || {};
  window.Field.Link = FieldLink;
})();
