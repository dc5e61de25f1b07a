// Forms that look filled in by a program: a person loses nothing by them but one more press.

import assert from "node:assert/strict";
import { action, button, fillIn, submitInVain, values, visibleText } from "./form.mjs";
import { bothWays, useService } from "../suite.mjs";

const { service, pageTest } = useService({ MINIMUM_FILL_TIME: "2" });

const isRegistered = (page) => page.locator("#registration-number").waitFor();

// The form may still be too young.
async function pressUntilRegistered(page) {
  while (await button(page).isVisible()) {
    const answer = page.waitForEvent("load");
    await button(page).click();
    await answer;
  }
  await isRegistered(page);
}

pageTest("who is quick is not asked again", {}, async (page) => {
  const requests = [];
  page.on("request", (request) => {
    if (action.test(request.url())) requests.push(request);
  });
  await fillIn(page, ["Quick", "Silver", "quick@example.org"]);
  await button(page).click();
  assert.notEqual(await page.locator("#status").innerText(), "");
  assert.equal(await button(page).getAttribute("aria-disabled"), "true");
  await page.locator("#email").press("Enter");
  await isRegistered(page);
  assert.equal(requests.length, 1);
});

pageTest("who is quick without JavaScript presses again", { javaScriptEnabled: false }, async (page) => {
  const person = ["Plain", "Quick", "plain.quick@example.org"];
  await fillIn(page, person);
  await submitInVain(page);
  assert.match(await visibleText(page, "#notice"), /press Register again/);
  assert.deepEqual(await values(page), person);
  await pressUntilRegistered(page);
});

for (const { way, javaScriptEnabled } of bothWays) {
  pageTest(`a browser that fills in what nobody sees loses one press, ${way}`, { javaScriptEnabled }, async (page) => {
    const before = await service().created();
    const person = ["Trap", "Filler", `trap.${javaScriptEnabled}@example.org`];
    await fillIn(page, person);
    await page.locator("#website").evaluate((trap) => (trap.value = "https://example.org"));
    await submitInVain(page);
    assert.match(await visibleText(page, "#notice"), /press Register again/);
    assert.equal(await visibleText(page, "#support"), "");
    assert.deepEqual(await values(page), person);
    assert.equal(await page.locator("#website").inputValue(), "");
    assert.equal(await service().created(), before);
    await pressUntilRegistered(page);
  });
}

for (const { way, javaScriptEnabled } of bothWays) {
  pageTest(`a form of a service that has started anew since registers ${way}`, { javaScriptEnabled }, async (page) => {
    const otherwise = (digit) => (digit === "0" ? "1" : "0");
    const key = page.locator("[name=idempotency_key]");
    const stale = (await key.inputValue()).replace(/.$/, otherwise);
    await key.evaluate((input, stale) => (input.value = stale), stale);
    await fillIn(page, ["Stale", "Form", `stale.${javaScriptEnabled}@example.org`]);
    if (!javaScriptEnabled) {
      await submitInVain(page);
      assert.match(await visibleText(page, "#notice"), /press Register again/);
    }
    await button(page).click();
    await isRegistered(page);
  });
}
