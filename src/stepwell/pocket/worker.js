// Keeps one page for when there is no network: the crisis lines, the same for everybody. Nothing else is
// ever kept, so that a lost telephone tells nothing.
const HELP = {{ help|tojson }};
const KEPT = {{ kept|tojson }};
const STORE = "pocket-{{ version }}";

self.addEventListener("install", (event) => {
  // Without cookies: the page kept is the public one, whoever is logged in.
  const asked = KEPT.map((address) => new Request(address, { credentials: "omit", cache: "reload" }));
  event.waitUntil(caches.open(STORE).then((store) => store.addAll(asked)));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith("pocket-") && name !== STORE))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(HELP)));
  } else if (KEPT.includes(new URL(request.url).pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(new URL(request.url).pathname)));
  }
});
