// The errors of a refused form: the same with and without the script.

import assert from "node:assert/strict";
import { answerAll, applicant, invalidAnswers } from "./applicant.mjs";
import {
  action, button, fieldNames, fillIn, messages, register, submitInvalid, submitRefused, summary,
  summaryFields, values, visibleText,
} from "./form.mjs";
import { bothWays, useService } from "../suite.mjs";

const { pageTest } = useService();

// Every element of the page with its attributes and texts, without the typed values, which live in an
// attribute or in the browser, and `autofocus`, in whose place the script calls focus().
function markup(page) {
  return page.locator("main").evaluate((main) =>
    [...main.querySelectorAll("*")].map((element) => {
      const attributes = [...element.attributes]
        .filter(({ name }) => name !== "value" && name !== "autofocus")
        .map(({ name, value }) => `${name}=${value}`)
        .sort();
      const texts = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
      return [element.localName, ...attributes, ...texts.map((node) => node.data.trim())].join(" ").trim();
    }),
  );
}

const refused = {
  "nothing filled in": { ...answerAll(""), last_name: " " },
  "every field invalid": invalidAnswers,
  "one field invalid": applicant({ email: "jane@localhost" }),
};

for (const [name, answers] of Object.entries(refused)) {
  const seen = {};
  for (const { way, javaScriptEnabled } of bothWays) {
    pageTest(`${name}: the form shows the errors ${way}`, { javaScriptEnabled }, async (page) => {
      assert.equal(await page.locator("[role=status]").count(), 2);
      assert.equal(await page.title(), "Student registration");
      await fillIn(page, answers);
      await submitInvalid(page);

      assert.equal(await page.title(), "Error: Student registration");
      assert.deepEqual(await values(page), answers);
      const names = await fieldNames(page);
      const invalid = name === "one field invalid" ? ["email"] : names;
      const beside = await messages(page);
      assert.deepEqual(Object.keys(beside), invalid);
      assert.deepEqual(await summary(page), Object.entries(beside));
      for (const field of names) {
        const input = page.locator(`#${field}`);
        const described = ((await input.getAttribute("aria-describedby")) ?? "").split(" ");
        const isInvalid = invalid.includes(field);
        assert.equal(await input.getAttribute("aria-invalid"), isInvalid ? "true" : null);
        assert.equal(described.includes(`${field}-error`), isInvalid);
      }
      seen[way] = await markup(page);
    });
  }
  pageTest(`${name}: the markup is the same both ways`, {}, async () => {
    const [scripted, plain] = bothWays.map(({ way }) => seen[way]);
    assert.ok(scripted && plain);
    assert.deepEqual(scripted, plain);
  });
}

pageTest("a second attempt shows its own errors only", {}, async (page) => {
  await submitInvalid(page);
  await fillIn(page, applicant({ email: "nope" }));
  await submitInvalid(page);
  assert.deepEqual(await summaryFields(page), ["email"]);
  assert.equal(await page.locator("[aria-invalid]").count(), 1);
  assert.equal(await page.title(), "Error: Student registration");
});

for (const { way, javaScriptEnabled } of bothWays) {
  pageTest(`markup in an answer is text ${way}`, { javaScriptEnabled }, async (page) => {
    const answers = answerAll(`"><script>alert("1")</script><img src=x onerror=alert(2)> &amp; '<b>no</b>`);
    await fillIn(page, answers);
    await submitInvalid(page);
    assert.deepEqual(await values(page), answers);
    assert.equal(await page.locator("main :is(script, img, b)").count(), 0);
  });
}

pageTest("the script does not send an invalid form", {}, async (page) => {
  const sent = [];
  await page.route(action, (route) => sent.push(route));
  await submitInvalid(page);
  await fillIn(page, applicant({ email: "jane@localhost" }));
  await page.locator("#email").press("Enter");
  await page.locator("#error-summary:focus").waitFor();
  assert.deepEqual(await summaryFields(page), ["email"]);
  assert.deepEqual(sent, []);
});

pageTest("leaving a field shows its own error and nothing else", {}, async (page) => {
  const names = await fieldNames(page);
  await page.locator("#first_name").press("Tab");
  await page.keyboard.type("123");
  assert.deepEqual(await messages(page), {});
  await page.keyboard.press("Tab");
  const { last_name, ...others } = await messages(page);
  assert.deepEqual(others, {});
  assert.match(last_name, /letter/);
  assert.equal(await page.locator("#last_name").getAttribute("aria-invalid"), "true");
  assert.equal(await page.locator("#error-summary").isVisible(), false);
  assert.equal(await page.locator(":focus").getAttribute("id"), names[names.indexOf("last_name") + 1]);

  await page.locator("#last_name").fill("Doe");
  await page.locator("#last_name").blur();
  assert.deepEqual(await messages(page), {});
  assert.equal(await page.locator("#last_name").getAttribute("aria-invalid"), null);
});

pageTest("a corrected field is announced, and the summary does not change", {}, async (page) => {
  await submitInvalid(page);
  const announcement = () => page.locator("#announcement").textContent();
  await page.locator("#first_name").fill("123");
  await page.locator("#first_name").blur();
  assert.match(await announcement(), /^First name must contain/);
  assert.equal((await messages(page)).first_name, await announcement());
  await page.locator("#first_name").fill("Jane");
  await page.locator("#first_name").blur();
  assert.equal(await announcement(), "");
  assert.equal((await messages(page)).first_name, undefined);
  assert.equal(await page.locator("#first_name").getAttribute("aria-invalid"), null);
  assert.deepEqual(await summaryFields(page), await fieldNames(page));
});

pageTest("one press submits after correcting the last field", {}, async (page) => {
  await submitInvalid(page);
  await register(page, applicant());
});

pageTest("the service's error stays until its field changes", {}, async (page) => {
  const errors = [{ field: "email", message: "Taken." }];
  const body = JSON.stringify({ errors, detail: "Look at it again.", reference: "ABC-123" });
  await page.route(action, (route) => route.fulfill({ status: 409, contentType: "application/problem+json", body }));
  await fillIn(page, applicant());
  assert.equal(await submitRefused(page), 409);
  assert.deepEqual(await messages(page), { email: "Taken." });
  assert.equal(await visibleText(page, "#notice"), "");
  assert.equal(await visibleText(page, "#support"), "");
  await page.locator("#email").fill("janet@example.org");
  await page.locator("#email").blur();
  assert.deepEqual(await messages(page), {});
});

pageTest("a server error shows the service's text with a reference", {}, async (page) => {
  const answers = applicant();
  const detail = "Something <b>broke</b>.";
  const body = JSON.stringify({ detail, reference: "ABC-123" });
  await page.route(action, (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body }));
  await fillIn(page, answers);
  await submitRefused(page);
  assert.equal(await visibleText(page, "#notice"), detail);
  assert.equal(await visibleText(page, "#support-reference"), "ABC-123");
  assert.deepEqual(await values(page), answers);
  assert.equal(await page.title(), "Error: Student registration");
  assert.equal(await button(page).getAttribute("aria-disabled"), null);
});
