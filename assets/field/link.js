// The page's own end of the event stream (the same Link as the map's worker), and the day's clock.
(function () {
  'use strict';

  const script = document.currentScript.src;
  const part = script.replace(/(field\/link|bundle)\.js/, 'map/link-worker.js'); // keeps the page's version mark
  const { base, Clock } = window.Wall.room;
  const STALE_MS = 8000;

  class FieldLink extends Clock {
    // `on(data)` gets every snapshot and delta
    constructor(on) {
      super();
      this.storeIsDown = false;
      const element = document.createElement('script');
      element.src = part;
      element.onload = () => this.open(on);
      document.head.append(element);
    }

    open(on) {
      this.stream = new self.WarroomLink(`${base()}api/v1/stream`, {
        snapshot: (data) => { this.hear(this.clock ? null : data.clock); on(data); },
        delta: (data) => { this.hear(data.clock); on(data); },
        beat: (clock) => { this.storeIsDown = clock.store === 'down'; this.hear(clock); },
        link: (up) => { this.up = up; },
        bytes: () => {},
      });
      this.stream.open();
    }

    isStale() {
      return this.silence_ms() > STALE_MS || !this.up;
    }
  }

  window.Field = window.Field || {};
  window.Field.Link = FieldLink;
})();
