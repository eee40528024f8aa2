// Shows what data-stream sends: HTML by element id. Focus, open details and typed text stay.
const LATE = 3000, AGAIN = 5000, HIDDEN = 120000;
const stream = new URL(document.body.dataset.stream, location);
const byId = (id) => document.getElementById(id);
const line = byId("live"), waiting = new Map();
let source, late, again, hidden;

function say(text) {
  late = clearTimeout(late);
  if (line.textContent !== text) line.textContent = text;
  line.dataset.state = text;
}

function pathOf(one) {
  const near = one.closest("[id]"), href = one.getAttribute("href");
  const inside = ` ${one.localName}` + (href ? `[href="${CSS.escape(href)}"]` : "");
  return "#" + CSS.escape(near.id) + (near === one ? "" : inside);
}

function replace(region, html) {
  const at = document.activeElement, focused = region.contains(at) && pathOf(at);
  const kept = [...region.querySelectorAll(":is(details,input,textarea,select)[id]")].filter((one) =>
    "open" in one || one.value !== one.defaultValue || one.checked !== one.defaultChecked);
  region.innerHTML = html;
  for (const { id, open, value, checked } of kept) Object.assign(byId(id) ?? {}, { open, value, checked });
  if (focused) document.querySelector(focused)?.focus({ preventScroll: true });
}

function show() {
  const at = document.activeElement;
  const typing = at?.matches("textarea,select,input:not([type=checkbox],[type=radio])");
  for (const [id, html] of waiting) {
    const region = byId(id);
    if (typing && region?.contains(at)) continue;
    waiting.delete(id);
    if (region) replace(region, html);
  }
}

function stop() {
  clearTimeout(late);
  clearTimeout(again);
  source?.close();
  source = late = null;
}

function start() {
  stop();
  source = new EventSource(stream);
  const live = () => say("live");
  source.onopen = live;
  source.onerror = () => {
    late ??= setTimeout(say, LATE, "reconnecting");
    if (source.readyState === EventSource.CLOSED) ask();
  };
  source.addEventListener("stale", () => say("figures may be old"));
  source.addEventListener("fresh", live);
  source.addEventListener("regions", (event) => {
    stream.searchParams.set("seen", event.lastEventId);
    for (const one of Object.entries(JSON.parse(event.data))) waiting.set(...one);
    show();
  });
}

// Why refused?
async function ask() {
  const asking = new AbortController(), { signal } = asking;
  const answer = await fetch(stream, { redirect: "manual", signal }).catch(() => null);
  asking.abort();
  if (answer?.type === "opaqueredirect" || answer?.status === 401) {
    stop();
    say("signed out: ");
    const link = document.createElement("a");
    link.href = "/login?next=" + encodeURIComponent(location.pathname + location.search);
    link.textContent = "sign in";
    line.append(link);
  } else again = setTimeout(start, AGAIN);
}

document.addEventListener("focusout", () => setTimeout(show));
document.addEventListener("visibilitychange", () => {
  clearTimeout(hidden);
  if (document.hidden) hidden = setTimeout(stop, HIDDEN);
  else if (!source) start();
});
start();
