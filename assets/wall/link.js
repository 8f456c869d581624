// The page's end of the map worker, the day's clock, and the watch over the signal's age.
// The age is counted here, by the browser's own clock: it goes on when server and worker are dead.
(function () {
  'use strict';

  const script = document.currentScript.src;
  const assets = script.replace(/(wall\/link|bundle)\.js.*$/, '');
  const version = new URL(script).searchParams.get('m');
  const { base, Clock } = window.Wall.room;
  const STALE_MS = 8000;
  const STILL_MS = 20000; // without a look of the watch
  const LOST_MS = 2500; // once the connection is known to be down

  class Link extends Clock {
    // `fed`: no live stream; the page orders what to 'show' itself.
    constructor({ fed } = {}) {
      super();
      this.base = base();
      this.listeners = {};
      this.waiting = new Map();
      this.boardAt_ms = null; // the day's minute that the figures were worked out at
      this.boardHeardAt = performance.now(); // the browser's moment at which they came
      this.storeIsDown = false;
      this.isSignedOut = false;
      const query = new URLSearchParams({ base: new URL(this.base, window.location.href).href, ...(version && { m: version }), ...(fed && { fed: 1 }) });
      this.worker = new Worker(`${assets}map-worker.js?${query}`);
      this.worker.onmessage = ({ data }) => this.receive(data);
      this.light();
      document.addEventListener('warroom-room', () => this.light());
      this.order('font', { face: `${assets}fonts/inter-latin.woff2` });
    }

    // Map and legend take the colours of the room (assets/room.js).
    light() {
      const { room } = document.documentElement.dataset;
      self.WarroomSigns.setRoom(room);
      this.order('room', { room });
    }

    order(order, data, transfer) {
      this.worker.postMessage({ order, ...data }, transfer || []);
    }

    ask(question, argument) {
      const key = `${question} ${Math.random()}`;
      this.order('ask', { key, question, argument });
      return new Promise((resolve) => this.waiting.set(key, resolve));
    }

    on(type, listener) {
      (this.listeners[type] ||= []).push(listener);
    }

    receive(data) {
      if (data.type === 'answer') {
        this.waiting.get(data.key)(data.value);
        this.waiting.delete(data.key);
        return;
      }
      if (data.type === 'link') this.hearLink(data);
      if (data.type === 'beat') {
        this.storeIsDown = data.clock.store === 'down';
        this.hear(data.clock);
      }
      if (data.type === 'panels') this.hearBoard(data);
      for (const listener of this.listeners[data.type] || []) listener(data);
    }

    // Why there is no signal is told now and then only; a signal ends it.
    hearLink({ up, isSignedOut }) {
      this.up = up;
      if (up || isSignedOut !== undefined) this.isSignedOut = Boolean(isSignedOut);
    }

    // A snapshot may have lain in the store for a while: its clock dates the figures, beats tell the time.
    hearBoard({ clock, day }) {
      const isSnapshot = Boolean(day);
      this.hear(isSnapshot && this.clock ? null : clock);
      this.boardAt_ms = clock ? clock.now_ms : this.now_ms();
      this.boardHeardAt = performance.now();
    }

    isStale() {
      return this.silence_ms() > (this.up ? STALE_MS : LOST_MS);
    }

    // The server speaks, and what it tells has not moved: the watch looks at least every two seconds.
    standsStill() {
      return performance.now() - this.boardHeardAt > STILL_MS;
    }

    // The day's minute that the figures on screen belong to.
    figuresFrom_ms() {
      return this.clock ? this.clock.now_ms : null;
    }
  }

  window.Wall = window.Wall || {};
  window.Wall.Link = Link;
})();
