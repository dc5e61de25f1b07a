// Registering: with and without the script, by keyboard, and with an address that is taken.

import assert from "node:assert/strict";
import { fillIn, register, submitInVain, submitRefused, summary, values } from "./form.mjs";
import { bothWays, useService } from "../suite.mjs";

const { service, pageTest } = useService();
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

for (const { way, javaScriptEnabled } of bothWays) {
  pageTest(`registers ${way}`, { javaScriptEnabled }, async (page) => {
    const person = ["Zoë", "Nguyễn Văn", `zoe.${javaScriptEnabled}@example.org`];
    const before = await service().created();
    await register(page, person);

    const number = await page.locator("#registration-number").innerText();
    assert.match(number, uuid);
    assert.equal(new URL(page.url()).pathname, `/students/${number}`);
    assert.equal(await page.title(), "You are registered – Student registration");
    const content = await page.content();
    for (const value of person) assert.ok(!content.includes(value), `the page tells ${value}`);
    assert.equal(await service().created(), before + 1);
  });

  pageTest(`refuses an address twice and keeps the answers, ${way}`, { javaScriptEnabled }, async (page) => {
    const email = `twice.${javaScriptEnabled}@example.org`;
    await register(page, ["Jane", "Doe", email]);
    await page.goto("/");
    const again = ["Janet", "Roe", email.toUpperCase()];
    await fillIn(page, again);

    assert.equal(await submitRefused(page), 409);
    assert.deepEqual(await values(page), again);
    assert.deepEqual((await summary(page)).map(([field]) => field), ["email"]);
  });
}

for (const { way, javaScriptEnabled } of bothWays) {
  pageTest(`keeps to Italian ${way}`, { javaScriptEnabled }, async (page) => {
    await page.goto("/?lang=it");
    await submitInVain(page);
    assert.match(await page.title(), /^Errore: /);
    for (const [, message] of await summary(page)) assert.match(message, /^Inserisci /);
    await register(page, ["Ada", "Rossi", `italiano.${javaScriptEnabled}@example.org`]);
    assert.equal(new URL(page.url()).search, "?lang=it");
    assert.equal(await page.locator("html").getAttribute("lang"), "it");
  });
}

pageTest("registers by keyboard alone, after a mistake", {}, async (page) => {
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const focused = page.locator(":focus");
  const isFocused = async (selector) => {
    await page.locator(`${selector}:focus`).waitFor();
    assert.notEqual(await focused.evaluate((element) => getComputedStyle(element).outlineStyle), "none");
  };

  await press("Tab", "Tab", "Tab");
  await isFocused("#first_name");
  await press("Tab", "Tab", "Tab");
  await isFocused("button");
  await press("Space");
  await isFocused("#error-summary");
  await press("Tab", "Tab");
  await isFocused("#error-list a[href='#last_name']");
  await press("Enter");
  await isFocused("#last_name");
  await page.keyboard.type("Lovelace");
  await press("Shift+Tab");
  await isFocused("#first_name");
  await page.keyboard.type("Ada");
  await press("Tab", "Tab");
  await page.keyboard.type("ada@example.org");
  await press("Enter");
  await page.locator("#registration-number").waitFor();
});

pageTest("leaves nothing behind for the next person who goes back", {}, async (page) => {
  await register(page, ["Grace", "Hopper", "grace@example.org"]);
  await page.goBack();
  assert.deepEqual(await values(page), ["", "", ""]);
  await register(page, ["Alan", "Turing", "alan@example.org"]);
});
