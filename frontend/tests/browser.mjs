// Starts Chromium, and opens pages that record violations: errors, blocked resources, foreign requests.

import { existsSync } from "node:fs";
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
      "--host-resolver-rules=MAP school.test 127.0.0.1", // an origin without TLS that is not this machine's
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ],
  });
}

// A page in a browser profile of its own, opened at `path`. `page.violations` lists script errors, console errors (violations
// of the Content-Security-Policy among them) and requests to any other origin.
export async function openPage(browser, origin, { path = "/", cookie, ...options } = {}) {
  const context = await browser.newContext({ baseURL: origin, ...options });
  if (cookie) await context.addCookies([{ ...cookie, url: origin }]);
  const page = await context.newPage();
  page.violations = [];
  page.on("pageerror", (error) => page.violations.push(`script error: ${error}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !isHandled(message)) page.violations.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) page.violations.push(`request: ${request.url()}`);
  });
  await page.goto(path);
  return page;
}

// Chromium logs every response of 400 and above as an error. Tests check those to pages and registrations;
// those to assets are violations.
function isHandled(message) {
  const { pathname } = new URL(message.location().url || "about:blank");
  return message.text().startsWith("Failed to load resource") && !pathname.startsWith("/assets/");
}

function onPath(name) {
  const files = (process.env.PATH ?? "").split(delimiter).map((directory) => join(directory, name));
  const file = files.find((file) => existsSync(file));
  if (!file) throw new Error(`Install ${name}, or set CHROMIUM to the path of a Chromium browser.`);
  return file;
}
