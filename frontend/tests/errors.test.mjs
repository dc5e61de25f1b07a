// What people see when their answers are refused: the same with and without the script.

import assert from "node:assert/strict";
import { fillIn, messages, names, submitInVain, summary, values, visibleText } from "./form.mjs";
import { bothWays, useService } from "./suite.mjs";

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
      assert.equal(await page.locator("[role=status]").count(), 1);
      assert.equal(await page.title(), "Student registration");
      await fillIn(page, answers);
      assert.equal(await submitInVain(page), 422);

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
    assert.equal(await submitInVain(page), 422);
    assert.deepEqual(await values(page), answers);
    assert.equal(await page.locator("main :is(script, img, b)").count(), 0);
  });
}

pageTest("a problem of the service is told in its own words", {}, async (page) => {
  const answers = ["Jane", "Doe", "jane@example.org"];
  const detail = "Registration is <b>unavailable</b>.";
  await page.route("**/register", (route) =>
    route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify({ detail }) }),
  );
  await fillIn(page, answers);
  await submitInVain(page);
  assert.equal(await visibleText(page, "#notice"), detail);
  assert.deepEqual(await values(page), answers);
  assert.equal(await page.title(), "Error: Student registration");
});

pageTest("an answer of somebody else's is no answer", {}, async (page) => {
  await page.route("**/register", (route) =>
    route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Bad gateway</h1>" }),
  );
  await submitInVain(page);
  assert.match(await visibleText(page, "#notice"), /could not reach/);
});
