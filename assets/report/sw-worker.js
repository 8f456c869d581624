// Keeps the page's few files on the phone, so that it opens without a signal, and sends when the phone says so.

const SHELF = `report-${VERSION}`;
const KEPT = ['app.js', 'app.css', 'icon.svg', 'manifest.webmanifest'].map((name) => `/report/${name}?m=${VERSION}`);
const FILES = ['/report', ...KEPT];

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELF).then((shelf) => shelf.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith('report-') && name !== SHELF) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin) return;
  const path = url.pathname.replace(/\/$/, '');
  if (path === '/report') event.respondWith(fromShelf('/report', event.request));
  else if (FILES.includes(path + url.search)) event.respondWith(fromShelf(path + url.search, event.request));
});

async function fromShelf(key, request) {
  return (await (await caches.open(SHELF)).match(key)) || fetch(request);
}

self.addEventListener('sync', (event) => {
  if (event.tag === 'outbox') event.waitUntil(sendFromSync());
});

async function sendFromSync() {
  const tabs = new BroadcastChannel('warroom-report');
  const { state } = await sendOutbox(() => tabs.postMessage('changed'));
  tabs.postMessage('changed');
  if (state === 'wait') throw new Error('not yet'); // the browser tries again later
}
