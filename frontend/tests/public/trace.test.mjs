// Browser telemetry: exactly these spans, with these parents, and no answers.

import assert from "node:assert/strict";
import { applicant } from "./applicant.mjs";
import { action, button, fillIn, registrationRequests, submitInvalid, waitForConfirmation } from "./form.mjs";
import { useService } from "../suite.mjs";

// With an exporter, the service samples its traces, and so do its pages.
const { pageTest } = useService({ OTEL_TRACES_EXPORTER: "console" });
const disabled = useService({ NO_BROWSER_TELEMETRY: "true" });

const relay = "**/telemetry/v1/traces?sent_at=*";
const canaries = applicant();
const [internal, client] = [1, 3];
const request = { "http.request.method": "POST" };

// A test that records the page's telemetry. `received(isEnough)` waits until `isEnough` accepts the spans,
// and gives all of them; `parent` is the context of the page's own spans.
function traceTest(name, body) {
  pageTest(name, {}, async (page) => {
    const messages = [];
    const statuses = []; // of the service's responses
    let arrived;
    await page.route(relay, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response });
      statuses.push(response.status());
      messages.push(route.request());
      arrived?.();
    });
    const received = async (isEnough) => {
      const spans = () => messages.flatMap((message) => spansOf(message.postDataJSON()));
      while (!isEnough(spans())) await new Promise((resolve) => (arrived = resolve));
      return spans();
    };
    const traceparent = await page.locator("meta[name=traceparent]").getAttribute("content");
    const [, traceId, parentSpanId, flags] = traceparent.split("-");
    await body(page, { received, messages, parent: { traceId, parentSpanId, flags: Number(flags) } });
    assert.deepEqual(new Set(statuses), new Set([200]));
    for (const message of messages) {
      assert.equal(message.headers()["content-type"], "application/json");
      for (const value of Object.values(canaries)) assert.ok(!message.postData().includes(value), value);
    }
  });
}

const has = (name) => (spans) => named(spans, name).length > 0;

// The spans of a message, with one resource and one scope.
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
const isEvent = (span) => span.startTimeUnixNano === span.endTimeUnixNano;

const problem = (status) => (route) =>
  route.fulfill({ status, contentType: "application/problem+json", body: "{}" });

// Delays the confirmation page, so that the form is not unloaded. Gives the function that ends the delay.
async function holdConfirmation(page) {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.route("**/students/*", async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

traceTest("a page records its load, the first input and a refused form", async (page, { received, parent }) => {
  await fillIn(page, { ...canaries, last_name: "123", email: "canary@" });
  await submitInvalid(page);
  const spans = await received(has("form_refused"));
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
  assert.deepEqual([start, refused].map(isEvent), [true, true]);
});

traceTest("a submission is a trace of its own, which the service continues", async (page, { received, parent }) => {
  const release = await holdConfirmation(page);
  await page.route(action, problem(503), { times: 1 });
  const requests = registrationRequests(page);
  await fillIn(page, canaries);
  await button(page).click();
  await page.locator("#status", { hasText: /\d seconds/ }).waitFor();
  const created = page.waitForRequest("**/students/*");
  await button(page).click();
  await created;
  const spans = await received(has("form_submit"));
  release();

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
  traceTest(`the outcome of a submission: ${outcome}`, async (page, { received }) => {
    await page.route(action, problem(status));
    await fillIn(page, canaries);
    await submitInvalid(page);
    const spans = await received(has("form_submit"));
    assert.deepEqual(values(named(spans, "form_submit")[0].attributes), { "registration.outcome": outcome });
    assert.equal(values(named(spans, "POST")[0].attributes)["error.type"], String(status));
  });
}

traceTest("an edit abandons a submission without a response", async (page, { received }) => {
  await page.route(action, (route) => route.abort("connectionreset"));
  await fillIn(page, canaries);
  await button(page).click();
  await page.locator("#status", { hasText: /\d seconds/ }).waitFor();
  await page.locator("#first_name").fill(canaries.last_name);
  const spans = await received(has("form_submit"));
  assert.deepEqual(values(named(spans, "form_submit")[0].attributes), { "registration.outcome": "abandoned" });
  const [attempt] = named(spans, "POST");
  assert.deepEqual(values(attempt.attributes), { ...request, "error.type": "network" });
  assert.deepEqual(attempt.status, { code: 2 });
});

traceTest("a request without a response times out", async (page, { received }) => {
  await page.clock.install();
  await page.reload();
  await page.route(action, () => {}, { times: 1 });
  await fillIn(page, canaries);
  const sent = page.waitForRequest(action);
  await button(page).click();
  await sent;
  await page.clock.runFor(30_000);
  await page.locator("#status", { hasText: /\d seconds/ }).waitFor();
  const [attempt] = named(await received(has("POST")), "POST");
  assert.deepEqual(values(attempt.attributes), { ...request, "error.type": "timeout" });
});

traceTest("leaving the page during a request abandons the submission", async (page, { received }) => {
  await page.route(action, () => {});
  await fillIn(page, canaries);
  const sent = page.waitForRequest(action);
  await button(page).click();
  await sent;
  await page.reload();
  const spans = await received(has("form_submit"));
  assert.deepEqual(values(named(spans, "form_submit")[0].attributes), { "registration.outcome": "abandoned" });
  assert.deepEqual(values(named(spans, "POST")[0].attributes), { ...request, "error.type": "network" });
});

traceTest("a page sends its first hundred spans, at most sixteen in a message", async (page, { received, messages }) => {
  for (let press = 0; press < 110; press += 1) await page.locator("#email").press("Enter");
  const spans = await received(({ length }) => length >= 100);
  const counts = messages.map((message) => spansOf(message.postDataJSON()).length);
  assert.equal(spans.length, 100);
  assert.ok(counts.every((count) => count <= 16), `${counts}`);
});

pageTest("the last spans are sent as a beacon when the page is left", {}, async (page) => {
  const isBeacon = (request) => request.resourceType() === "ping" && request.url().includes("/telemetry/v1/traces?sent_at=");
  const beacon = page.context().waitForEvent("request", isBeacon);
  await fillIn(page, applicant());
  await button(page).click();
  await waitForConfirmation(page);
  await beacon;
});

disabled.pageTest("without browser telemetry a page records and sends nothing", {}, async (page) => {
  const requests = [];
  page.on("request", (request) => requests.push(request));
  assert.equal(await page.locator("meta[name=traceparent]").count(), 0);
  await page.clock.install();
  await page.reload();
  await page.clock.runFor(5000);
  await submitInvalid(page);
  await fillIn(page, canaries);
  await page.clock.runFor(5000);
  await button(page).click();
  await waitForConfirmation(page);
  assert.deepEqual(requests.filter((request) => request.url().includes("/telemetry/")), []);
  const sent = requests.find((request) => action.test(request.url()));
  assert.equal(sent.headers().traceparent, undefined);
});
