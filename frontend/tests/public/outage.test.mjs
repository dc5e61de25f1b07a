// The service goes away while somebody sends the form. A file of its own: its service does not come back.

import assert from "node:assert/strict";
import { action, button, fillIn, summary, values } from "./form.mjs";
import { useService } from "../suite.mjs";

const { service, pageTest } = useService();

pageTest("an outage says so and keeps the answers", {}, async (page) => {
  const person = ["Hedy", "Lamarr", "hedy@example.org"];
  await page.route(action, async (route) => {
    await service().stop();
    await route.continue();
  });
  await fillIn(page, person);
  await button(page).click();
  await page.locator("#status", { hasText: "could not reach" }).waitFor();

  assert.deepEqual(await summary(page), []);
  assert.deepEqual(await values(page), person);
  assert.equal(await button(page).getAttribute("aria-disabled"), null);
});
