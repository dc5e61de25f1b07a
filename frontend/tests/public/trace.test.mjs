// What a page tells of itself: exactly these spans, linked, and nothing that somebody typed.

import assert from "node:assert/strict";
import { action, button, fillIn, submitInVain } from "./form.mjs";
import { useService } from "../suite.mjs";

// A service that exports no spans samples none, and then pages say so too.
const { pageTest } = useService({ OTEL_TRACES_EXPORTER: "console" });
const plain = useService({ NO_BROWSER_TELEMETRY: "true" });

const relay = "**/telemetry/v1/traces?sent_at=*";
const person = ["Canary-First", "Canary-Last", "canary@example.org"];
const [internal, client] = [1, 3];
const request = { "http.request.method": "POST" };

// A test whose page keeps what it tells. `told(isEnough)` waits for the spans that are enough, and
// gives all there are; `parent` is what those of the page have in common.
function traceTest(name, body) {
  pageTest(name, {}, async (page) => {
    const messages = [];
    const statuses = []; // of the service's answers
    let arrived;
    await page.route(relay, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response });
      statuses.push(response.status());
      messages.push(route.request());
      arrived?.();
    });
    const told = async (isEnough) => {
      const spans = () => messages.flatMap((message) => spansOf(message.postDataJSON()));
      while (!isEnough(spans())) await new Promise((resolve) => (arrived = resolve));
      return spans();
    };
    const traceparent = await page.locator("meta[name=traceparent]").getAttribute("content");
    const [, traceId, parentSpanId, flags] = traceparent.split("-");
    await body(page, { told, messages, parent: { traceId, parentSpanId, flags: Number(flags) } });
    assert.deepEqual(new Set(statuses), new Set([200]));
    for (const message of messages) {
      assert.equal(message.headers()["content-type"], "application/json");
      for (const value of person) assert.ok(!message.postData().includes(value), value);
    }
  });
}

const has = (name) => (spans) => named(spans, name).length > 0;

// The spans of a message, whose frame is always the same.
function spansOf({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans }, ...scopes] }, ...resources] }) {
  assert.deepEqual([scopes, resources, scope], [[], [], { name: "form" }]);
  const page = { "service.name": "student-registration-web", "browser.language": "en" };
  assert.deepEqual(values(resource.attributes), page);
  for (const span of spans) {
    assert.match(span.traceId, /^[0-9a-f]{32}$/);
    assert.match(span.spanId, /^[0-9a-f]{16}$/);
    assert.ok(BigInt(span.startTimeUnixNano) <= BigInt(span.endTimeUnixNano));
  }
  return spans;
}

const valueOf = ({ stringValue, intValue }) => stringValue ?? Number(intValue);
const values = (attributes) => Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]));

const named = (spans, name) => spans.filter((span) => span.name === name);
const isMoment = (span) => span.startTimeUnixNano === span.endTimeUnixNano;

const problem = (status) => (route) =>
  route.fulfill({ status, contentType: "application/problem+json", body: "{}" });

// Lets the result of the registration wait, so that the page stays to be asked.
async function holdResult(page) {
  let go;
  const gone = new Promise((resolve) => (go = resolve));
  await page.route("**/students/*", async (route) => {
    await gone;
    await route.continue();
  });
  return go;
}

traceTest("a page tells how it loaded, that somebody began, and what was refused", async (page, { told, parent }) => {
  await fillIn(page, [person[0], "123", "canary@"]);
  await submitInVain(page);
  const spans = await told(has("form_refused"));
  assert.deepEqual(spans.map(({ name }) => name), ["documentLoad", "form_start", "form_refused"]);
  for (const { traceId, parentSpanId, flags, kind, status } of spans) {
    assert.deepEqual({ traceId, parentSpanId, flags }, parent);
    assert.deepEqual([kind, status], [internal, undefined]);
  }
  const [load, start, refused] = spans;
  assert.deepEqual([load, start, refused].map(({ attributes }) => values(attributes)), [
    {},
    {},
    { "registration.error_fields": "last_name:invalid_characters,email:invalid_email" },
  ]);
  assert.deepEqual([start, refused].map(isMoment), [true, true]);
});

traceTest("a submission is a trace of its own, which the service continues", async (page, { told, parent }) => {
  const go = await holdResult(page);
  await page.route(action, problem(503), { times: 1 });
  const requests = [];
  page.on("request", (request) => {
    if (action.test(request.url())) requests.push(request);
  });
  await fillIn(page, person);
  await button(page).click();
  await page.locator("#status", { hasText: /\d seconds/ }).waitFor();
  const created = page.waitForRequest("**/students/*");
  await button(page).click();
  await created;
  const spans = await told(has("form_submit"));
  go();

  const [whole, ...others] = named(spans, "form_submit");
  assert.deepEqual(others, []);
  assert.equal(whole.parentSpanId, undefined);
  assert.equal(whole.kind, internal);
  assert.notEqual(whole.traceId, parent.traceId);
  assert.deepEqual([parent.flags, whole.flags], [1, 1]);
  assert.deepEqual(values(whole.attributes), { "registration.outcome": "created" });

  const attempts = named(spans, "POST");
  for (const [index, attempt] of attempts.entries()) {
    assert.deepEqual([attempt.traceId, attempt.parentSpanId, attempt.kind], [whole.traceId, whole.spanId, client]);
    const traceparent = `00-${attempt.traceId}-${attempt.spanId}-01`;
    assert.equal(requests[index].headers().traceparent, traceparent);
    assert.ok(BigInt(whole.startTimeUnixNano) <= BigInt(attempt.startTimeUnixNano));
    assert.ok(BigInt(whole.endTimeUnixNano) >= BigInt(attempt.endTimeUnixNano));
  }
  assert.deepEqual(attempts.map(({ attributes }) => values(attributes)), [
    { ...request, "http.response.status_code": 503, "error.type": "503" },
    { ...request, "http.request.resend_count": 1, "http.response.status_code": 201 },
  ]);
  assert.deepEqual(attempts.map(({ status }) => status), [{ code: 2 }, undefined]);
});

for (const [outcome, status] of [["refused", 409], ["failed", 500]]) {
  traceTest(`the outcome of a submission: ${outcome}`, async (page, { told }) => {
    await page.route(action, problem(status));
    await fillIn(page, person);
    await submitInVain(page);
    const spans = await told(has("form_submit"));
    assert.deepEqual(values(named(spans, "form_submit")[0].attributes), { "registration.outcome": outcome });
    assert.equal(values(named(spans, "POST")[0].attributes)["error.type"], String(status));
  });
}

traceTest("an edit abandons what had no answer", async (page, { told }) => {
  await page.route(action, (route) => route.abort("connectionreset"));
  await fillIn(page, person);
  await button(page).click();
  await page.locator("#status", { hasText: /\d seconds/ }).waitFor();
  await page.locator("#first_name").fill(person[1]);
  const spans = await told(has("form_submit"));
  assert.deepEqual(values(named(spans, "form_submit")[0].attributes), { "registration.outcome": "abandoned" });
  const [attempt] = named(spans, "POST");
  assert.deepEqual(values(attempt.attributes), { ...request, "error.type": "network" });
  assert.deepEqual(attempt.status, { code: 2 });
});

traceTest("a request without an answer is timed out", async (page, { told }) => {
  await page.clock.install();
  await page.reload();
  await page.route(action, () => {}, { times: 1 });
  await fillIn(page, person);
  const sent = page.waitForRequest(action);
  await button(page).click();
  await sent;
  await page.clock.runFor(30_000);
  await page.locator("#status", { hasText: /\d seconds/ }).waitFor();
  const [attempt] = named(await told(has("POST")), "POST");
  assert.deepEqual(values(attempt.attributes), { ...request, "error.type": "timeout" });
});

traceTest("a page that goes away while it sends has abandoned it", async (page, { told }) => {
  await page.route(action, () => {});
  await fillIn(page, person);
  const sent = page.waitForRequest(action);
  await button(page).click();
  await sent;
  await page.reload();
  const spans = await told(has("form_submit"));
  assert.deepEqual(values(named(spans, "form_submit")[0].attributes), { "registration.outcome": "abandoned" });
  assert.deepEqual(values(named(spans, "POST")[0].attributes), { ...request, "error.type": "network" });
});

traceTest("a page tells of the first hundred spans, sixteen at a time", async (page, { told, messages }) => {
  for (let press = 0; press < 110; press += 1) await page.locator("#email").press("Enter");
  const spans = await told(({ length }) => length >= 100);
  const counts = messages.map((message) => spansOf(message.postDataJSON()).length);
  assert.equal(spans.length, 100);
  assert.ok(counts.every((count) => count <= 16), `${counts}`);
});

pageTest("what is left to tell is told when the page goes", {}, async (page) => {
  const isBeacon = (request) => request.resourceType() === "ping" && request.url().includes("/telemetry/v1/traces?sent_at=");
  const told = page.context().waitForEvent("request", isBeacon);
  await fillIn(page, ["Leaves", "Soon", "leaves@example.org"]);
  await button(page).click();
  await page.locator("#registration-number").waitFor();
  await told;
});

plain.pageTest("a service that wants to know nothing is told nothing", {}, async (page) => {
  const requests = [];
  page.on("request", (request) => requests.push(request));
  assert.equal(await page.locator("meta[name=traceparent]").count(), 0);
  await page.clock.install();
  await page.reload();
  await page.clock.runFor(5000);
  await submitInVain(page);
  await fillIn(page, person);
  await page.clock.runFor(5000);
  await button(page).click();
  await page.locator("#registration-number").waitFor();
  assert.deepEqual(requests.filter((request) => request.url().includes("/telemetry/")), []);
  const sent = requests.find((request) => action.test(request.url()));
  assert.equal(sent.headers().traceparent, undefined);
});
