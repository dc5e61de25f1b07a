// One registration on its way to the service: its idempotency key, its requests, and the pauses
// between them. Shows nothing; `report` tells the page what is going on.

import { client, endSpan, randomHex, startSpan, traceHeaders } from "./trace.js";

const longestRequest = 30_000; // milliseconds
const longestPause = 60; // seconds; who shall wait longer decides when to try again
const retries = 5;
const keyLife = 24 * 60 * 60 * 1000; // milliseconds; for so long the service knows a key again
const keyPlace = "registration-keys";
const keysKept = 8; // a family's worth

let keys = []; // the newest first; for browsers that refuse to store anything

// Sends `answers`, and `asides` that are no part of the registration, once `ready` has resolved.
// `report` gets {} when sending begins, and { seconds, title } when a pause does.
//
// `answer` resolves to { location }; or to the problem that the service tells, empty where it could
// not be reached; or to undefined when it was stopped before there was an answer.
export function startSubmission({ url, answers, asides, ready, report }) {
  const whole = startSpan("form_submit");
  let key = keyOf(answers);
  let request; // the span of the last one
  let resends = 0;
  let stopped = false;
  let wake = () => {};
  let giveUp;
  const givenUp = new Promise((resolve) => (giveUp = resolve));

  async function send() {
    const attributes = { "http.request.method": "POST" };
    if (request) attributes["http.request.resend_count"] = resends += 1;
    request = startSpan("POST", { parent: whole, kind: client, attributes });
    const result = {};
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), longestRequest);
    let error = "network";
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "Accept": "application/json, application/problem+json",
          "Content-Type": "application/json",
          "Idempotency-Key": `"${key}"`,
          ...traceHeaders(request),
        },
        body: JSON.stringify({ ...answers, ...asides }),
        signal: controller.signal,
      });
      result["http.response.status_code"] = response.status;
      error = String(response.status);
      const answer = await read(response);
      if (answer.location) error = "";
      return answer;
    } catch {
      if (controller.signal.aborted) error = "timeout";
      return { passing: true };
    } finally {
      clearTimeout(timer);
      if (error) result["error.type"] = error;
      endSpan(request, result, { failed: Boolean(error) });
    }
  }

  // Without a network, lasts until there is one.
  async function pause(seconds, title) {
    const scattered = seconds * (1 + Math.random() / 4); // so that not everybody comes back at once
    report({ seconds: Math.ceil(scattered), title });
    await new Promise((resolve) => {
      wake = resolve;
      addEventListener("online", resolve, { once: true });
      if (navigator.onLine) setTimeout(resolve, scattered * 1000);
    });
    if (!stopped) report({});
  }

  async function deliver() {
    report({});
    await Promise.race([ready, givenUp]);
    if (!stopped && !navigator.onLine) await pause(0);
    for (let retry = 0; !stopped; retry += 1) {
      let answer = await send();
      if (answer.code === "idempotency_key_reused") {
        key = newKey(answers);
        answer = await send();
      }
      const { passing, retryAfter = 2 ** retry, title } = answer;
      if (stopped || !passing || retry === retries || retryAfter > longestPause) return answer;
      await pause(retryAfter, title);
    }
  }

  async function conclude() {
    const answer = await deliver();
    endSpan(whole, { "registration.outcome": outcome(answer) });
    return answer;
  }

  return {
    answer: conclude(),
    // Ends a pause.
    hurry: () => wake(),
    // Sends nothing more; a request under way still brings its answer.
    stop() {
      stopped = true;
      giveUp();
      wake();
    },
    // The page goes away, and with it a request under way.
    abandon() {
      stopped = true;
      if (request) endSpan(request, { "error.type": "network" }, { failed: true });
      endSpan(whole, { "registration.outcome": "abandoned" });
    },
  };
}

// What the service answered. What is `passing` may be otherwise soon; so is an answer of somebody
// else's, such as the page of a proxy, which is none.
async function read(response) {
  const { status, headers } = response;
  const location = headers.get("Location");
  if (status === 201 && location) return { location };
  const isProblem = headers.get("Content-Type")?.startsWith("application/problem+json");
  const problem = isProblem ? await response.json() : {};
  const passing = !isProblem || [408, 429, 503, 504].includes(status) || problem.code === "request_in_progress";
  const seconds = parseInt(headers.get("Retry-After"), 10);
  return { ...problem, status, passing, retryAfter: isNaN(seconds) ? undefined : seconds };
}

function outcome(answer) {
  if (!answer) return "abandoned";
  if (answer.location) return "created";
  return answer.passing || answer.status >= 500 ? "failed" : "refused";
}

// The same key for the same answers, in other tabs and after a reload too: however often they are
// sent, they are registered once, and the person is told so each time.
function keyOf(answers) {
  const fits = ({ key, time, digest: known }) => known === digest(key, answers) && Date.now() - time < keyLife;
  return knownKeys().find(fits)?.key ?? newKey(answers);
}

function newKey(answers) {
  const key = randomHex(16);
  keys = [{ key, digest: digest(key, answers), time: Date.now() }, ...knownKeys()].slice(0, keysKept);
  try {
    localStorage.setItem(keyPlace, JSON.stringify(keys));
  } catch {
    // Only this page knows them.
  }
  return key;
}

function knownKeys() {
  try {
    keys = JSON.parse(localStorage.getItem(keyPlace)) ?? keys;
  } catch {
    // Only this page knows its keys.
  }
  return keys;
}

// Twelve bits of FNV-1a: enough to tell most answers apart, and too few to tell whose they are. Where
// two are taken for the same, the service notices.
function digest(key, answers) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key + JSON.stringify(answers))) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash & 0xfff;
}
