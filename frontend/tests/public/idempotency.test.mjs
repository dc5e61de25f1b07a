// Idempotency: repeated submissions of a form are one registration, and each shows it.

import assert from "node:assert/strict";
import { applicant } from "./applicant.mjs";
import { action, button, fillIn, waitForConfirmation, register } from "./form.mjs";
import { bothWays, useService } from "../suite.mjs";

const { service, pageTest } = useService();

const number = (page) => page.locator("#registration-number").innerText();

// A test that registers one student.
function onceTest(name, options, body) {
  pageTest(name, options, async (page) => {
    const before = await service().created();
    await body(page);
    assert.equal(await service().created(), before + 1);
  });
}

onceTest("a double click sends one request", {}, async (page) => {
  const held = [];
  let arrived;
  const arrival = new Promise((resolve) => (arrived = resolve));
  await page.route(action, (route) => {
    held.push(route);
    arrived();
  });
  await fillIn(page, applicant());
  await button(page).dblclick();
  await arrival;
  assert.equal(await button(page).getAttribute("aria-disabled"), "true");
  assert.notEqual(await page.locator("#status").innerText(), "");
  await page.locator("#email").press("Enter");

  await held[0].continue();
  await waitForConfirmation(page);
  assert.equal(held.length, 1);
});

for (const { way, javaScriptEnabled } of bothWays) {
  onceTest(`reloading the confirmation shows the same registration, ${way}`, { javaScriptEnabled }, async (page) => {
    await register(page, applicant());
    const first = await number(page);
    await page.reload();
    assert.equal(await number(page), first);
  });
}

onceTest("going back and sending the same answers is the same registration", {}, async (page) => {
  const answers = applicant();
  await register(page, answers);
  const first = await number(page);
  await page.goBack();
  await register(page, answers);
  assert.equal(await number(page), first);
});

onceTest("two tabs with the same answers are the same registration", {}, async (page) => {
  const answers = applicant();
  const other = await page.context().newPage();
  await other.goto("/");
  await fillIn(other, answers);
  await register(page, answers);
  await button(other).click();
  assert.equal(await number(other), await number(page));
});

onceTest("a reload during the request, and a second press", {}, async (page) => {
  await page.route(action, (route) => route.fetch(), { times: 1 }); // the response does not reach the page
  const sent = page.waitForRequest(action);
  await fillIn(page, applicant());
  await button(page).click();
  await sent;
  await page.reload();
  await button(page).click();
  await waitForConfirmation(page);
});

// Under playwright, Chromium has no back/forward cache: the test sends its events.
onceTest("a page restored from the back/forward cache during a request can be sent again", {}, async (page) => {
  await page.route(action, (route) => route.fetch(), { times: 1 });
  const sent = page.waitForRequest(action);
  await fillIn(page, applicant());
  await button(page).click();
  await sent;
  await page.evaluate(() => {
    for (const event of ["pagehide", "pageshow"]) dispatchEvent(new PageTransitionEvent(event, { persisted: true }));
  });
  assert.equal(await button(page).getAttribute("aria-disabled"), null);
  assert.equal(await page.locator("#status").innerText(), "");
  await button(page).click();
  await waitForConfirmation(page);
});

onceTest("two presses without JavaScript are one registration", { javaScriptEnabled: false }, async (page) => {
  const idempotency_key = await page.locator("[name=idempotency_key]").inputValue();
  const form = new URLSearchParams({ idempotency_key, ...applicant() });
  const press = () =>
    page.request.post("/register", {
      headers: { "Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded" },
      data: form.toString(),
      maxRedirects: 0,
    });
  const responses = await Promise.all([press(), press()]);
  assert.deepEqual(responses.map((response) => response.status()), [303, 303]);
  const [one, other] = responses.map((response) => response.headers().location);
  assert.equal(one, other);
});
