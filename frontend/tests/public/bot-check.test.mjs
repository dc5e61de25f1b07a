// The bot check: a person whose form trips the honeypot or the minimum fill time presses once more, and
// loses nothing.

import assert from "node:assert/strict";
import { applicant } from "./applicant.mjs";
import { button, fillIn, registrationRequests, submitInvalid, values, visibleText, waitForConfirmation } from "./form.mjs";
import { bothWays, useService } from "../suite.mjs";

const { service, pageTest } = useService({ MINIMUM_FILL_TIME: "2" });

// The minimum fill time may not have passed at the first press.
async function pressUntilRegistered(page) {
  while (await button(page).isVisible()) {
    const loaded = page.waitForEvent("load");
    await button(page).click();
    await loaded;
  }
  await waitForConfirmation(page);
}

pageTest("the script waits for the minimum fill time, and sends once", {}, async (page) => {
  const requests = registrationRequests(page);
  await fillIn(page, applicant());
  await button(page).click();
  assert.notEqual(await page.locator("#status").innerText(), "");
  assert.equal(await button(page).getAttribute("aria-disabled"), "true");
  await page.locator("#email").press("Enter");
  await waitForConfirmation(page);
  assert.equal(requests.length, 1);
});

pageTest("a form sent before the minimum fill time is confirmed without JavaScript", { javaScriptEnabled: false }, async (page) => {
  const answers = applicant();
  await fillIn(page, answers);
  await submitInvalid(page);
  assert.match(await visibleText(page, "#notice"), /press Register again/);
  assert.deepEqual(await values(page), answers);
  await pressUntilRegistered(page);
});

for (const { way, javaScriptEnabled } of bothWays) {
  pageTest(`a browser that fills in the honeypot costs one more press, ${way}`, { javaScriptEnabled }, async (page) => {
    const before = await service().created();
    const answers = applicant();
    const honeypot = page.locator("#website");
    await fillIn(page, answers);
    await honeypot.evaluate((input) => (input.value = "https://example.org"));
    await submitInvalid(page);
    assert.match(await visibleText(page, "#notice"), /press Register again/);
    assert.equal(await visibleText(page, "#support"), "");
    assert.deepEqual(await values(page), answers);
    assert.equal(await honeypot.inputValue(), "");
    assert.equal(await service().created(), before);
    await pressUntilRegistered(page);
  });
}

for (const { way, javaScriptEnabled } of bothWays) {
  pageTest(`a form from before a restart of the service registers ${way}`, { javaScriptEnabled }, async (page) => {
    const changed = (digit) => (digit === "0" ? "1" : "0");
    const token = page.locator("[name=idempotency_key]");
    const forged = (await token.inputValue()).replace(/.$/, changed);
    await token.evaluate((input, forged) => (input.value = forged), forged);
    await fillIn(page, applicant());
    if (!javaScriptEnabled) {
      await submitInvalid(page);
      assert.match(await visibleText(page, "#notice"), /press Register again/);
    }
    await button(page).click();
    await waitForConfirmation(page);
  });
}
