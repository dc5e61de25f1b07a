// Every page in every state, checked by axe-core: WCAG 2.2 A and AA, and its best practices. In both
// themes and languages, on a desktop and on a narrow phone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { services, states } from "./states.mjs";
import { useService } from "../suite.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const views = [
  { view: "light, English, desktop", colorScheme: "light", locale: "en-GB", viewport: { width: 1280, height: 900 } },
  { view: "dark, Italian, 320 px", colorScheme: "dark", locale: "it-IT", viewport: { width: 320, height: 640 } },
];

const running = Object.fromEntries(Object.entries(services).map(([name, env]) => [name, useService(env)]));

for (const [state, { prepare, service = "usual" }] of Object.entries(states)) {
  const { pageTest } = running[service];
  for (const { view, ...options } of views) {
    pageTest(`axe finds nothing on ${state} (${view})`, options, async (page) => {
      await prepare(page);
      assert.equal(await page.locator("html").getAttribute("lang"), options.locale.slice(0, 2));
      await page.evaluate(axe);
      const found = await page.evaluate(async () => {
        const { violations, passes } = await window.axe.run(document, {
          resultTypes: ["violations"],
          rules: { "target-size": { enabled: true } }, // new in WCAG 2.2, and off by default
        });
        const brief = ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`;
        return { violations: violations.map(brief), passes: passes.length };
      });
      assert.deepEqual(found.violations, []);
      assert.ok(found.passes > 10, "axe has checked the page");
    });
  }
}
