// What people do: one step, many acknowledgements, a shelf; each says what came of it, and can be undone.
(function () {
  'use strict';

  const UNDO_MS = 20000;
  const { write } = window.Wall.format;
  const { STEPS, place } = window.Field.words;
  let desk = null;
  let timer = 0;
  let undo = null; // what the Undo button does now

  function bind(next) {
    desk = next;
    document.getElementById('field-undo').addEventListener('click', undoNow);
    const toast = document.getElementById('field-toast');
    for (const type of ['pointerenter', 'focusin']) toast.addEventListener(type, () => clearTimeout(timer));
    for (const type of ['pointerleave', 'focusout']) toast.addEventListener(type, () => fade());
  }

  function say(words, undoing) {
    undo = undoing || null;
    write('field-say', words);
    const button = document.getElementById('field-undo');
    if (!undo && document.activeElement === button) document.getElementById('field-list').focus();
    button.hidden = !undo;
    document.getElementById('field-toast').dataset.shown = 'yes';
    fade();
  }

  function fade() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      undo = null;
      write('field-say', '');
      document.getElementById('field-undo').hidden = true;
      delete document.getElementById('field-toast').dataset.shown;
    }, UNDO_MS);
  }

  function undoNow() {
    if (!undo) return say('There is nothing of yours to undo.');
    const todo = undo;
    undo = null;
    return todo();
  }

  const refusal = (result) => {
    const { status, answer } = result;
    if (answer.reason === 'owned') return `${answer.owner} has it already.`;
    const mayNot = (status === 401 || status === 403) && !/^your role/.test(answer.detail);
    return mayNot ? 'This screen may look, but only a director may act.' : window.Wall.room.refusal(result);
  };

  async function me() {
    const known = await window.Wall.questions.whoIsIt();
    write('field-me', known ? `You: ${known}` : 'Who are you?');
    return known;
  }

  async function step(row, what) {
    if (!row.handling.steps.includes(what) && what !== 'undo') {
      return say(`${place(row)}: "${STEPS[what].word}" is not possible now.`);
    }
    const by = await me();
    if (!by) return undefined;
    let { version } = row.handling; // what this person has seen; newer once a refusal has told it
    const taken = async (more) => { // '' when it was taken, else why not
      if (more.refused) return refuse(row, by, more);
      const result = await send(row, { what, by, version, ...more });
      const { handling } = result.answer;
      if (handling) ({ version } = handling);
      window.Field.list.settle();
      desk.learn(row.id, handling);
      if (result.status !== 200) return refusal(result);
      say(`${place(row)}: ${STEPS[what].done}.`, () => back(row, version));
      return '';
    };
    const { dialogs } = window.Field;
    if (what === 'dismiss') return dialogs.dismiss(place(row), taken);
    if (what === 'dispatch') return dialogs.dispatch(place(row), taken, await suggestions(row));
    const wrong = await taken({});
    return wrong && say(`${place(row)}: ${wrong}`);
  }

  // What the solver suggests for this alert, best first.
  async function suggestions(row) {
    const plan = await desk.get('moves');
    const found = plan ? plan.moves.filter((move) => move.alert === row.id) : [];
    return { moves: found, travel: plan ? plan.travel : '' };
  }

  async function refuse(row, by, { refused, why }) {
    const bodies = refused.map(({ volunteer, precinct }) => ({ volunteer, precinct, by, reason: why }));
    const results = await Promise.all(bodies.map((body) => desk.send('POST', 'moves/refuse', body)));
    const bad = results.find((result) => result.status !== 200);
    if (bad) return refusal(bad);
    say(`${place(row)}: suggestions refused; others come within half a minute.`);
    return '';
  }

  const send = (row, body) => desk.send('POST', `alerts/${encodeURIComponent(row.id)}/decide`, body);

  async function back(row, version) {
    const by = await me();
    const result = await send(row, { what: 'undo', by, version });
    desk.learn(row.id, result.answer.handling);
    say(`${place(row)}: ${result.status === 200 ? 'undone.' : refusal(result)}`);
  }

  // The last step on an alert, whoever took it; the server refuses where somebody has gone on since.
  const undoLast = (row) => back(row, row.handling.version);

  async function acknowledgeAll(rows) {
    const by = await me();
    const open = rows.filter((row) => row.handling.steps.includes('acknowledge'));
    if (!by) return;
    if (!open.length) return say('None of these is free to take.');
    const items = open.map((row) => ({ id: row.id, version: row.handling.version }));
    const result = await desk.send('POST', 'decide', { by, items });
    if (result.status !== 200) return say(refusal(result));
    const { results } = result.answer;
    const mine = results.filter((item) => item.ok);
    const not = results.filter((item) => !item.ok).map((item) => {
      const row = open.find(({ id }) => id === item.id);
      return `${place(row)}: ${item.detail}`;
    });
    const words = [`${mine.length} of ${results.length} are yours.`, ...not.slice(0, 3), not.length > 3 ? `and ${not.length - 3} more.` : ''];
    return say(words.filter(Boolean).join(' '), mine.length ? () => backAll(open, mine, by) : null);
  }

  async function backAll(rows, done, by) {
    let undone = 0;
    for (const { id, handling } of done) {
      const row = rows.find((found) => found.id === id);
      const result = await send(row, { what: 'undo', by, version: handling.version });
      undone += result.status === 200 ? 1 : 0;
    }
    say(`${undone} of ${done.length} undone.`);
  }

  const shelfPath = (site) => `sites/${encodeURIComponent(site)}/shelve`;

  async function shelve(row) {
    if (!row.site) return say(`${place(row)}: no poll site is known here.`);
    const by = await me();
    const name = row.site_name || row.site;
    return by && window.Field.dialogs.shelve(name, async (given) => {
      const result = await desk.send('POST', shelfPath(row.site), { by, ...given });
      if (result.status !== 200) return refusal(result);
      say(`${name} is shelved until ${window.Wall.format.time(result.answer.until_ms)}.`, () => unshelve(row.site, name));
      return '';
    }, desk.link.now_ms() || Date.now());
  }

  async function unshelve(site, name) {
    const by = await me();
    if (!by) return;
    const result = await desk.send('DELETE', shelfPath(site), { by });
    say(result.status === 200 ? `${name} is back on the list.` : `${name}: ${refusal(result)}`);
  }

  window.Field.act = { bind, say, me, step, undoNow, undoLast, acknowledgeAll, shelve, unshelve };
})();
