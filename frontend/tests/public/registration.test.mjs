// Registering: with and without the script, by keyboard, in Italian, and with an address that is taken.

import assert from "node:assert/strict";
import { answerAll, applicant } from "./applicant.mjs";
import {
  fieldNames, fillIn, register, submitInvalid, submitRefused, summary, summaryFields, values,
  waitForConfirmation,
} from "./form.mjs";
import { bothWays, useService } from "../suite.mjs";

const { service, pageTest } = useService();
const registrationNumber = /^\d{4}-\d{4}-\d{4}$/;
const student = /^\/students\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

for (const { way, javaScriptEnabled } of bothWays) {
  pageTest(`an applicant registers ${way}`, { javaScriptEnabled }, async (page) => {
    const answers = applicant();
    const before = await service().created();
    await register(page, answers);

    assert.match(await page.locator("#registration-number").innerText(), registrationNumber);
    assert.match(new URL(page.url()).pathname, student);
    assert.equal(await page.title(), "You are registered – Student registration");
    const content = await page.content();
    for (const value of Object.values(answers)) assert.ok(!content.includes(value), `the page shows ${value}`);
    assert.equal(await service().created(), before + 1);
  });

  pageTest(`a taken address is refused and the answers are kept, ${way}`, { javaScriptEnabled }, async (page) => {
    const taken = applicant();
    await register(page, taken);
    await page.goto("/");
    const answers = applicant({ first_name: "Janet", email: taken.email.toUpperCase() });
    await fillIn(page, answers);

    assert.equal(await submitRefused(page), 409);
    assert.deepEqual(await values(page), answers);
    assert.deepEqual(await summaryFields(page), ["email"]);
  });
}

for (const { way, javaScriptEnabled } of bothWays) {
  pageTest(`every page is in Italian ${way}`, { javaScriptEnabled }, async (page) => {
    await page.goto("/?lang=it");
    await submitInvalid(page);
    assert.match(await page.title(), /^Errore: /);
    for (const [, message] of await summary(page)) assert.match(message, /^Inserisci /);
    await register(page, applicant());
    assert.equal(new URL(page.url()).search, "?lang=it");
    assert.equal(await page.locator("html").getAttribute("lang"), "it");
  });
}

pageTest("the time of registration is in the reader's zone, and in UTC without JavaScript", {}, async (page) => {
  await register(page, applicant());
  const { hour, minute } = await page.locator("time").evaluate(({ dateTime }) => {
    const [, hour, minute] = /T(\d\d):(\d\d)/.exec(dateTime);
    return { hour: Number(hour), minute };
  });
  const shown = async (options, lang) => {
    const context = await page.context().browser().newContext(options);
    const other = await context.newPage();
    await other.goto(`${page.url()}?lang=${lang}`);
    const text = await other.locator("time").innerText();
    await context.close();
    return text;
  };
  const at = (offset) => `${String((hour + offset) % 24).padStart(2, "0")}:${minute}`;
  const kiritimati = { timezoneId: "Pacific/Kiritimati" };
  for (const lang of ["en", "it"]) {
    assert.match(await shown(kiritimati, lang), new RegExp(`20\\d\\d.* ${at(14)} (UTC|GMT)\\+14$`));
    assert.match(await shown({ ...kiritimati, javaScriptEnabled: false }, lang), new RegExp(`20\\d\\d, ${at(0)} UTC$`));
  }
});

pageTest("an applicant registers by keyboard, after an error", {}, async (page) => {
  const answers = applicant();
  const [first, second, ...others] = await fieldNames(page);
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const focused = page.locator(":focus");
  const isFocused = async (selector) => {
    await page.locator(`${selector}:focus`).waitFor();
    assert.notEqual(await focused.evaluate((element) => getComputedStyle(element).outlineStyle), "none");
  };

  await press("Tab", "Tab");
  for (const name of [first, second, ...others]) {
    await press("Tab");
    await isFocused(`#${name}`);
  }
  await press("Tab");
  await isFocused("button");
  await press("Space");
  await isFocused("#error-summary");
  await press("Tab", "Tab");
  await isFocused(`#error-list a[href='#${second}']`);
  await press("Enter");
  await isFocused(`#${second}`);
  await page.keyboard.type(answers[second]);
  await press("Shift+Tab");
  await isFocused(`#${first}`);
  await page.keyboard.type(answers[first]);
  await press("Tab");
  for (const name of others) {
    await press("Tab");
    await page.keyboard.type(answers[name]);
  }
  await press("Enter");
  await waitForConfirmation(page);
});

pageTest("the Back button shows the next applicant an empty form", {}, async (page) => {
  await register(page, applicant());
  await page.goBack();
  assert.deepEqual(await values(page), answerAll(""));
  await register(page, applicant());
});
