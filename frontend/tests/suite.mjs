// The frame of every test file: one service and one browser for the file, a new page for each test, and
// the checks that hold on every page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage, startBrowser } from "./browser.mjs";
import { startService } from "./service.mjs";

// Runs a test once with JavaScript and once without.
export const bothWays = [
  { way: "with JavaScript", javaScriptEnabled: true },
  { way: "without JavaScript", javaScriptEnabled: false },
];

// Gives { service(), pageTest(name, options, body) }; `env` configures the service, `options` the page.
export function useService(env) {
  let browser, service;
  before(async () => {
    service = await startService(env);
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });

  const pageTest = (name, options, body) =>
    test(name, { timeout: 60_000 }, async () => {
      const page = await openPage(browser, service.origin, options);
      try {
        await body(page);
        assert.deepEqual(page.violations, []);
        assert.deepEqual(await page.context().cookies(), []);
      } catch (error) {
        error.message = [error.message, ...page.violations].join("\n"); // the usual cause
        throw error;
      } finally {
        await page.context().close();
      }
    });

  return { service: () => service, pageTest };
}
