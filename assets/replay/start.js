// The replay page: slider, play and map, fed with frames instead of the live stream.
(function () {
  'use strict';

  const { make, write } = window.Wall.format;
  const BUSY_MS = 1500; // between looks while the day is being computed
  const CALM_MS = 15000;
  const PAGE_MINUTES = 60;
  const MINUTE_MS = 60000;
  let page = null;

  class Page {
    constructor() {
      this.link = new window.Wall.Link({ fed: true });
      this.day = new window.Wall.ReplayDay(this.link.base);
      this.minute = null; // the minute looked at
      this.wanted = null;
      this.playing = 0;
      this.drawing = null;
      this.slider = make('input', { type: 'range', id: 'replay-slider', min: 0, step: 1, 'aria-label': 'Minute of the day' });
      document.getElementById('replay-slider-place').append(this.slider);
      this.listen();
      this.look();
    }

    listen() {
      this.slider.addEventListener('input', () => this.go(this.day.nearest(Number(this.slider.value))));
      this.keys = (event) => this.key(event);
      document.addEventListener('keydown', this.keys);
      document.getElementById('replay-play').addEventListener('click', () => this.play(!this.playing));
      this.link.on('roster', ({ roster }) => { this.roster = roster; });
      this.link.on('hover', ({ index, cell }) => this.point(index, cell));
      this.link.on('tap', ({ index }) => this.choose({ precinct: this.roster && index >= 0 ? this.roster.ids[index] : null }, true));
      this.refit = new ResizeObserver(() => this.draw());
    }

    async look() {
      clearTimeout(this.timer);
      try {
        const isAtEnd = this.minute === null || this.minute === this.day.last;
        const index = await this.day.look();
        if (page !== this) return;
        if (this.day.minutes.length) await this.lookedAt(isAtEnd);
        else window.Wall.replayPanels.empty(index.minutes ? { state: 'early' } : index);
      } catch {
        if (!this.day.minutes.length) window.Wall.replayPanels.empty({ state: 'away' });
      }
      if (page !== this) return;
      this.showing();
      const isBusy = !this.day.minutes.length || this.day.index.done < this.day.index.whole;
      this.timer = setTimeout(() => this.look(), isBusy ? BUSY_MS : CALM_MS);
    }

    async lookedAt(isAtEnd) {
      const { index } = this.day;
      Object.assign(index, { isComplete: this.day.isComplete(), last: this.day.last, end: this.day.end });
      this.slider.max = index.end;
      this.showing();
      if (!this.mounted) {
        this.mounted = true;
        window.Wall.map.mount(document.getElementById('replay-map'), this.link);
        this.refit.observe(document.getElementById('replay-curve'));
        this.minute = this.fromHash();
      }
      index.newest = await this.day.frame(this.day.last);
      const follow = isAtEnd && !this.playing && !this.hashed;
      await this.go(follow || this.minute === null ? this.day.last : this.minute);
      write('replay-state', window.Wall.replayPanels.progress(index));
    }

    showing() {
      const some = this.day.minutes.length > 0;
      document.getElementById('replay-empty').hidden = some;
      document.getElementById('replay-day').hidden = !some;
    }

    fromHash() {
      const found = /^#(\d\d):(\d\d)$/.exec(window.location.hash);
      if (!found) return null;
      window.Wall.format.setZone(this.day.index.day.timezone);
      const sought = `${found[1]}:${found[2]}`;
      const at = this.day.minutes.find((minute) => window.Wall.format.time(this.day.index.day.opens_ms + minute * MINUTE_MS) >= sought);
      this.hashed = at !== undefined;
      return this.hashed ? at : null;
    }

    // Shows a minute; of several asked for quickly the last is shown.
    async go(minute) {
      this.wanted = minute;
      this.slider.value = minute;
      let frame;
      try {
        frame = await this.day.frame(minute);
      } catch {
        return; // the next look tries again
      }
      if (this.wanted !== minute || page !== this) return;
      this.minute = minute;
      this.frame = frame;
      this.link.order('show', { snapshot: frame });
      this.draw();
      this.day.fetchAhead(minute);
    }

    draw() {
      if (!this.frame) return;
      const { index } = this.day;
      window.Wall.replayPanels.show(index, this.frame);
      window.Wall.replayAlerts.show(index, this.frame, (fate) => this.choose(fate));
      const clock = window.Wall.format.time(this.frame.clock.now_ms);
      this.slider.setAttribute('aria-valuetext', clock);
      window.history.replaceState(null, '', `#${clock}`);
    }

    play(on) {
      clearTimeout(this.playing);
      this.playing = 0;
      const button = document.getElementById('replay-play');
      button.setAttribute('aria-pressed', String(Boolean(on)));
      write(button, on ? 'Pause' : 'Play');
      if (!on) return;
      if (this.minute === this.day.last) this.go(this.day.minutes[0]);
      const next = async () => {
        if (page !== this) return;
        if (this.minute === this.day.last) {
          this.play(false);
          return;
        }
        const speed = Number(document.getElementById('replay-speed').value);
        const steps = Math.max(1, Math.round(speed / 20)); // an hour a second skips frames: the eye sees no more
        this.playing = setTimeout(next, (1000 * 5 * steps) / speed);
        await this.go(this.day.beside(this.minute, steps));
      };
      this.playing = setTimeout(next, 0);
    }

    key(event) {
      const onMap = event.target.id === 'replay-map';
      if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest('select, input:not([type="range"]), textarea')) return;
      const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      const pages = { PageUp: PAGE_MINUTES, PageDown: -PAGE_MINUTES }[event.key];
      const ends = { Home: this.day.minutes[0], End: this.day.last }[event.key];
      const from = this.wanted === null ? this.minute : this.wanted;
      if (!this.day.minutes.length) return;
      if (steps && !onMap) this.go(this.day.beside(from, steps));
      else if (pages) this.go(this.day.nearest(from + pages));
      else if (ends !== undefined) this.go(ends);
      else if (event.key === ' ' && !event.target.closest('button, a')) this.play(!this.playing);
      else return;
      event.preventDefault();
    }

    point(index, cell) {
      const { roster } = this;
      if (index < 0 || !roster) {
        write('replay-hover', '');
        return;
      }
      write('replay-hover', `${roster.names[index]}, ${roster.regions[roster.region_of[index]]}: ${self.WarroomSigns.cellWords(cell)}`);
    }

    // From the list or from the map: mark the precinct, or the first of its site.
    choose({ precinct, site }, stay) {
      const id = precinct || (this.roster && site ? this.roster.ids[this.roster.sites.indexOf(site)] : null);
      this.link.order('select', { id });
      if (id && !stay) this.link.order('zoomTo', { id });
    }

    leave() {
      this.play(false);
      clearTimeout(this.timer);
      this.refit.disconnect();
      document.removeEventListener('keydown', this.keys);
      this.link.worker.terminate();
    }
  }

  function unmount() {
    const old = page;
    page = null;
    old?.leave();
  }

  window.replay = { minute: () => page && page.minute, ask: (question, argument) => page.link.ask(question, argument) };
  window.Wall.room.page('replay', () => { page = new Page(); }, unmount);
})();
