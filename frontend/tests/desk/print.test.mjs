// Printed lists: thirty names are a page of A4 and of Letter, and nothing of the office's page is on it.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { useOffice } from "./office.mjs";

const pagesOf = async (page, format) => {
  const pdf = await page.pdf({ format, preferCSSPageSize: false });
  return pdf.toString("latin1").match(/\/Type\s*\/Page(?!s)/g).length;
};

describe("the printed list", { concurrency: 2 }, () => {
  const deskTest = useOffice();
  for (const [names, fewest, most] of [[30, 1, 1], [60, 2, 2], [300, 8, 10]]) {
    deskTest(`has ${names} names on ${fewest} to ${most} pages`, { as: "viewer" }, async (page, office) => {
      for (let number = 0; number < names; number += 1) await office.register({ last_name: `Łukasz-Brontë ${"abcdefghij"[number % 10]}` });
      await page.goto("/desk/students/print");
      assert.equal(await page.locator(".sheet tbody tr").count(), names);
      for (const format of ["A4", "Letter"]) {
        const count = await pagesOf(page, format);
        assert.ok(count >= fewest && count <= most, `${count} pages of ${format}`);
      }
    });
  }

  deskTest("has a title, empty lines and who printed it, and no controls", { as: "registrar" }, async (page, office) => {
    await office.register();
    await page.goto("/desk/students/print");
    await page.getByLabel("Title").fill("Class 5b");
    await page.getByLabel("Empty lines").fill("3");
    await page.getByLabel("with email addresses").check();
    await page.getByRole("button", { name: "Show" }).click();
    await page.locator("h1", { hasText: "Class 5b" }).waitFor();
    assert.equal(await page.locator(".sheet tbody tr").count(), 4);
    assert.equal(await page.locator(".sheet tbody tr").last().locator("td").first().innerText(), "4");
    await page.emulateMedia({ media: "print" });
    for (const control of ["header", "nav", "footer", "form", "a", "button"]) {
      for (const element of await page.locator(control).all()) assert.ok(!(await element.isVisible()), control);
    }
    assert.match(await page.locator("#sheet").innerText(), /1 student · Grace Hopper, /);
    // Read out in full on each page.
    assert.equal(await page.locator(".sheet thead").evaluate((head) => getComputedStyle(head).display), "table-header-group");
    assert.equal(await page.locator(".sheet tr").first().evaluate((row) => getComputedStyle(row).breakInside), "avoid");
  });
});
