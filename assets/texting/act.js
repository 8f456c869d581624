// What an approver does. The server says who may; what it refuses is shown in its words.
(function () {
  'use strict';

  const { write, number } = window.Wall.format;
  const SAY_MS = 12000;
  const DONE = { approve: 'approved', refuse: 'refused', cancel: 'cancelled: what was not begun is not sent', edit: 'changed; approvals start over' };
  let timer = 0;

  function say(text) {
    write('texting-say', text);
    clearTimeout(timer);
    timer = setTimeout(() => write('texting-say', ''), SAY_MS);
  }

  async function post(path, body) {
    try {
      const answer = await fetch(`${window.Texting.base()}api/v1/texts/${path}`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
      });
      return { status: answer.status, told: await answer.json().catch(() => ({})) };
    } catch {
      return { status: 0, told: { detail: 'No signal: nothing was changed. Try again' } };
    }
  }

  // '' when it was taken, else why not, in the server's words.
  async function decide(request, what, more) {
    const by = await window.Wall.whoAmI(what);
    if (!by) return 'Say who you are.';
    const { status, told } = await post(`${what}/${encodeURIComponent(request.id)}`, { by, version: request.version, ...more });
    await window.Texting.refresh();
    if (status !== 200) return `${told.detail || 'The server refused'}.`;
    const left = what === 'approve' && told.approvals_needed;
    say(`${request.place}: ${left ? `approved by you; ${number(left)} more must approve` : DONE[what]}.`);
    return '';
  }

  async function press(request, what, previews) {
    const { ask } = window.Texting;
    const send = (more) => decide(request, what, more);
    if (what === 'edit') return ask.wording(request, previews(), send);
    if (what === 'refuse') return ask.reason(`Refuse: ${request.place}`, 'Refuse', send);
    if (what === 'cancel') return ask.reason(`Cancel: ${request.place}`, 'Cancel it', send);
    const wrong = await send({});
    return wrong && say(`${request.place}: ${wrong}`);
  }

  const stop = (stopped) => window.Texting.ask.reason(stopped ? 'Go on with texts' : 'Stop all texts', stopped ? 'Go on' : 'Stop now', async (more) => {
    const by = await window.Wall.whoAmI(stopped ? 'Go on' : 'Stop');
    if (!by) return 'Say who you are.';
    const { status, told } = await post(stopped ? 'go-on' : 'stop', { by, ...more });
    await window.Texting.refresh();
    if (status !== 200) return `${told.detail || 'The server refused'}.`;
    say(stopped ? 'Texts go on.' : 'Stopped: no further text is begun.');
    return '';
  });

  window.Texting = { ...window.Texting, act: { press, stop } };
})();
