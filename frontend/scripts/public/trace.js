// Browser telemetry: records spans and sends them to the service's relay as OTLP/JSON. They hold no
// answers. Without a traceparent in the page nothing is recorded. Unsampled spans are sent too: the service counts them.

const sendDelay = 1000; // milliseconds after the last span
const maxSpansPerMessage = 16;
const maxSpans = 100; // of a page

export const internal = 1;
export const client = 3;

const meta = document.querySelector("meta[name=traceparent]");
const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(meta?.content) ?? [];
const page = { traceId, spanId };
const { relay } = document.getElementById("registration").dataset;

const ended = [];
let remaining = maxSpans;
let timer;

// A child of `parent`, or the root of a new trace. Times are in milliseconds since 1970.
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

// Ends a span once; a second call does nothing.
export function endSpan(span, attributes = {}, { failed = false, end = Date.now() } = {}) {
  if (!traceId || remaining === 0 || span.endTimeUnixNano) return;
  span.endTimeUnixNano = nanoseconds(end);
  span.attributes.push(...Object.entries(attributes).map(attribute));
  if (failed) span.status = { code: 2 };
  ended.push(span);
  remaining -= 1;
  sendSoon();
}

// Records an event of the page as a span of no duration.
export function mark(name, attributes) {
  const now = Date.now();
  endSpan(startSpan(name, { parent: page, start: now, attributes }), {}, { end: now });
}

// The header that makes the service's span a child of `span`.
export function traceHeaders(span) {
  return traceId ? { traceparent: `00-${span.traceId}-${span.spanId}-${flags}` } : {};
}

// Sends the ended spans; by default in beacons, which outlive the page.
export function flush(send = (url, body) => navigator.sendBeacon(url, body)) {
  while (ended.length) {
    const body = message(ended.splice(0, maxSpansPerMessage));
    send(`${relay}?sent_at=${Date.now()}`, new Blob([body], { type: "application/json" }));
  }
}

// Sends nothing before the page has loaded.
function sendSoon() {
  clearTimeout(timer);
  if (document.readyState !== "complete") return;
  timer = setTimeout(flush, sendDelay, (url, body) => {
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
  return `${milliseconds}000000`; // a string: more digits than a number holds
}

export function randomHex(length) {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// loadEventEnd is set after the load listeners have run.
addEventListener("load", () => {
  setTimeout(() => {
    const { navigationStart, loadEventEnd } = performance.timing; // browsers of 2020 have no timeOrigin
    endSpan(startSpan("documentLoad", { parent: page, start: navigationStart }), {}, { end: loadEventEnd });
  });
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") flush();
});
