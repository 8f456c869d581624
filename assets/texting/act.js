// What an approver does. The server says who may; what it refuses is shown in its words.
(function () {
  'use strict';

  const { number } = window.Wall.format;
  const { send, refusal, saying } = window.Wall.room;
  const { whoIsIt } = window.Wall.questions;
  const say = saying('texting-say');
  const DONE = { approve: 'approved', refuse: 'refused', cancel: 'cancelled: what was not begun is not sent', edit: 'changed; approvals start over' };

  // '' when it was taken, else why not, in the server's words.
  async function post(path, todo, more, done) {
    const by = await whoIsIt(todo);
    if (!by) return 'Say who you are.';
    const result = await send(`texts/${path}`, { by, ...more });
    const seen = window.Texting.refresh();
    if (!result.status) return refusal(result);
    await seen;
    if (result.status !== 200) return refusal(result);
    say(done(result.answer));
    return '';
  }

  const decide = (request, what, more) => post(`${what}/${encodeURIComponent(request.id)}`, what, { version: request.version, ...more }, (told) => {
    const left = what === 'approve' && told.approvals_needed;
    return `${request.place}: ${left ? `approved by you; ${number(left)} more must approve` : DONE[what]}.`;
  });

  async function press(request, what, previews) {
    const { ask } = window.Texting;
    const taken = (more) => decide(request, what, more);
    if (what === 'edit') return ask.wording(request, previews(), taken);
    if (what === 'refuse') return ask.reason(`Refuse: ${request.place}`, 'Refuse', taken);
    if (what === 'cancel') return ask.reason(`Cancel: ${request.place}`, 'Cancel it', taken);
    const wrong = await taken({});
    return wrong && say(`${request.place}: ${wrong}`);
  }

  const stop = (stopped) => window.Texting.ask.reason(stopped ? 'Go on with texts' : 'Stop all texts', stopped ? 'Go on' : 'Stop now', (more) => (stopped
    ? post('go-on', 'Go on', more, () => 'Texts go on.')
    : post('stop', 'Stop', more, () => 'Stopped: no further text is begun.')));

  window.Texting = { ...window.Texting, act: { press, stop } };
})();
