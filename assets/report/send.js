// Sends what is unsent, oldest first; used by the page and by the service worker's background sync.
// Sending twice is harmless: every report keeps the id it was made with.

const API = '/api/v1/phone';
const PORTION = 20;
const PATIENCE_MS = 20000;
const who = (token) => (token || '').split('.')[0];

// Gives {ok, status, headers, told}; `told` is the answer's JSON, null where it cannot be read. Throws where none came.
async function call(path, token, options = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(API + path, {
      cache: 'no-store', credentials: 'omit', signal: stop.signal, ...options,
      headers: { 'Content-Type': 'application/json', ...options.headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) },
    });
    const { ok, status, headers } = answer;
    return { ok, status, headers, told: parsed(await answer.text()) }; // within the same patience: a body may stall, too
  } finally {
    clearTimeout(timer);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// One sender at a time over all tabs and the service worker. Gives {state: done | wait | bad_code | busy, wait_s}.
// `begun` is called when items are about to leave: from then on they may have arrived.
function sendOutbox(begun) {
  if (!navigator.locks) return sendAll(begun);
  return navigator.locks.request('warroom-send', { ifAvailable: true }, (lock) => (lock ? sendAll(begun) : { state: 'busy' }));
}

async function sendAll(begun) {
  let portion = PORTION;
  for (;;) {
    const token = await kvGet('token');
    const mine = (await outboxAll()).filter((item) => item.state === 'unsent' && item.who === who(token));
    if (!token || !mine.length) return { state: 'done' };
    const oldest = mine.sort((a, b) => a.made - b.made).slice(0, portion);
    const batch = await outboxChange(oldest.map((item) => item.id), (item) => ({ tries: item.tries + 1 }));
    if (!batch.length) continue; // deleted just now
    await begun();
    let answer;
    try {
      answer = await call('/reports', token, { method: 'POST', body: JSON.stringify(batch.map((item) => item.body)) });
    } catch {
      return { state: 'wait', wait_s: 0 };
    }
    if (answer.status === 401) {
      await kvPut('bad', true);
      return { state: 'bad_code' };
    }
    if (answer.status === 413 || answer.status === 422) {
      if (batch.length === 1) await refuse(batch[0], 'bad_request', (answer.told || {}).detail);
      portion = 1; // one of them is at fault: one by one, so that the others arrive
      continue;
    }
    if (!answer.ok) return { state: 'wait', wait_s: Number(answer.headers.get('Retry-After')) || 0 };
    const { outcomes } = answer.told || {};
    if (!outcomes || outcomes.length !== batch.length) return { state: 'wait', wait_s: 0 }; // it says nothing of what became of them
    await noteOutcomes(batch, outcomes);
  }
}

async function noteOutcomes(batch, outcomes) {
  for (const [n, item] of batch.entries()) {
    const { status, reason, remedy } = outcomes[n];
    if (status === 'accepted') await outboxChange([item.id], () => ({ state: 'arrived', ended: Date.now() }));
    else await refuse(item, reason, remedy);
  }
}

function refuse(item, reason, remedy) {
  return outboxChange([item.id], () => ({ state: 'refused', ended: Date.now(), reason, remedy: String(remedy || '') }));
}
