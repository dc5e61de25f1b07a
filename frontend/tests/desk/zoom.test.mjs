// Every page of the office in a window of 1280 × 1024 at 400 % (WCAG 1.4.10, 2.4.11): browsers lay it out in 320 × 256
// pixels, each drawn as 4 × 4. Nothing scrolls sideways, no control is cut off or covered. In Italian: its words are longer.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { useOffice } from "./office.mjs";
import { badControls, tooWide } from "./reflow.mjs";
import { states } from "./states.mjs";

const zoomed = { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4, colorScheme: "light", reducedMotion: "reduce" };

describe("everything can be read and used at 400 %", { concurrency: 2 }, () => {
  const deskTest = useOffice({ shared: true });
  for (const [state, { as, empty = false, prepare }] of Object.entries(states)) {
    const options = { as, own: empty, path: as ? "/desk/profile" : "/desk/sign-in", locale: "it-IT", ...zoomed };
    deskTest(state, options, async (page, office) => {
      await prepare(page, office);
      assert.equal(await page.evaluate(() => `${innerWidth} × ${innerHeight} × ${devicePixelRatio}`), "320 × 256 × 4");
      assert.deepEqual(await page.evaluate(tooWide), []);
      assert.deepEqual(await page.evaluate(badControls), []);
    });
  }
});
