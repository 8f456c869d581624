// Sends what is unsent, oldest first; used by the page and by the service worker's background sync.
// Sending twice is harmless: every report keeps the id it was made with.

const API = '/api/v1/phone';
const PORTION = 20;
const PATIENCE_MS = 20000;
const who = (token) => (token || '').split('.')[0];

async function call(path, token, options = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    return await fetch(API + path, {
      cache: 'no-store', credentials: 'omit', signal: stop.signal, ...options,
      headers: { 'Content-Type': 'application/json', ...options.headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) },
    });
  } finally {
    clearTimeout(timer);
  }
}

// One sender at a time over all tabs and the service worker. Gives {state: done | wait | bad_code | busy, wait_s}.
function sendOutbox() {
  if (!navigator.locks) return sendAll();
  return navigator.locks.request('warroom-send', { ifAvailable: true }, (lock) => (lock ? sendAll() : { state: 'busy' }));
}

async function sendAll() {
  let portion = PORTION;
  for (;;) {
    const token = await kvGet('token');
    const mine = (await outboxAll()).filter((item) => item.state === 'unsent' && item.who === who(token));
    if (!token || !mine.length) return { state: 'done' };
    const batch = mine.sort((a, b) => a.made - b.made).slice(0, portion);
    await outboxChange(batch.map((item) => item.id), (item) => ({ tries: item.tries + 1 }));
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
      if (batch.length === 1) await refuse(batch[0], 'bad_request', (await answer.json().catch(() => ({}))).detail || '');
      portion = 1; // one of them is at fault: one by one, so that the others arrive
      continue;
    }
    if (!answer.ok) return { state: 'wait', wait_s: Number(answer.headers.get('Retry-After')) || 0 };
    await noteOutcomes(batch, await answer.json().catch(() => ({ outcomes: [] })));
  }
}

async function noteOutcomes(batch, { outcomes = [] }) {
  for (const [n, item] of batch.entries()) {
    const told = outcomes[n];
    if (told && told.status === 'accepted') await outboxChange([item.id], () => ({ state: 'arrived', ended: Date.now() }));
    else await refuse(item, told ? told.reason : 'no_answer', told ? told.remedy : '');
  }
}

function refuse(item, reason, remedy) {
  return outboxChange([item.id], () => ({ state: 'refused', ended: Date.now(), reason, remedy: String(remedy || '') }));
}
