// Importing a file in the browser: a long one is followed to its end.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { useOffice } from "./office.mjs";
import { send, uploadFile } from "./states.mjs";

const rows = 1500; // more than a request stores itself

describe("an import", { concurrency: 2 }, () => {
  const deskTest = useOffice();

  deskTest("is followed to its end, and undone", { as: "registrar" }, async (page) => {
    const lines = Array.from({ length: rows }, (_, index) => `Zoë,Brontë,n${index}@example.org`);
    await uploadFile(page, Buffer.from(["First name,Last name,Email", ...lines].join("\n")));
    await send(page);
    await page.locator("#rows").waitFor({ state: "attached" });
    await page.locator("form[action$='/run'] button").press("Enter");
    // The page says so by itself, also to those who do not see it.
    await page.locator("#status", { hasText: "The import is done" }).waitFor({ state: "attached" });
    assert.match(await page.locator("#results").innerText(), /1,500 students were added/);
    await send(page, "form[action$='/undo'] button");
    await page.waitForFunction(() => !("running" in document.getElementById("results").dataset));
    await page.goto("/desk/students");
    assert.equal(await page.locator("tbody tr").count(), 0);
  });
});
