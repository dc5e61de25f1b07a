// The service goes away while somebody sends the form. A file of its own: its service does not come back.

import assert from "node:assert/strict";
import { button, fillIn, summary, values, visibleText } from "./form.mjs";
import { useService } from "./suite.mjs";

const { service, pageTest } = useService();

pageTest("an outage says so and keeps the answers", {}, async (page) => {
  const person = ["Hedy", "Lamarr", "hedy@example.org"];
  await page.route("**/register", async (route) => {
    await service().stop();
    await route.continue();
  });
  await fillIn(page, person);
  await button(page).click();
  await page.locator("#error-summary:focus").waitFor();

  assert.match(await visibleText(page, "#notice"), /could not reach/);
  assert.deepEqual(await summary(page), []);
  assert.deepEqual(await values(page), person);
  assert.equal(await page.title(), "Error: Student registration");
  assert.equal(await button(page).getAttribute("aria-disabled"), null);
  assert.equal(await page.locator("#status").innerText(), "");
});
