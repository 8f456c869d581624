// What a director does to a feed. The server says who may; what it refuses is shown in its words.
(function () {
  'use strict';

  const { send, refusal, saying } = window.Wall.room;
  const say = saying('feeds-say');

  async function control(feed, what, todo, done) {
    const by = await window.Wall.questions.whoIsIt(todo);
    if (!by) return;
    const result = await send(`feeds/${encodeURIComponent(feed.feed)}/control`, { what, by });
    window.Feeds.refresh();
    say(`${window.Feeds.called(feed.feed)}${result.status === 200 ? done : `: ${refusal(result)}`}`);
  }

  const toggle = (feed) => (feed.paused_by
    ? control(feed, 'resume', 'Resume', ' goes on.')
    : control(feed, 'pause', 'Pause', ' is paused: it reads no further until somebody resumes it.'));

  const replay = (feed) => control(feed, 'replay', 'Replay', ': its rejected input is read again.');

  window.Feeds = { ...window.Feeds, act: { toggle, replay, say } };
})();
