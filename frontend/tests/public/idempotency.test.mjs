// Whatever people press, and however often: one registration, and everybody sees that it is there.

import assert from "node:assert/strict";
import { action, button, fillIn, names, register } from "./form.mjs";
import { bothWays, useService } from "../suite.mjs";

const { service, pageTest } = useService();

const number = (page) => page.locator("#registration-number").innerText();

// A test at whose end there is one student more.
function onceTest(name, options, body) {
  pageTest(name, options, async (page) => {
    const before = await service().created();
    await body(page);
    assert.equal(await service().created(), before + 1);
  });
}

onceTest("a double click is sent once", {}, async (page) => {
  const held = [];
  let arrived;
  const arrival = new Promise((resolve) => (arrived = resolve));
  await page.route(action, (route) => {
    held.push(route);
    arrived();
  });
  await fillIn(page, ["Double", "Click", "double.click@example.org"]);
  await button(page).dblclick();
  await arrival;
  assert.equal(await button(page).getAttribute("aria-disabled"), "true");
  assert.notEqual(await page.locator("#status").innerText(), "");
  await page.locator("#email").press("Enter");

  await held[0].continue();
  await page.locator("#registration-number").waitFor();
  assert.equal(held.length, 1);
});

for (const { way, javaScriptEnabled } of bothWays) {
  onceTest(`the result may be reloaded, ${way}`, { javaScriptEnabled }, async (page) => {
    await register(page, ["Re", "Load", `reload.${javaScriptEnabled}@example.org`]);
    const first = await number(page);
    await page.reload();
    assert.equal(await number(page), first);
  });
}

onceTest("going back and sending the same again leads to the same student", {}, async (page) => {
  const person = ["Go", "Back", "back@example.org"];
  await register(page, person);
  const first = await number(page);
  await page.goBack();
  await register(page, person);
  assert.equal(await number(page), first);
});

onceTest("two tabs with the same answers lead to the same student", {}, async (page) => {
  const person = ["Two", "Tabs", "two.tabs@example.org"];
  const other = await page.context().newPage();
  await other.goto("/");
  await fillIn(other, person);
  await register(page, person);
  await button(other).click();
  assert.equal(await number(other), await number(page));
});

onceTest("a reload while it is being sent, and pressing again", {}, async (page) => {
  await page.route(action, (route) => route.fetch(), { times: 1 }); // the service answers, the page is not told
  const person = ["Press", "Again", "press.again@example.org"];
  const sent = page.waitForRequest(action);
  await fillIn(page, person);
  await button(page).click();
  await sent;
  await page.reload();
  await button(page).click();
  await page.locator("#registration-number").waitFor();
});

// Chromium keeps no page that playwright drives, so the page is told that it was kept.
onceTest("a page that is brought back as it was left, sending, wakes up and can be sent again", {}, async (page) => {
  await page.route(action, (route) => route.fetch(), { times: 1 });
  const sent = page.waitForRequest(action);
  await fillIn(page, ["Brought", "Back", "brought.back@example.org"]);
  await button(page).click();
  await sent;
  await page.evaluate(() => {
    for (const event of ["pagehide", "pageshow"]) dispatchEvent(new PageTransitionEvent(event, { persisted: true }));
  });
  assert.equal(await button(page).getAttribute("aria-disabled"), null);
  assert.equal(await page.locator("#status").innerText(), "");
  await button(page).click();
  await page.locator("#registration-number").waitFor();
});

onceTest("pressing twice without JavaScript is one registration", { javaScriptEnabled: false }, async (page) => {
  const form = new URLSearchParams({ idempotency_key: await page.locator("[name=idempotency_key]").inputValue() });
  for (const name of names) form.set(name, name === "email" ? "twice@example.org" : "Twice");
  const press = () =>
    page.request.post("/register", {
      headers: { "Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded" },
      data: form.toString(),
      maxRedirects: 0,
    });
  const answers = await Promise.all([press(), press()]);
  assert.deepEqual(answers.map((answer) => answer.status()), [303, 303]);
  const [one, other] = answers.map((answer) => answer.headers().location);
  assert.equal(one, other);
});
