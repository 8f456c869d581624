// Keeps the volunteers page up to date by asking every five seconds; the age is counted by the browser's own clock.
(function () {
  'use strict';

  const EVERY_MS = 5000;
  const PEOPLE_EVERY_MS = 60000;
  const STALE_MS = 15000;
  const BEHIND_MS = 60000; // of wall time: the watch no longer computes
  const { write, mark, span, time, setZone, isKnown } = window.Wall.format;
  const { page, get } = window.Wall.room;

  let box = null;
  let heardAt = null; // performance.now() of the last good answer
  let clock = null; // {now_ms, rate, watch_ms}
  let asking = false;

  async function coverage() {
    if (asking) return;
    asking = true;
    try {
      const answer = await get('coverage');
      const table = await answer.json();
      if (!box) return;
      clock = {
        now_ms: Number(answer.headers.get('Day-Now-Ms')) || table.now_ms,
        watch_ms: Number(answer.headers.get('Watch-Now-Ms')) || table.now_ms,
        rate: Number(answer.headers.get('Day-Rate')) || 1,
      };
      heardAt = performance.now();
      setZone(table.timezone);
      table.clock_ms = clock.now_ms;
      window.Crew.matrix.setTable(table);
      window.Crew.lists.setTable(table);
      clock.newest_ms = table.at_ms;
    } catch (error) {
      if (box && heardAt === null) write('crew-age', error.message);
    } finally {
      asking = false;
      tick();
    }
  }

  async function people() {
    try {
      const found = await (await get('volunteers')).json();
      if (!box) return;
      window.Crew.lists.setContacts(found.volunteers);
      window.Crew.ready.setReady(found);
      window.Crew.lists.refit();
      mark(box, 'role', found.role);
    } catch {
      write('crew-ready-note', 'Not answered yet; asked again within a minute.');
    }
  }

  function tick() {
    if (!box || heardAt === null) return;
    const silent_ms = performance.now() - heardAt;
    const stale = silent_ms > STALE_MS;
    const behind_ms = (clock.now_ms - clock.watch_ms) / Math.max(clock.rate, 0.001);
    const behind = behind_ms > BEHIND_MS;
    mark(box, 'link', stale || behind ? 'stale' : 'live');
    write('crew-age', `updated ${span(silent_ms)} ago`);
    const newest = isKnown(clock.newest_ms) ? ` · newest shift report ${time(clock.newest_ms)}` : '';
    write('crew-clock', `${time(clock.now_ms)}${newest}`);
    const banner = document.getElementById('crew-banner');
    banner.hidden = !stale && !behind;
    write(banner, stale ? `No answer for ${span(silent_ms)}. Figures are from ${time(clock.now_ms)}.`
      : behind ? `The watch has not computed since ${time(clock.watch_ms)}.` : '');
  }

  function mount(found) {
    box = found;
    mark(box, 'kiosk', new URLSearchParams(window.location.search).get('kiosk') === '1' ? 'yes' : null);
    document.getElementById('crew-more').addEventListener('click', window.Crew.matrix.more);
    new ResizeObserver(() => window.Crew.matrix.draw()).observe(document.getElementById('crew-scroll'));
    coverage();
    people();
    return [setInterval(coverage, EVERY_MS), setInterval(people, PEOPLE_EVERY_MS), setInterval(tick, 1000)];
  }

  function unmount() {
    box = null;
    heardAt = null;
    window.Crew.matrix.reset();
  }

  page('crew', mount, unmount);
})();
