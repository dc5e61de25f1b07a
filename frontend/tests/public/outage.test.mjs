// The service stops while a form is sent. A file of its own, because the service is not restarted.

import assert from "node:assert/strict";
import { applicant } from "./applicant.mjs";
import { action, button, fillIn, summary, values } from "./form.mjs";
import { useService } from "../suite.mjs";

const { service, pageTest } = useService();

pageTest("an outage is reported and keeps the answers", {}, async (page) => {
  const answers = applicant();
  await page.route(action, async (route) => {
    await service().stop();
    await route.continue();
  });
  await fillIn(page, answers);
  await button(page).click();
  await page.locator("#status", { hasText: "could not reach" }).waitFor();

  assert.deepEqual(await summary(page), []);
  assert.deepEqual(await values(page), answers);
  assert.equal(await button(page).getAttribute("aria-disabled"), null);
});
