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

  async function decide(request, what, more) {
    const by = await window.Wall.whoAmI(what);
    if (!by) return;
    const { status, told } = await post(`${what}/${encodeURIComponent(request.id)}`, { by, version: request.version, ...more });
    window.Texting.refresh();
    if (status !== 200) say(`${request.place}: ${told.detail || 'the server refused'}.`);
    else if (what === 'approve' && told.approvals_needed) say(`${request.place}: approved by you; ${number(told.approvals_needed)} more must approve.`);
    else say(`${request.place}: ${DONE[what]}.`);
  }

  async function press(request, what, previews) {
    const { ask } = window.Texting;
    if (what === 'approve') return decide(request, what, {});
    if (what === 'edit') {
      const more = await ask.wording(request, previews());
      return more && decide(request, what, more);
    }
    const more = await ask.reason(`${what === 'refuse' ? 'Refuse' : 'Cancel'}: ${request.place}`, what === 'refuse' ? 'Refuse' : 'Cancel it');
    return more && decide(request, what, more);
  }

  async function stop(stopped) {
    const more = await window.Texting.ask.reason(stopped ? 'Go on with texts' : 'Stop all texts', stopped ? 'Go on' : 'Stop now');
    if (!more) return;
    const by = await window.Wall.whoAmI(stopped ? 'Go on' : 'Stop');
    if (!by) return;
    const { status, told } = await post(stopped ? 'go-on' : 'stop', { by, ...more });
    window.Texting.refresh();
    say(status === 200 ? (stopped ? 'Texts go on.' : 'Stopped: no further text is begun.') : `${told.detail || 'the server refused'}.`);
  }

  window.Texting = { ...window.Texting, act: { press, stop } };
})();
