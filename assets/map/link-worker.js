// The one event stream of a screen: a snapshot, then numbered deltas. A gap, another epoch or
// 8 s of silence closes it and opens a new one, which begins with a fresh snapshot.
(function (root) {
  'use strict';

  const SILENCE_MS = 8000;
  const RETRY_MS = 900; // plus up to as much again, so that fifty screens do not knock at once
  const LIMIT_MS = 5000;

  class Link {
    // `on` = {snapshot(data), delta(data), beat(data), link(isUp, isSignedOut), bytes(count)}
    constructor(url, on) {
      this.url = url;
      this.on = on;
      this.seq = -1;
      this.epoch = null;
      this.source = null;
      this.retry = 0;
      this.heardAt = performance.now();
      this.reopened = 0;
      this.failed = 0; // openings in a row that gave nothing
      setInterval(() => this.watch(), 1000);
    }

    open() {
      clearTimeout(this.retry);
      this.retry = 0;
      if (this.source) this.source.close();
      this.seq = -1;
      this.heardAt = performance.now();
      const source = new EventSource(this.url);
      this.source = source;
      source.addEventListener('snapshot', (event) => this.hear(event, (data) => this.snapshot(data)));
      source.addEventListener('delta', (event) => this.hear(event, (data) => this.delta(data)));
      source.addEventListener('beat', (event) => this.hear(event, (data) => this.on.beat(data)));
      source.addEventListener('error', () => this.lost(source));
    }

    hear(event, handle) {
      this.heardAt = performance.now();
      this.on.bytes(event.data.length);
      handle(JSON.parse(event.data));
    }

    snapshot(data) {
      this.seq = data.seq;
      this.epoch = data.epoch;
      this.failed = 0;
      this.on.link(true);
      this.on.snapshot(data);
    }

    delta(data) {
      if (this.seq < 0) return; // a snapshot is on its way
      const sameEpoch = data.epoch === undefined || data.epoch === this.epoch;
      if (sameEpoch && data.seq <= this.seq) return; // the snapshot overtook it
      if (!sameEpoch || data.prev !== this.seq) {
        this.again(0);
        return;
      }
      this.seq = data.seq;
      this.on.delta(data);
    }

    lost(source) {
      if (source !== this.source) return;
      this.failed += 1;
      this.on.link(false);
      if (this.failed % 4 === 2) this.askWhy();
      this.again(RETRY_MS * (1 + Math.random()));
    }

    // An EventSource does not tell why it was refused; a plain question does.
    async askWhy() {
      const answer = await fetch(this.url, { signal: AbortSignal.timeout(LIMIT_MS) }).catch(() => null);
      if (answer && answer.body) answer.body.cancel().catch(() => {});
      if (answer && this.failed) this.on.link(false, answer.status === 401 || answer.status === 403);
    }

    again(wait_ms) {
      if (this.source) this.source.close();
      this.source = null;
      this.reopened += 1;
      clearTimeout(this.retry);
      this.retry = setTimeout(() => this.open(), wait_ms);
    }

    watch() {
      if (!this.source || performance.now() - this.heardAt < SILENCE_MS) return;
      this.on.link(false);
      this.again(0);
    }
  }

  root.WarroomLink = Link;
})(self);
