// Takes a screenshot of every state, at two widths, in both themes and languages:
// npm run screenshots -- OUTDIR [PART], where PART is `public` or `desk`.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openPage, startBrowser } from "./browser.mjs";
import { furnish, openDesk, openOffice } from "./desk/office.mjs";
import { states as deskStates } from "./desk/states.mjs";
import { startService } from "./service.mjs";
import { services, states } from "./public/states.mjs";

const [directory, part] = process.argv.slice(2);
if (!directory) throw new Error("Name the folder for the screenshots: npm run screenshots -- OUTDIR");
await mkdir(directory, { recursive: true });

const views = {
  "desktop-light-en": { viewport: { width: 1280, height: 900 }, colorScheme: "light", locale: "en-GB" },
  "desktop-dark-it": { viewport: { width: 1280, height: 900 }, colorScheme: "dark", locale: "it-IT" },
  "narrow-light-it": { viewport: { width: 320, height: 640 }, colorScheme: "light", locale: "it-IT" },
  "narrow-dark-en": { viewport: { width: 320, height: 640 }, colorScheme: "dark", locale: "en-GB" },
};

async function take(page, name, prepare) {
  await prepare(page);
  // The whole page, but the window alone where a dialog is over it.
  const fullPage = (await page.locator("dialog[open]").count()) === 0;
  await page.screenshot({ path: join(directory, `${name.replaceAll(/[^a-zA-Z0-9]+/g, "-")}.png`), fullPage });
  await page.context().close();
}

async function takePublic(browser) {
  const running = new Map();
  try {
    for (const [name, env] of Object.entries(services)) running.set(name, await startService(env));
    for (const [state, { prepare, service = "usual" }] of Object.entries(states)) {
      for (const [view, options] of Object.entries(views)) {
        await take(await openPage(browser, running.get(service).origin, options), `${state}-${view}`, prepare);
      }
    }
  } finally {
    for (const { stop } of running.values()) await stop();
  }
}

// A list holds nothing but what its state needs: every picture of one is taken in an office of its own.
async function takeDesk(browser) {
  const furnished = await furnish();
  const shared = await openOffice(furnished);
  try {
    for (const [state, { as, empty, prepare }] of Object.entries(deskStates)) {
      for (const [view, options] of Object.entries(views)) {
        const office = state.startsWith("list") || empty ? await openOffice(furnished) : shared;
        try {
          const page = await openDesk(browser, office, { as, path: as ? "/desk/profile" : "/desk/sign-in", ...options });
          await take(page, `desk-${state}-${view}`, () => prepare(page, office));
        } finally {
          if (office !== shared) await office.stop();
        }
      }
    }
  } finally {
    await shared.stop();
    await furnished.remove();
  }
}

const browser = await startBrowser();
try {
  if (part !== "desk") await takePublic(browser);
  if (part !== "public") await takeDesk(browser);
} finally {
  await browser.close();
}
