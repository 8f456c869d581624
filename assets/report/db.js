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
      done(ask.result);
    };
    ask.onerror = () => fail(ask.error);
  });
  return opened;
}

// Runs `work(store)` in one transaction; gives what `work` returned, or its request's result, once it is on the disk.
async function within(name, mode, work) {
  const transaction = (await openDb()).transaction(name, mode);
  return new Promise((done, fail) => {
    const found = work(transaction.objectStore(name));
    transaction.oncomplete = () => done(found instanceof IDBRequest ? found.result : found);
    transaction.onabort = transaction.onerror = () => fail(transaction.error);
  });
}

const kvGet = (key) => within('kv', 'readonly', (store) => store.get(key));
const kvPut = (key, value) => within('kv', 'readwrite', (store) => { store.put(value, key); });
const outboxAll = () => within('outbox', 'readonly', (store) => store.getAll());
const outboxAdd = (item) => within('outbox', 'readwrite', (store) => { store.put(item); });
const outboxDrop = (id) => within('outbox', 'readwrite', (store) => { store.delete(id); });

// Changes items that are still there; one that was deleted meanwhile does not come back.
function outboxChange(ids, change) {
  return within('outbox', 'readwrite', (store) => {
    for (const id of ids) {
      const ask = store.get(id);
      ask.onsuccess = () => { if (ask.result) store.put({ ...ask.result, ...change(ask.result) }); };
    }
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
