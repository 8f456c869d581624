// What this phone keeps: one database, so that page and service worker see the same.
// outbox: {id, who, body, made, state: unsent | arrived | refused, tries, reason, remedy, ended, back}; kv: by key.

const DB_NAME = 'warroom-report';
let opened = null;

function openDb() {
  opened = opened || new Promise((done, fail) => {
    const ask = indexedDB.open(DB_NAME, 1);
    ask.onupgradeneeded = () => {
      ask.result.createObjectStore('outbox', { keyPath: 'id' });
      ask.result.createObjectStore('kv');
    };
    ask.onsuccess = () => {
      ask.result.onversionchange = () => { ask.result.close(); opened = null; }; // another tab forgets this phone
      ask.result.onclose = () => { opened = null; }; // iPhones close it behind a page that sleeps
      done(ask.result);
    };
    ask.onerror = () => { opened = null; fail(ask.error); };
  });
  return opened;
}

// Runs `work(store)` in one transaction; gives what `work` returned, or its request's result, once it is on the disk.
async function within(name, mode, work) {
  const begin = async () => (await openDb()).transaction(name, mode);
  const transaction = await begin().catch(() => { opened = null; return begin(); }); // once more: it may have been closed
  return new Promise((done, fail) => {
    const found = work(transaction.objectStore(name));
    transaction.oncomplete = () => done(found instanceof IDBRequest ? found.result : found);
    transaction.onabort = transaction.onerror = () => fail(transaction.error);
  });
}

const kvGet = (key) => within('kv', 'readonly', (store) => store.get(key));
const kvPut = (key, value) => within('kv', 'readwrite', (store) => { store.put(value, key); });
const kvKeep = (key, value) => kvPut(key, value).catch(() => {}); // what the page can do without
const outboxAll = () => within('outbox', 'readonly', (store) => store.getAll());
const outboxAdd = (item) => within('outbox', 'readwrite', (store) => { store.put(item); });
const outboxDrop = (id) => within('outbox', 'readwrite', (store) => { store.delete(id); });

// Changes items that are still there, and gives them; one that was deleted meanwhile does not come back.
function outboxChange(ids, change) {
  return within('outbox', 'readwrite', (store) => {
    const changed = [];
    for (const id of ids) {
      const ask = store.get(id);
      ask.onsuccess = () => {
        if (!ask.result) return;
        changed.push({ ...ask.result, ...change(ask.result) });
        store.put(changed.at(-1));
      };
    }
    return changed;
  });
}

// Deletes an item that cannot have arrived: never on its way, or refused. Gives {gone}, false where it may have.
function outboxDropUncounted(id) {
  return within('outbox', 'readwrite', (store) => {
    const found = { gone: true };
    const ask = store.get(id);
    ask.onsuccess = () => {
      const { state, tries } = ask.result || { state: 'refused' };
      found.gone = state === 'refused' || (state === 'unsent' && tries === 0);
      if (found.gone) store.delete(id);
    };
    return found;
  });
}

function forgetDb() {
  return openDb().then((db) => new Promise((done) => {
    db.close();
    opened = null;
    const ask = indexedDB.deleteDatabase(DB_NAME);
    ask.onsuccess = ask.onerror = ask.onblocked = () => done();
  }));
}
