// The form and the office in Firefox and in WebKit: an applicant registers, a registrar signs in, finds them,
// confirms by key and edits. A browser that is not installed is skipped: npm run test:browsers

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { emailOf, furnish, openOffice, password } from "../desk/office.mjs";
import { openBrowser } from "./webdriver.mjs";

const onPath = (name) => process.env.PATH.split(delimiter).map((directory) => join(directory, name)).find((file) => existsSync(file));
const miniBrowser = ["4.1", "4.0", "6.0"]
  .flatMap((version) => ["x86_64", "aarch64"].map((machine) => `/usr/lib/${machine}-linux-gnu/webkit2gtk-${version}/MiniBrowser`))
  .find((file) => existsSync(file));

const browsers = {
  Firefox: {
    needs: { "firefox-esr": onPath("firefox-esr") ?? onPath("firefox"), geckodriver: onPath("geckodriver") },
    start: (found) => ({
      command: (port) => [found.geckodriver, "--port", port],
      capabilities: { "moz:firefoxOptions": { binary: found["firefox-esr"], args: ["-headless"] } },
    }),
  },
  WebKit: {
    needs: { WebKitWebDriver: onPath("WebKitWebDriver"), MiniBrowser: miniBrowser, "xvfb-run": onPath("xvfb-run") },
    start: (found) => ({
      command: (port) => [found["xvfb-run"], "-a", found.WebKitWebDriver, `--port=${port}`],
      capabilities: { "webkitgtk:browserOptions": { binary: found.MiniBrowser, args: ["--automation"] } },
      env: { WEBKIT_DISABLE_COMPOSITING_MODE: "1", WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", LANG: "en_GB.UTF-8", LANGUAGE: "en_GB:en" },
    }),
  },
};

async function morning(browser, office) {
  const { origin } = office;
  await browser.open(`${origin}/?lang=en`);
  await browser.type("#first_name", "Zoë");
  await browser.type("#last_name", "Brontë");
  await browser.type("#email", "zoe@example.org");
  await browser.click("form button[type=submit]");
  await browser.find("#registration-number");
  const [id] = /[0-9a-f-]{36}/.exec(await browser.run("return location.pathname"));

  await browser.open(`${origin}/desk/sign-in?lang=en`);
  await browser.type("#email", emailOf("registrar"));
  await browser.type("#password", password);
  await browser.click("main form .button");
  await browser.find("#per-hour");
  await browser.click("nav a[href*='/desk/students']");
  await browser.find(`#s-${id}`);
  await browser.run("window.stays = true");
  await browser.type("#q", "bronte");
  await browser.waitFor("the search's address", "location.search.includes('q=bronte')");
  await browser.run(`document.querySelector('#s-${id} .name').focus()`);
  await browser.press("a");
  await browser.find(`#s-${id} .badge[data-status=confirmed]`);
  await browser.waitFor("the announcement", "/Place confirmed/.test(document.getElementById('status').textContent)");
  assert.equal(await browser.run("return window.stays"), true, "no page was loaded");
  assert.equal((await office.read(id)).status, "confirmed");

  await browser.click(`#s-${id} .name`);
  await browser.click("main a[href*='/edit']");
  await browser.type("#last_name", "Brontë-Nicholls");
  await browser.click("main form .button");
  await browser.waitFor("the edited name", "/Brontë-Nicholls/.test(document.querySelector('h1').textContent)");
  assert.equal((await office.read(id)).last_name, "Brontë-Nicholls");
}

for (const [name, { needs, start }] of Object.entries(browsers)) {
  const missing = Object.keys(needs).filter((part) => !needs[part]);
  const skip = missing.length > 0 && `not installed: ${missing.join(", ")}`;
  if (skip) console.log(`SKIPPED ${name}: ${skip}`);
  test(`a morning in ${name}`, { skip, timeout: 120_000 }, async () => {
    const furnished = await furnish();
    const office = await openOffice(furnished);
    let browser;
    try {
      browser = await openBrowser(start(needs));
      console.log(browser.name);
      await morning(browser, office);
    } finally {
      await browser?.close();
      await office.stop();
      await furnished.remove();
    }
  });
}
