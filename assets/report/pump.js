// When to send, and when to ask the server for news: at once, when the signal returns, and with growing patience.

const FIRST_WAIT_S = 2;
const LONGEST_WAIT_S = 60;
const NEWS_AFTER_MS = 4000; // the tally has judged a count by then
let waitS = FIRST_WAIT_S;
let timer = 0;
let pumping = false;
const tabs = 'BroadcastChannel' in self ? new BroadcastChannel('warroom-report') : null;

const isUnsent = (item) => item.state === 'unsent' && item.who === who(app.token);

async function pump() {
  clearTimeout(timer);
  if (pumping) { timer = setTimeout(pump, 500); return; }
  if (app.bad || !app.items.some(isUnsent)) return;
  pumping = true;
  drawSignal();
  const counted = app.items.some((item) => isUnsent(item) && item.body.kind !== 'test');
  try {
    const { state, wait_s } = await sendOutbox(changed).catch(() => ({ state: 'wait' })); // the phone's storage failed
    if (state === 'bad_code') return void lostCode();
    if (state === 'done') {
      waitS = FIRST_WAIT_S;
      if (counted) setTimeout(refresh, NEWS_AFTER_MS);
    } else {
      askForSync();
      const jitter = 0.75 + Math.random() / 2; // phones of one site must not come back all at once
      timer = setTimeout(pump, Math.max(wait_s || 0, state === 'busy' ? 1 : waitS) * jitter * 1000);
      waitS = Math.min(waitS * 2, LONGEST_WAIT_S);
    }
  } finally {
    pumping = false;
    await changed();
  }
}

async function changed() {
  await reload();
  if (tabs) tabs.postMessage('changed');
}

// There may be a signal again: do not sit out the rest of the wait.
function hurry() {
  waitS = FIRST_WAIT_S;
  pump();
  if (app.token && !app.bad && Date.now() - (app.heard || 0) > 60000) refresh();
}

async function askForSync() {
  try {
    const registration = await navigator.serviceWorker.ready;
    await registration.sync.register('outbox');
  } catch {
    // not every browser can; the page sends when it is open
  }
}

// Own places, own counts and the clock. Gives the answer's status, 0 without a signal.
async function refresh({ quiet = false } = {}) {
  const asked = Date.now();
  let answer;
  try {
    answer = await call('/me', app.token);
  } catch {
    return 0;
  }
  if (answer.status === 401 && !quiet) { await kvPut('bad', true); lostCode(); }
  if (!answer.ok) return answer.status;
  const me = answer.told;
  if (!me) return 0; // somebody else's page: a network that wants a login
  app.heard = Date.now();
  await setClock(me, asked, app.heard);
  app.me = me;
  await kvKeep('me', me);
  await reload();
  drawDay();
  return 200;
}
