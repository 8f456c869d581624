// The page's end of the map worker, the day's clock, and the watch over the signal's age.
// The age is counted here, by the browser's own clock: it goes on when server and worker are dead.
(function () {
  'use strict';

  const script = document.currentScript.src;
  const assets = script.replace(/(wall\/link|bundle)\.js.*$/, '');
  const version = new URL(script).searchParams.get('m');
  const STALE_MS = 8000;
  const LOST_MS = 2500; // once the connection is known to be down
  const COAST_MS = 3000; // how far a sped-up clock may run on without a beat

  function base() {
    try {
      return JSON.parse(document.getElementById('_dash-config').textContent).requests_pathname_prefix || '/';
    } catch {
      return '/';
    }
  }

  class Link {
    // `fed`: no live stream; the page orders what to 'show' itself.
    constructor({ fed } = {}) {
      this.base = base();
      this.listeners = {};
      this.waiting = new Map();
      this.heardAt = performance.now();
      this.up = false;
      this.everHeard = false;
      this.clock = null;
      this.boardAt_ms = null; // the day's minute that the figures were worked out at
      this.storeIsDown = false;
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
      if (data.type === 'link') this.up = data.up;
      if (data.type === 'beat') {
        this.storeIsDown = data.clock.store === 'down';
        this.hear(data.clock);
      }
      if (data.type === 'panels') this.hearBoard(data);
      for (const listener of this.listeners[data.type] || []) listener(data);
    }

    // A snapshot may have lain in the store for a while: its clock dates the figures, beats tell the time.
    hearBoard({ clock, day }) {
      const isSnapshot = Boolean(day);
      this.hear(isSnapshot && this.clock ? null : clock);
      this.boardAt_ms = clock ? clock.now_ms : this.now_ms();
    }

    hear(clock) {
      this.heardAt = performance.now();
      this.everHeard = true;
      this.up = true;
      if (clock) this.clock = { ...clock, at: this.heardAt };
    }

    silence_ms() {
      return performance.now() - this.heardAt;
    }

    isStale() {
      return this.silence_ms() > (this.up ? STALE_MS : LOST_MS);
    }

    // The day's clock now, in ms; null before the first word from the server.
    now_ms() {
      if (!this.clock) return null;
      const { now_ms, rate, at } = this.clock;
      const run = performance.now() - at;
      return now_ms + (rate === 1 ? run : Math.min(run, COAST_MS) * (rate || 0));
    }

    // The day's minute that the figures on screen belong to.
    figuresFrom_ms() {
      return this.clock ? this.clock.now_ms : null;
    }
  }

  window.Wall = window.Wall || {};
  window.Wall.Link = Link;
})();
