// Spans of what happens on this page, and their way to the relay, as OTLP/JSON. Nothing that was
// typed is in them. Where the page has no traceparent, nothing is recorded and nothing is sent; where it
// says "not sampled", the spans say so too, and the service only counts them.

const quiet = 1000; // milliseconds after the last span
const spansPerMessage = 16;
const spansPerPage = 100;

export const internal = 1;
export const client = 3;

const meta = document.querySelector("meta[name=traceparent]");
const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(meta?.content) ?? [];
const page = { traceId, spanId };
const { relay } = document.getElementById("registration").dataset;

const ended = [];
let left = spansPerPage;
let timer;

// A span below `parent`; without one, the first of a new trace. Times are in milliseconds since 1970.
export function startSpan(name, { parent, kind = internal, start = Date.now(), attributes = {} } = {}) {
  return {
    traceId: parent ? parent.traceId : randomHex(16),
    spanId: randomHex(8),
    parentSpanId: parent?.spanId,
    flags: parseInt(flags, 16),
    name,
    kind,
    startTimeUnixNano: nanoseconds(start),
    attributes: Object.entries(attributes).map(attribute),
  };
}

// Ends a span that has not ended yet.
export function endSpan(span, attributes = {}, { failed = false, end = Date.now() } = {}) {
  if (!traceId || left === 0 || span.endTimeUnixNano) return;
  span.endTimeUnixNano = nanoseconds(end);
  span.attributes.push(...Object.entries(attributes).map(attribute));
  if (failed) span.status = { code: 2 };
  ended.push(span);
  left -= 1;
  sendSoon();
}

// A moment in the life of the page: a span without length.
export function mark(name, attributes) {
  const now = Date.now();
  endSpan(startSpan(name, { parent: page, start: now, attributes }), {}, { end: now });
}

// The header that makes what the service does for a request a part of `span`.
export function traceHeaders(span) {
  return traceId ? { traceparent: `00-${span.traceId}-${span.spanId}-${flags}` } : {};
}

// Sends what has ended, in a way that outlives the page.
export function flush(send = (url, body) => navigator.sendBeacon(url, body)) {
  while (ended.length) {
    const body = message(ended.splice(0, spansPerMessage));
    send(`${relay}?sent_at=${Date.now()}`, new Blob([body], { type: "application/json" }));
  }
}

// Waits for the page to load: that comes first.
function sendSoon() {
  clearTimeout(timer);
  if (document.readyState !== "complete") return;
  timer = setTimeout(flush, quiet, (url, body) => {
    fetch(url, { method: "POST", body, keepalive: true }).catch(() => {});
  });
}

function message(spans) {
  const resource = { "service.name": "student-registration-web", "browser.language": document.documentElement.lang };
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: Object.entries(resource).map(attribute) },
        scopeSpans: [{ scope: { name: "form" }, spans }],
      },
    ],
  });
}

function attribute([key, value]) {
  return { key, value: typeof value === "number" ? { intValue: String(value) } : { stringValue: value } };
}

function nanoseconds(milliseconds) {
  return `${milliseconds}000000`; // as text: more digits than a number holds
}

export function randomHex(length) {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Loading ends when its listeners do.
addEventListener("load", () => {
  setTimeout(() => {
    const { navigationStart, loadEventEnd } = performance.timing; // browsers of 2020 have no timeOrigin
    endSpan(startSpan("documentLoad", { parent: page, start: navigationStart }), {}, { end: loadEventEnd });
  });
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") flush();
});
