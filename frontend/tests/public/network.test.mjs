// A network that fails, and a service that is busy: what was typed is kept, sent again, and stored once.

import assert from "node:assert/strict";
import { action, button, fillIn, submitInVain, submitRefused, values, visibleText } from "./form.mjs";
import { useService } from "../suite.mjs";

const { service, pageTest } = useService();

// The ways to answer a registration instead of the service.
const problem = (status, { seconds, ...body } = {}) => (route) =>
  route.fulfill({
    status,
    contentType: "application/problem+json",
    headers: seconds === undefined ? {} : { "Retry-After": String(seconds) },
    body: JSON.stringify(body),
  });
const foreign = (status) => (route) => route.fulfill({ status, contentType: "text/html", body: "<h1>Pay</h1>" });
const broken = (route) => route.abort("connectionreset");
const silence = () => {};
const lost = async (route) => {
  await route.fetch();
  await route.abort("connectionreset");
};

// Answers one registration after the other in these ways, and leaves all further ones to the service.
// Gives the requests as they come.
async function answerIn(page, ...ways) {
  const requests = [];
  await page.route(action, (route) => {
    const way = ways[requests.length] ?? ((route) => route.continue());
    requests.push(route.request());
    return way(route);
  });
  return requests;
}

const key = (request) => request.headers()["idempotency-key"];
const status = (page, text) => page.locator("#status", { hasText: text }).waitFor();
const waiting = /try again automatically in (\d+) seconds/;

// A test in whose page only the test lets time pass, and in which a person has filled in the form.
function timedTest(name, body) {
  const email = `${name.replaceAll(/\W+/g, "-")}@example.org`;
  pageTest(name, {}, async (page) => {
    await page.clock.install();
    await page.reload();
    await fillIn(page, ["Hedy", "Lamarr", email]);
    await body(page);
  });
}

const isRegistered = (page) => page.locator("#registration-number").waitFor();

pageTest("offline it says so, and sends when it is online", {}, async (page) => {
  const requests = await answerIn(page);
  await fillIn(page, ["Off", "Line", "offline@example.org"]);
  await page.context().setOffline(true);
  await button(page).click();
  await status(page, /offline/);
  assert.equal(await button(page).getAttribute("aria-disabled"), null);
  assert.equal(requests.length, 0);
  await page.context().setOffline(false);
  await isRegistered(page);
  assert.equal(requests.length, 1);
});

timedTest("a busy service is asked again after the time it names", async (page) => {
  const requests = await answerIn(page, problem(503, { seconds: 40, title: "Busy", detail: "Try again." }));
  await button(page).click();
  await status(page, waiting);
  const text = await page.locator("#status").innerText();
  assert.match(text, /^Busy\. /);
  assert.ok(Number(waiting.exec(text)[1]) >= 40, text);
  assert.equal(await page.locator("#error-summary").isVisible(), false);
  await page.clock.runFor(39_000);
  assert.equal(requests.length, 1);
  await page.clock.runFor(11_000);
  await isRegistered(page);
  assert.equal(key(requests[1]), key(requests[0]));
});

for (const [name, answer] of Object.entries({
  "too many requests": problem(429, { seconds: 1 }),
  "a request under way": problem(409, { seconds: 1, code: "request_in_progress" }),
  "a request that took too long": problem(504),
  "a broken connection": broken,
  "the answer of somebody else": foreign(502),
  "the page of a captive portal": foreign(200),
})) {
  timedTest(`after ${name} it tries again`, async (page) => {
    const requests = await answerIn(page, answer);
    await button(page).click();
    await status(page, waiting);
    await page.clock.runFor(2000);
    await isRegistered(page);
    assert.equal(requests.length, 2);
  });
}

timedTest("a service that never answers is asked again", async (page) => {
  const requests = await answerIn(page, silence);
  const sent = page.waitForRequest(action);
  await button(page).click();
  await sent;
  await page.clock.runFor(30_000);
  await status(page, waiting);
  await page.clock.runFor(2000);
  await isRegistered(page);
  assert.equal(requests.length, 2);
});

timedTest("an answer that is lost is given again", async (page) => {
  const before = await service().created();
  await answerIn(page, lost);
  await button(page).click();
  await status(page, waiting);
  assert.equal(await service().created(), before + 1);
  await page.clock.runFor(2000);
  await isRegistered(page);
  assert.equal(await service().created(), before + 1);
});

timedTest("who shall wait long decides for themselves", async (page) => {
  const requests = await answerIn(page, problem(429, { seconds: 61, code: "rate_limited", detail: "Too many." }));
  await submitInVain(page);
  assert.equal(await visibleText(page, "#notice"), "Too many.");
  assert.equal(await page.locator("#status").innerText(), "");
  await page.clock.runFor(100_000);
  assert.equal(requests.length, 1);
  await button(page).click();
  await isRegistered(page);
});

timedTest("it gives up after five times more, and keeps what was typed", async (page) => {
  const person = await values(page);
  const requests = await answerIn(page, ...Array(6).fill(broken));
  const attempt = () => page.waitForEvent("requestfailed", (request) => action.test(request.url()));
  let failed = attempt();
  await button(page).click();
  for (let retry = 0; retry < 5; retry += 1) {
    await failed;
    await status(page, waiting);
    const [, seconds] = waiting.exec(await page.locator("#status").innerText());
    assert.ok(Number(seconds) >= 2 ** retry, seconds);
    failed = attempt();
    await page.clock.runFor(1250 * 2 ** retry);
  }
  await page.locator("#error-summary:focus").waitFor();
  assert.match(await visibleText(page, "#notice"), /could not reach/);
  assert.equal(await page.locator("#status").innerText(), "");
  assert.equal(requests.length, 6);
  assert.equal(new Set(requests.map(key)).size, 1);
  assert.deepEqual(await values(page), person);
  await button(page).click();
  await isRegistered(page);
  assert.equal(key(requests[6]), key(requests[0]));
});

timedTest("the button does not wait", async (page) => {
  await answerIn(page, problem(503, { seconds: 60 }));
  await button(page).click();
  await status(page, waiting);
  assert.equal(await button(page).getAttribute("aria-disabled"), null);
  await button(page).click();
  await isRegistered(page);
});

timedTest("what is changed while it waits is not sent before the person says so", async (page) => {
  const requests = await answerIn(page, problem(503));
  await button(page).click();
  await status(page, waiting);
  await page.locator("#first_name").fill("Hedwig");
  assert.equal(await page.locator("#status").innerText(), "");
  await page.clock.runFor(100_000);
  assert.equal(requests.length, 1);
  await button(page).click();
  await isRegistered(page);
  assert.equal(requests[1].postDataJSON().first_name, "Hedwig");
  assert.notEqual(key(requests[1]), key(requests[0]));
});

timedTest("what is being sent is what is shown", async (page) => {
  let fail;
  await answerIn(page, (route) => (fail = () => broken(route)));
  const sent = page.waitForRequest(action);
  await button(page).click();
  await sent;
  await page.locator("#first_name").press("End");
  await page.keyboard.type("wig");
  assert.equal((await values(page))[0], "Hedy");
  fail();
  await status(page, waiting);
  await page.locator("#first_name").press("End");
  await page.keyboard.type("wig");
  assert.equal((await values(page))[0], "Hedywig");
});

pageTest("a key that stands for other answers is replaced, once", {}, async (page) => {
  const reused = problem(422, { code: "idempotency_key_reused", detail: "Another key, please." });
  const requests = await answerIn(page, reused, reused, reused);
  await fillIn(page, ["Key", "Clash", "clash@example.org"]);
  await submitInVain(page);
  assert.match(await visibleText(page, "#notice"), /^Another key/);
  assert.equal(requests.length, 2);
  assert.notEqual(key(requests[1]), key(requests[0]));
});

pageTest("what was typed survives a reload, and nothing survives the registration", {}, async (page) => {
  const person = ["Re", "Load", "draft@example.org"];
  await fillIn(page, person);
  await page.reload();
  assert.deepEqual(await values(page), person);
  const other = await page.context().newPage();
  await other.goto("/");
  assert.deepEqual(await values(other), ["", "", ""]);

  await button(page).click();
  await isRegistered(page);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  for (const value of person) assert.ok(!kept.includes(value), kept);
  await page.goto("/");
  assert.deepEqual(await values(page), ["", "", ""]);
});

pageTest("a browser that refuses to store anything registers, and once", {}, async (page) => {
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
  await answerIn(page, async (route) => {
    await route.fetch();
    await broken(route);
  });
  await fillIn(page, ["No", "Storage", "storage@example.org"]);
  await submitInVain(page);
  await button(page).click();
  await isRegistered(page);
  assert.equal(await service().created(), before + 1);
});

pageTest("a refusal of the service is not repeated", {}, async (page) => {
  const requests = await answerIn(page, problem(500, { detail: "Broken." }));
  await fillIn(page, ["Re", "Fused", "refused@example.org"]);
  assert.equal(await submitRefused(page), 500);
  assert.equal(await page.locator("#status").innerText(), "");
  assert.equal(requests.length, 1);
});
