// Network failures and a busy service: the answers are kept, sent again and stored once.

import assert from "node:assert/strict";
import { answerAll, applicant } from "./applicant.mjs";
import { action, button, fillIn, waitForConfirmation, submitInvalid, submitRefused, values, visibleText } from "./form.mjs";
import { useService } from "../suite.mjs";

const { service, pageTest } = useService();

// Responses in place of the service's.
const problem = (status, { seconds, ...body } = {}) => (route) =>
  route.fulfill({
    status,
    contentType: "application/problem+json",
    headers: seconds === undefined ? {} : { "Retry-After": String(seconds) },
    body: JSON.stringify(body),
  });
const foreign = (status) => (route) => route.fulfill({ status, contentType: "text/html", body: "<h1>Pay</h1>" });
const broken = (route) => route.abort("connectionreset");
const noResponse = () => {};
const lostResponse = async (route) => {
  await route.fetch();
  await route.abort("connectionreset");
};

// Responds to the first requests in turn, and leaves the others to the service. Gives the requests, in a
// list that grows.
async function respond(page, ...responses) {
  const requests = [];
  await page.route(action, (route) => {
    const respondTo = responses[requests.length] ?? ((route) => route.continue());
    requests.push(route.request());
    return respondTo(route);
  });
  return requests;
}

const key = (request) => request.headers()["idempotency-key"];
const status = (page, text) => page.locator("#status", { hasText: text }).waitFor();
const retryStatus = /try again automatically in (\d+) seconds/;

// A test whose page has a fake clock and a form that is filled in.
function timedTest(name, body) {
  pageTest(name, {}, async (page) => {
    await page.clock.install();
    await page.reload();
    await fillIn(page, applicant({ first_name: "Hedy" }));
    await body(page);
  });
}

pageTest("an offline form says so, and is sent when the browser is online", {}, async (page) => {
  const requests = await respond(page);
  await fillIn(page, applicant());
  await page.context().setOffline(true);
  await button(page).click();
  await status(page, /offline/);
  assert.equal(await button(page).getAttribute("aria-disabled"), null);
  assert.equal(requests.length, 0);
  await page.context().setOffline(false);
  await waitForConfirmation(page);
  assert.equal(requests.length, 1);
});

timedTest("a retry waits as long as Retry-After says", async (page) => {
  const requests = await respond(page, problem(503, { seconds: 40, title: "Busy", detail: "Try again." }));
  await button(page).click();
  await status(page, retryStatus);
  const text = await page.locator("#status").innerText();
  assert.match(text, /^Busy\. /);
  assert.ok(Number(retryStatus.exec(text)[1]) >= 40, text);
  assert.equal(await page.locator("#error-summary").isVisible(), false);
  await page.clock.runFor(39_000);
  assert.equal(requests.length, 1);
  await page.clock.runFor(11_000);
  await waitForConfirmation(page);
  assert.equal(key(requests[1]), key(requests[0]));
});

for (const [name, response] of Object.entries({
  "too many requests": problem(429, { seconds: 1 }),
  "a request in progress": problem(409, { seconds: 1, code: "request_in_progress" }),
  "a gateway timeout": problem(504),
  "a broken connection": broken,
  "a proxy's error page": foreign(502),
  "the page of a captive portal": foreign(200),
})) {
  timedTest(`the script retries after ${name}`, async (page) => {
    const requests = await respond(page, response);
    await button(page).click();
    await status(page, retryStatus);
    await page.clock.runFor(2000);
    await waitForConfirmation(page);
    assert.equal(requests.length, 2);
  });
}

timedTest("a request without a response is retried", async (page) => {
  const requests = await respond(page, noResponse);
  const sent = page.waitForRequest(action);
  await button(page).click();
  await sent;
  await page.clock.runFor(30_000);
  await status(page, retryStatus);
  await page.clock.runFor(2000);
  await waitForConfirmation(page);
  assert.equal(requests.length, 2);
});

timedTest("a retry after a lost response is the same registration", async (page) => {
  const before = await service().created();
  await respond(page, lostResponse);
  await button(page).click();
  await status(page, retryStatus);
  assert.equal(await service().created(), before + 1);
  await page.clock.runFor(2000);
  await waitForConfirmation(page);
  assert.equal(await service().created(), before + 1);
});

timedTest("a Retry-After over a minute is left to the applicant", async (page) => {
  const requests = await respond(page, problem(429, { seconds: 61, code: "rate_limited", detail: "Too many." }));
  await submitInvalid(page);
  assert.equal(await visibleText(page, "#notice"), "Too many.");
  assert.equal(await page.locator("#status").innerText(), "");
  await page.clock.runFor(100_000);
  assert.equal(requests.length, 1);
  await button(page).click();
  await waitForConfirmation(page);
});

timedTest("the script gives up after five retries, and keeps the answers", async (page) => {
  const answers = await values(page);
  const requests = await respond(page, ...Array(6).fill(broken));
  const attempt = () => page.waitForEvent("requestfailed", (request) => action.test(request.url()));
  let failed = attempt();
  await button(page).click();
  for (let retry = 0; retry < 5; retry += 1) {
    await failed;
    await status(page, retryStatus);
    const [, seconds] = retryStatus.exec(await page.locator("#status").innerText());
    assert.ok(Number(seconds) >= 2 ** retry, seconds);
    failed = attempt();
    await page.clock.runFor(1250 * 2 ** retry);
  }
  await page.locator("#error-summary:focus").waitFor();
  assert.match(await visibleText(page, "#notice"), /could not reach/);
  assert.equal(await page.locator("#status").innerText(), "");
  assert.equal(requests.length, 6);
  assert.equal(new Set(requests.map(key)).size, 1);
  assert.deepEqual(await values(page), answers);
  await button(page).click();
  await waitForConfirmation(page);
  assert.equal(key(requests[6]), key(requests[0]));
});

timedTest("the button retries at once", async (page) => {
  await respond(page, problem(503, { seconds: 60 }));
  await button(page).click();
  await status(page, retryStatus);
  assert.equal(await button(page).getAttribute("aria-disabled"), null);
  await button(page).click();
  await waitForConfirmation(page);
});

timedTest("an edit during the delay cancels the retry", async (page) => {
  const requests = await respond(page, problem(503));
  await button(page).click();
  await status(page, retryStatus);
  await page.locator("#first_name").fill("Hedwig");
  assert.equal(await page.locator("#status").innerText(), "");
  await page.clock.runFor(100_000);
  assert.equal(requests.length, 1);
  await button(page).click();
  await waitForConfirmation(page);
  assert.equal(requests[1].postDataJSON().first_name, "Hedwig");
  assert.notEqual(key(requests[1]), key(requests[0]));
});

timedTest("the fields are read-only while they are sent", async (page) => {
  let fail;
  await respond(page, (route) => (fail = () => broken(route)));
  const sent = page.waitForRequest(action);
  await button(page).click();
  await sent;
  await page.locator("#first_name").press("End");
  await page.keyboard.type("wig");
  assert.equal((await values(page)).first_name, "Hedy");
  fail();
  await status(page, retryStatus);
  await page.locator("#first_name").press("End");
  await page.keyboard.type("wig");
  assert.equal((await values(page)).first_name, "Hedywig");
});

pageTest("a key that was used for other answers is replaced, once", {}, async (page) => {
  const reused = problem(422, { code: "idempotency_key_reused", detail: "Another key, please." });
  const requests = await respond(page, reused, reused, reused);
  await fillIn(page, applicant());
  await submitInvalid(page);
  assert.match(await visibleText(page, "#notice"), /^Another key/);
  assert.equal(requests.length, 2);
  assert.notEqual(key(requests[1]), key(requests[0]));
});

pageTest("the draft survives a reload, and is deleted after the registration", {}, async (page) => {
  const answers = applicant();
  await fillIn(page, answers);
  await page.reload();
  assert.deepEqual(await values(page), answers);
  const other = await page.context().newPage();
  await other.goto("/");
  assert.deepEqual(await values(other), answerAll(""));

  await button(page).click();
  await waitForConfirmation(page);
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  for (const value of Object.values(answers)) assert.ok(!stored.includes(value), stored);
  await page.goto("/");
  assert.deepEqual(await values(page), answerAll(""));
});

pageTest("the draft expires after fifteen minutes", {}, async (page) => {
  const answers = applicant();
  const age = (minutes) =>
    page.evaluate((minutes) => {
      const draft = JSON.parse(sessionStorage.getItem("registration-draft"));
      sessionStorage.setItem("registration-draft", JSON.stringify({ ...draft, time: draft.time - minutes * 60_000 }));
    }, minutes);
  await fillIn(page, answers);
  await age(14);
  await page.reload();
  assert.deepEqual(await values(page), answers);
  await age(1);
  await page.reload();
  assert.deepEqual(await values(page), answerAll(""));
  assert.equal(await page.evaluate(() => sessionStorage.getItem("registration-draft")), null);
});

timedTest("the draft expires while the page is open", async (page) => {
  const draft = () => page.evaluate(() => sessionStorage.getItem("registration-draft"));
  await page.clock.runFor(14 * 60_000);
  assert.notEqual(await draft(), null);
  await page.clock.runFor(60_000);
  assert.equal(await draft(), null);
});

pageTest("a browser without storage registers once", {}, async (page) => {
  await page.addInitScript(() => {
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException("Not here.", "SecurityError");
        },
      });
    }
  });
  await page.reload();
  const before = await service().created();
  const broken = problem(500, { detail: "Broken." });
  await respond(page, async (route) => {
    await route.fetch();
    await broken(route);
  });
  await fillIn(page, applicant());
  await submitInvalid(page);
  await button(page).click();
  await waitForConfirmation(page);
  assert.equal(await service().created(), before + 1);
});

pageTest("a server error is not retried", {}, async (page) => {
  const requests = await respond(page, problem(500, { detail: "Broken." }));
  await fillIn(page, applicant());
  assert.equal(await submitRefused(page), 500);
  assert.equal(await page.locator("#status").innerText(), "");
  assert.equal(requests.length, 1);
});
