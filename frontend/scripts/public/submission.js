// One submission: its idempotency key, its requests and the delays between retries. Shows nothing;
// `report` gets the progress.

import { client, endSpan, randomHex, startSpan, traceHeaders } from "./trace.js";

const requestTimeout = 30_000; // milliseconds
const maxRetryDelay = 60; // seconds; after a longer Retry-After the applicant decides when to retry
const maxRetries = 5;
const keyLifetime = 24 * 60 * 60 * 1000; // milliseconds; as long as the service remembers a key
const keysStorageKey = "registration-keys";
const maxKeys = 8; // a family's worth

let keys = []; // newest first; the only copy where the browser refuses storage

// Sends `answers` once `ready` has resolved, with `extras` that the idempotency key does not cover.
// `report` gets {} when a request begins, and { seconds, title } when a delay does.
//
// `result` resolves to { location }; or to the service's problem, empty where the service is
// unreachable; or to undefined when the submission was cancelled without a response.
export function startSubmission({ url, answers, extras, ready, report }) {
  const submitSpan = startSpan("form_submit");
  let key = keyFor(answers);
  let requestSpan; // of the last request
  let resends = 0;
  let isCancelled = false;
  let endDelay = () => {};
  let endWait;
  const cancelled = new Promise((resolve) => (endWait = resolve));

  async function send() {
    const attributes = { "http.request.method": "POST" };
    if (requestSpan) attributes["http.request.resend_count"] = resends += 1;
    requestSpan = startSpan("POST", { parent: submitSpan, kind: client, attributes });
    const outcome = {};
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), requestTimeout);
    let error = "network";
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "Accept": "application/json, application/problem+json",
          "Content-Type": "application/json",
          "Idempotency-Key": `"${key}"`,
          ...traceHeaders(requestSpan),
        },
        body: JSON.stringify({ ...answers, ...extras }),
        signal: controller.signal,
      });
      outcome["http.response.status_code"] = response.status;
      error = String(response.status);
      const result = await parse(response);
      if (result.location) error = "";
      return result;
    } catch {
      if (controller.signal.aborted) error = "timeout";
      return { isRetryable: true };
    } finally {
      clearTimeout(timer);
      if (error) outcome["error.type"] = error;
      endSpan(requestSpan, outcome, { failed: Boolean(error) });
    }
  }

  // Offline, lasts until the browser is online.
  async function delay(seconds, title) {
    const jittered = seconds * (1 + Math.random() / 4); // spreads the retries of many browsers
    report({ seconds: Math.ceil(jittered), title });
    await new Promise((resolve) => {
      endDelay = resolve;
      addEventListener("online", resolve, { once: true });
      if (navigator.onLine) setTimeout(resolve, jittered * 1000);
    });
    if (!isCancelled) report({});
  }

  async function sendWithRetries() {
    report({});
    await Promise.race([ready, cancelled]);
    if (!isCancelled && !navigator.onLine) await delay(0);
    for (let retry = 0; !isCancelled; retry += 1) {
      let result = await send();
      if (result.code === "idempotency_key_reused") {
        key = newKey(answers);
        result = await send();
      }
      const { isRetryable, retryAfter = 2 ** retry, title } = result;
      if (isCancelled || !isRetryable || retry === maxRetries || retryAfter > maxRetryDelay) return result;
      await delay(retryAfter, title);
    }
  }

  async function run() {
    const result = await sendWithRetries();
    endSpan(submitSpan, { "registration.outcome": outcomeOf(result) });
    return result;
  }

  return {
    result: run(),
    retryNow: () => endDelay(),
    // Sends no further request; one in flight still gives its result.
    cancel() {
      isCancelled = true;
      endWait();
      endDelay();
    },
    // The page is being unloaded, which ends a request in flight.
    abandon() {
      isCancelled = true;
      if (requestSpan) endSpan(requestSpan, { "error.type": "network" }, { failed: true });
      endSpan(submitSpan, { "registration.outcome": "abandoned" });
    },
  };
}

// A response without a problem document, such as a proxy's page, is not the service's: retryable.
async function parse(response) {
  const { status, headers } = response;
  const location = headers.get("Location");
  if (status === 201 && location) return { location };
  const isProblem = headers.get("Content-Type")?.startsWith("application/problem+json");
  const problem = isProblem ? await response.json() : {};
  const isRetryable = !isProblem || [408, 429, 503, 504].includes(status) || problem.code === "request_in_progress";
  const seconds = parseInt(headers.get("Retry-After"), 10);
  return { ...problem, status, isRetryable, retryAfter: isNaN(seconds) ? undefined : seconds };
}

function outcomeOf(result) {
  if (!result) return "abandoned";
  if (result.location) return "created";
  return result.isRetryable || result.status >= 500 ? "failed" : "refused";
}

// The same key for the same answers, in other tabs and after a reload too: repeated submissions of
// them are one registration.
function keyFor(answers) {
  const matches = (known) => known.digest === digest(known.key, answers) && Date.now() - known.time < keyLifetime;
  return storedKeys().find(matches)?.key ?? newKey(answers);
}

function newKey(answers) {
  const key = randomHex(16);
  keys = [{ key, digest: digest(key, answers), time: Date.now() }, ...storedKeys()].slice(0, maxKeys);
  try {
    localStorage.setItem(keysStorageKey, JSON.stringify(keys));
  } catch {
    // No storage.
  }
  return key;
}

function storedKeys() {
  try {
    keys = JSON.parse(localStorage.getItem(keysStorageKey)) ?? keys;
  } catch {
    // No storage.
  }
  return keys;
}

// Twelve bits of FNV-1a: enough to distinguish most answers, too few to identify an applicant. The
// service detects collisions.
function digest(key, answers) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key + JSON.stringify(answers))) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash & 0xfff;
}
