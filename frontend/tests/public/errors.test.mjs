// What people see when their answers are refused: the same with and without the script.

import assert from "node:assert/strict";
import {
  action,
  button,
  fillIn,
  messages,
  names,
  register,
  submitInVain,
  submitRefused,
  summary,
  values,
  visibleText,
} from "./form.mjs";
import { bothWays, useService } from "../suite.mjs";

const { pageTest } = useService();

// Every element of the page with its attributes and words, without the typed values, which live in
// an attribute or in the browser, and `autofocus`, which does for the server what focus() does for
// the script.
function markup(page) {
  return page.locator("main").evaluate((main) =>
    [...main.querySelectorAll("*")].map((element) => {
      const attributes = [...element.attributes]
        .filter(({ name }) => name !== "value" && name !== "autofocus")
        .map(({ name, value }) => `${name}=${value}`)
        .sort();
      const words = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
      return [element.localName, ...attributes, ...words.map((node) => node.data.trim())].join(" ").trim();
    }),
  );
}

const refused = {
  "nothing filled in": ["", " ", ""],
  "everything wrong": ["123", "x".repeat(101), "nope"],
  "one wrong": ["Jane", "Doe", "jane@localhost"],
};

for (const [name, answers] of Object.entries(refused)) {
  const seen = {};
  for (const { way, javaScriptEnabled } of bothWays) {
    pageTest(`${name}: says so ${way}`, { javaScriptEnabled }, async (page) => {
      assert.equal(await page.locator("[role=status]").count(), 2);
      assert.equal(await page.title(), "Student registration");
      await fillIn(page, answers);
      await submitInVain(page);

      assert.equal(await page.title(), "Error: Student registration");
      assert.deepEqual(await values(page), answers);
      const beside = await messages(page);
      const wrong = names.filter((_, index) => beside[index]);
      assert.deepEqual(wrong, name === "one wrong" ? ["email"] : names);
      assert.deepEqual(await summary(page), wrong.map((field) => [field, beside[names.indexOf(field)]]));
      for (const field of names) {
        const input = page.locator(`#${field}`);
        const described = ((await input.getAttribute("aria-describedby")) ?? "").split(" ");
        const isWrong = wrong.includes(field);
        assert.equal(await input.getAttribute("aria-invalid"), isWrong ? "true" : null);
        assert.equal(described.includes(`${field}-error`), isWrong);
      }
      seen[way] = await markup(page);
    });
  }
  pageTest(`${name}: is the same both ways`, {}, async () => {
    const [scripted, plain] = bothWays.map(({ way }) => seen[way]);
    assert.ok(scripted && plain);
    assert.deepEqual(scripted, plain);
  });
}

pageTest("a second attempt shows its own errors only", {}, async (page) => {
  await submitInVain(page);
  await fillIn(page, ["Jane", "Doe", "nope"]);
  await submitInVain(page);
  assert.deepEqual((await summary(page)).map(([field]) => field), ["email"]);
  assert.equal(await page.locator("[aria-invalid]").count(), 1);
  assert.equal(await page.title(), "Error: Student registration");
});

for (const { way, javaScriptEnabled } of bothWays) {
  pageTest(`markup in an answer is text ${way}`, { javaScriptEnabled }, async (page) => {
    const answers = [`<script>alert("1")</script>`, `"><img src=x onerror=alert(2)> &amp; '`, `"><b>no</b>`];
    await fillIn(page, answers);
    await submitInVain(page);
    assert.deepEqual(await values(page), answers);
    assert.equal(await page.locator("main :is(script, img, b)").count(), 0);
  });
}

pageTest("what the script refuses is not sent", {}, async (page) => {
  const sent = [];
  await page.route(action, (route) => sent.push(route));
  await submitInVain(page);
  await fillIn(page, ["Jane", "Doe", "jane@localhost"]);
  await page.locator("#email").press("Enter");
  await page.locator("#error-summary:focus").waitFor();
  assert.deepEqual((await summary(page)).map(([field]) => field), ["email"]);
  assert.deepEqual(sent, []);
});

pageTest("a field tells its own error when it is left, and nothing else moves", {}, async (page) => {
  await page.locator("#first_name").press("Tab");
  await page.keyboard.type("123");
  assert.deepEqual(await messages(page), ["", "", ""]);
  await page.keyboard.press("Tab");
  const [first, last, email] = await messages(page);
  assert.deepEqual([first, email], ["", ""]);
  assert.match(last, /letter/);
  assert.equal(await page.locator("#last_name").getAttribute("aria-invalid"), "true");
  assert.equal(await page.locator("#error-summary").isVisible(), false);
  assert.equal(await page.locator(":focus").getAttribute("id"), "email");

  await page.locator("#last_name").fill("Doe");
  await page.locator("#last_name").blur();
  assert.deepEqual(await messages(page), ["", "", ""]);
  assert.equal(await page.locator("#last_name").getAttribute("aria-invalid"), null);
});

pageTest("what is mended is told, and the summary stays what it was", {}, async (page) => {
  await submitInVain(page);
  const told = () => page.locator("#announcement").textContent();
  await page.locator("#first_name").fill("123");
  await page.locator("#first_name").blur();
  assert.match(await told(), /^First name must contain/);
  assert.equal((await messages(page))[0], await told());
  await page.locator("#first_name").fill("Jane");
  await page.locator("#first_name").blur();
  assert.equal(await told(), "");
  assert.equal((await messages(page))[0], "");
  assert.equal(await page.locator("#first_name").getAttribute("aria-invalid"), null);
  assert.deepEqual((await summary(page)).map(([field]) => field), ["first_name", "last_name", "email"]);
});

pageTest("one press is enough after mending the last field", {}, async (page) => {
  await submitInVain(page);
  await register(page, ["Press", "Once", "press.once@example.org"]);
});

pageTest("the service's refusal stays until its field changes", {}, async (page) => {
  const errors = [{ field: "email", message: "Taken." }];
  const body = JSON.stringify({ errors, detail: "Look at it again.", reference: "ABC-123" });
  await page.route(action, (route) => route.fulfill({ status: 409, contentType: "application/problem+json", body }));
  await fillIn(page, ["Jane", "Doe", "jane@example.org"]);
  assert.equal(await submitRefused(page), 409);
  assert.deepEqual(await messages(page), ["", "", "Taken."]);
  assert.equal(await visibleText(page, "#notice"), "");
  assert.equal(await visibleText(page, "#support"), "");
  await page.locator("#email").fill("janet@example.org");
  await page.locator("#email").blur();
  assert.deepEqual(await messages(page), ["", "", ""]);
});

pageTest("a failure of the service is told in its own words, with a reference", {}, async (page) => {
  const answers = ["Jane", "Doe", "jane@example.org"];
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
