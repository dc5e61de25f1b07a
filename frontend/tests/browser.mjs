// Starts Chromium, and opens pages that remember everything that must not happen on them.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || onPath("chromium"),
    args: [
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ],
  });
}

// A page in a browser profile of its own. `page.complaints` fills with script errors, console errors,
// violations of the content security policy and requests to any other origin.
export async function openPage(browser, origin, options = {}) {
  const context = await browser.newContext({ baseURL: origin, ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(`script error: ${error}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !isRefusal(message)) page.complaints.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) page.complaints.push(`request: ${request.url()}`);
  });
  await page.goto("/");
  return page;
}

// Chromium logs every answer of 400 and above as an error. For a page or a registration the test
// itself looks at the answer; for a style sheet, a script or a picture it is a complaint.
function isRefusal(message) {
  const { pathname } = new URL(message.location().url || "about:blank");
  return message.text().startsWith("Failed to load resource") && !pathname.startsWith("/assets/");
}

function onPath(name) {
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    const file = join(directory, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here: look in the next folder.
    }
  }
  throw new Error(`Install ${name}, or set CHROMIUM to the path of a Chromium browser.`);
}
