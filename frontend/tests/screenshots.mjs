// Takes a screenshot of every state, at two widths, in both themes and languages:
// npm run screenshots -- OUTDIR

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openPage, startBrowser } from "./browser.mjs";
import { startService } from "./service.mjs";
import { services, states } from "./public/states.mjs";

const [directory] = process.argv.slice(2);
if (!directory) throw new Error("Name the folder for the screenshots: npm run screenshots -- OUTDIR");
await mkdir(directory, { recursive: true });

const views = {
  "desktop-light-en": { viewport: { width: 1280, height: 900 }, colorScheme: "light", locale: "en-GB" },
  "desktop-dark-it": { viewport: { width: 1280, height: 900 }, colorScheme: "dark", locale: "it-IT" },
  "narrow-light-it": { viewport: { width: 320, height: 640 }, colorScheme: "light", locale: "it-IT" },
  "narrow-dark-en": { viewport: { width: 320, height: 640 }, colorScheme: "dark", locale: "en-GB" },
};

const browser = await startBrowser();
const running = new Map();
try {
  for (const [name, env] of Object.entries(services)) running.set(name, await startService(env));
  for (const [state, { prepare, service = "usual" }] of Object.entries(states)) {
    for (const [view, options] of Object.entries(views)) {
      const page = await openPage(browser, running.get(service).origin, options);
      await prepare(page);
      const file = `${state.replaceAll(/[^a-zA-Z]+/g, "-")}-${view}.png`;
      await page.screenshot({ path: join(directory, file), fullPage: true });
      await page.context().close();
    }
  }
} finally {
  await browser.close();
  for (const { stop } of running.values()) await stop();
}
