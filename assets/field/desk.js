// What the page knows: rows from the API, asked for anew when the stream says that something changed.
(function () {
  'use strict';

  const { get, send } = window.Wall.room;
  const APART_MS = 700; // between two askings
  const CARD_APART_MS = 4000;
  const LEARNED_MS = 3000;
  const ANYWAY_MS = 15000; // deadlines pass without anybody deciding anything

  class Desk {
    // on = {rows(), card(), lost(words)}
    constructor(link, on) {
      this.link = link;
      this.on = on;
      this.rows = []; // ranked by the server
      this.card = null;
      this.scope = 'open';
      this.askedAt = -Infinity;
      this.cardAt = -Infinity;
      this.timer = 0;
      this.heard = '';
      this.learned = new Map(); // alert id -> what the answer to a decision said
      setInterval(() => this.refresh(), ANYWAY_MS);
    }

    hear(data) {
      if (data.decided !== undefined) this.heard = data.decided;
      if (data.alerts || data.decided !== undefined || data.day) this.refresh();
    }

    refresh() {
      if (this.timer) return;
      const wait_ms = Math.max(0, this.askedAt + APART_MS - performance.now());
      this.timer = setTimeout(() => { this.timer = 0; this.load(); }, wait_ms);
    }

    setScope(scope) {
      this.scope = scope;
      this.load();
    }

    async load() {
      this.askedAt = performance.now();
      const scope = this.scope;
      const rows = await this.get(`alerts?scope=${scope}`);
      if (rows && scope === this.scope) {
        this.rows = rows.map((row) => this.newest(row));
        this.on.rows();
      }
      if (performance.now() - this.cardAt < CARD_APART_MS) return;
      this.cardAt = performance.now();
      const card = await this.get('alarms');
      if (!card) return;
      this.card = card;
      this.on.card();
    }

    // What the answer to a decision says of an alert holds at once: the next step must not wait for the list.
    learn(id, handling) {
      const row = this.row(id);
      if (!row || !handling) return;
      const ended = handling.status === 'resolved' || handling.status === 'dismissed';
      const change = { handling, state: handling.escalated ? 'escalated' : handling.status, asks: !ended };
      this.learned.set(id, { change, at: performance.now() });
      Object.assign(row, change);
      this.on.rows();
    }

    // A list that was asked for before the decision may come after it.
    newest(row) {
      const known = this.learned.get(row.id);
      if (!known) return row;
      if (known.change.handling.version > row.handling.version && performance.now() - known.at < LEARNED_MS) {
        return { ...row, ...known.change };
      }
      this.learned.delete(row.id);
      return row;
    }

    row(id) {
      return this.rows.find((row) => row.id === id);
    }

    async get(path) {
      try {
        return await (await get(path)).json();
      } catch {
        return null; // the signal's age is shown by the link
      }
    }

    // {status, answer}: status 0 where nothing was reached.
    async send(method, path, body) {
      const result = await send(path, body, method);
      this.cardAt = -Infinity;
      this.refresh();
      return result;
    }
  }

  window.Field.Desk = Desk;
})();
