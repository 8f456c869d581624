// What a director does to a feed. The server says who may; what it refuses is shown in its words.
(function () {
  'use strict';

  const { write } = window.Wall.format;
  const SAY_MS = 12000;
  let timer = 0;

  function say(text) {
    write('feeds-say', text);
    clearTimeout(timer);
    timer = setTimeout(() => write('feeds-say', ''), SAY_MS);
  }

  async function control(feed, what, todo) {
    const by = await window.Wall.whoAmI(todo);
    if (!by) return null;
    let answer;
    try {
      answer = await fetch(`${window.Feeds.base()}api/v1/feeds/${encodeURIComponent(feed.feed)}/control`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ what, by }),
      });
    } catch {
      say('No signal: nothing was changed. Try again.');
      return null;
    }
    const told = await answer.json().catch(() => ({}));
    window.Feeds.refresh();
    if (answer.ok) return told;
    say(`${window.Feeds.called(feed.feed)}: ${told.detail || 'the server refused'}.`);
    return null;
  }

  async function toggle(feed) {
    const isPaused = Boolean(feed.paused_by);
    const told = await control(feed, isPaused ? 'resume' : 'pause', isPaused ? 'Resume' : 'Pause');
    if (told) say(`${window.Feeds.called(feed.feed)} ${isPaused ? 'goes on.' : 'is paused: it reads no further until somebody resumes it.'}`);
  }

  async function replay(feed) {
    const told = await control(feed, 'replay', 'Replay');
    if (told) say(`${window.Feeds.called(feed.feed)}: its rejected input is read again.`);
  }

  window.Feeds = { ...window.Feeds, act: { toggle, replay, say } };
})();
