// Takes a picture of every page and state, at two widths and in both themes:
// npm run screenshots -- OUTDIR

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openPage, startBrowser } from "./browser.mjs";
import { button, fillIn, register, submitInVain } from "./form.mjs";
import { startService } from "./service.mjs";

const [directory] = process.argv.slice(2);
if (!directory) throw new Error("Name the folder for the pictures: npm run screenshots -- OUTDIR");
await mkdir(directory, { recursive: true });

const sizes = { desktop: { width: 1280, height: 900 }, narrow: { width: 320, height: 640 } };

// In the order in which they are taken; the last one takes the service away.
const states = (size, theme, stop) => {
  const registered = ["Zoë", "Nguyễn Văn", `zoe.${size}.${theme}@example.org`];
  return {
    "form": async () => {},
    "form-filled": (page) => fillIn(page, registered),
    "form-focus": (page) => page.locator("#first_name").focus(),
    "registered": (page) => register(page, registered),
    "errors": async (page) => {
      await fillIn(page, ["", "123", "zoe@example"]);
      await submitInVain(page);
    },
    "already-registered": async (page) => {
      await fillIn(page, registered);
      await submitInVain(page);
    },
    "not-found": (page) => page.goto("/no-such-page"),
    "unreachable": async (page) => {
      await fillIn(page, registered);
      await stop();
      await button(page).click();
      await page.locator("#error-summary").waitFor();
    },
  };
};

const browser = await startBrowser();
try {
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"]) {
      const { origin, stop } = await startService();
      try {
        for (const [state, prepare] of Object.entries(states(size, colorScheme, stop))) {
          const page = await openPage(browser, origin, { viewport, colorScheme });
          await prepare(page);
          await page.screenshot({ path: join(directory, `${state}-${size}-${colorScheme}.png`), fullPage: true });
          await page.context().close();
        }
      } finally {
        await stop();
      }
    }
  }
} finally {
  await browser.close();
}
