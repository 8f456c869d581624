// Taking an alert from the wall.
(function () {
  'use strict';

  const { placeOf } = window.Wall.format;
  const { send, refusal, saying } = window.Wall.room;
  const notice = saying('notice', 6000);

  async function acknowledge(alert) {
    const by = await window.Wall.questions.whoIsIt('Acknowledge');
    if (!by) return;
    const result = await send(`alerts/${encodeURIComponent(alert.id)}/ack`, { by });
    const { status, answer } = result;
    if (status === 200) notice(`${placeOf(alert)}: you have it.`);
    else if (status === 0) notice(refusal(result));
    else if (status === 409) notice(`${placeOf(alert)}: ${answer.owner || 'someone else'} has it already.`);
    else if (status === 401 || status === 403) notice('This screen may look, but not acknowledge.');
    else notice('Not acknowledged: the server refused. Try again.');
  }

  window.Wall.acknowledge = acknowledge;
  window.Wall.notice = notice;
})();
