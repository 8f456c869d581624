// What the scripts of every page share: when a page stands, the room's API, the day's clock, words that fade.
// Beside format.js, for what stands here loads before the parts of a page.
(function () {
  'use strict';

  const { write } = window.Wall.format;
  const LIMIT_MS = 10000; // a request, its answer read to the end
  const COAST_MS = 3000; // how far a sped-up clock may run on without a word from the server

  // The path that the room is served under, as Dash tells it.
  function base() {
    try {
      return JSON.parse(document.getElementById('_dash-config').textContent).requests_pathname_prefix || '/';
    } catch {
      return '/';
    }
  }

  // Once an element of this id stands, `mount(element)`, which may give timers; when Dash has left it, they end.
  function page(id, mount, unmount = () => {}) {
    let there = null;
    let timers = [];
    function look() {
      const found = document.getElementById(id);
      if (found === there) return;
      timers.forEach(clearInterval);
      timers = [];
      if (there) unmount();
      there = found;
      if (!found) return;
      document.documentElement.lang ||= 'en'; // Dash's own page names no language
      timers = mount(found) || [];
    }
    new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
    document.addEventListener('DOMContentLoaded', look);
  }

  // The answer to a question of the API; fails in the server's words. Who is signed out is led to the door.
  async function get(path) {
    const answer = await fetch(`${base()}api/v1/${path}`, { headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(LIMIT_MS) });
    if (answer.status === 401) window.location.assign(`${base()}signin`);
    if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail || `answer ${answer.status}`);
    return answer;
  }

  // {status, answer}: status 0 where nothing was reached, or where nobody can know it: `isUnknown`.
  async function send(path, body, method = 'POST') {
    const options = body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    try {
      const response = await fetch(`${base()}api/v1/${path}`, { method, signal: AbortSignal.timeout(LIMIT_MS), ...options });
      const answer = response.ok ? await response.json() : await response.json().catch(() => ({}));
      return { status: response.status, answer };
    } catch (error) {
      return { status: 0, answer: {}, isUnknown: error.name !== 'TypeError' }; // too late, or not to be read
    }
  }

  // Why it was not done, in the server's words.
  function refusal({ status, answer, isUnknown }) {
    if (isUnknown) return 'No answer: not known whether it was done. Look before you try again.';
    return status ? `${answer.detail || 'the server refused'}.` : 'No signal: nothing was changed. Try again.';
  }

  // say('…') writes into a place, and takes it away again.
  function saying(id, ms = 12000) {
    let timer = 0;
    return (text) => {
      write(id, text);
      clearTimeout(timer);
      timer = setTimeout(() => write(id, ''), ms);
    };
  }

  // The day's clock, and how long nobody has told it: counted by the browser's own clock, which outlives the server.
  class Clock {
    constructor() {
      this.clock = null; // {now_ms, rate, at: performance.now()}
      this.heardAt = performance.now();
      this.up = false;
      this.everHeard = false;
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

    // The day's clock now, in ms; null before the first word from the server.
    now_ms() {
      if (!this.clock) return null;
      const { now_ms, rate, at } = this.clock;
      const run = performance.now() - at;
      return now_ms + (rate === 1 ? run : Math.min(run, COAST_MS) * (rate || 0));
    }
  }

  window.Wall.room = { base, page, get, send, refusal, saying, Clock };
})();
