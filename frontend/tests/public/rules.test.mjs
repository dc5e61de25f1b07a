// The script, the API and the form without the script judge every case of the shared corpus alike.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { names } from "./form.mjs";
import { useService } from "../suite.mjs";

const { pageTest } = useService();

const file = new URL("../../../crates/domain/tests/corpus/registrations.jsonl", import.meta.url);
const cases = (await readFile(file, "utf8")).trim().split("\n").map((line) => JSON.parse(line));

// These run in the page, and give verdicts as "field: code" in the order of the form. Whether an
// address is taken is no matter of rules: each way registers the same one.
const judges = {
  "the script": async (body) => {
    const { check } = await import(new URL("rules.js", document.querySelector("script[type=module]").src));
    return [...document.querySelectorAll("input[data-rule]")]
      .map(({ name, dataset }) => [name, check(dataset.rule, body[name], Number(dataset.limit))])
      .filter(([, code]) => code)
      .map(([name, code]) => `${name}: ${code}`);
  },

  "the API": async (body) => {
    const headers = { "Accept": "application/json", "Content-Type": "application/json" };
    const response = await fetch("/register", { method: "POST", headers, body: JSON.stringify(body) });
    const { errors = [] } = await response.json();
    return errors.filter(({ code }) => code !== "already_registered").map(({ field, code }) => `${field}: ${code}`);
  },

  "the form": async (body) => {
    const response = await fetch("/register", {
      method: "POST",
      headers: { Accept: "text/html" },
      body: new URLSearchParams(body),
    });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return [...page.querySelectorAll("input[data-rule]")].flatMap(({ name, dataset }) => {
      const message = page.getElementById(`${name}-error`).textContent;
      const known = Object.entries(dataset).find(([, words]) => words === message);
      return known ? [`${name}: ${known[0].replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`] : [];
    });
  },
};

for (const [judge, verdict] of Object.entries(judges)) {
  pageTest(`${judge} judges as the corpus does`, {}, async (page) => {
    let judged = 0;
    for (const { case: name, body, errors = [] } of cases) {
      if (judge !== "the API" && !names.every((field) => typeof body[field] === "string")) continue;
      const expected = errors.filter(({ code }) => code !== "already_registered");
      const codes = expected.map(({ field, code }) => `${field}: ${code}`);
      assert.deepEqual(await page.evaluate(verdict, body), codes, name);
      judged += 1;
    }
    assert.ok(judged > 90);
  });
}

// What a browser's idea of a host could judge otherwise than the service.
const addresses = {
  "a@bücher.1": "",
  "a@１２７.0.0.1": "",
  "a@ü．org": "",
  "a@אב.org": "",
  "a@b.org\u0085": "",
  "\uFEFFa@b.org": "invalid_email",
  "a@ü%41.org": "invalid_email",
  "a@ü/x.org": "invalid_email",
  "a@ü:80.org": "invalid_email",
  "a@ü.x\ty": "invalid_email",
  "a@bücher.example.": "invalid_email",
  "a@\u00AD.org": "invalid_email",
  "a@ü": "invalid_email",
  "ü@x@b.org": "invalid_email",
  [`a@ü${"x".repeat(70)}.org`]: "invalid_email",
  [`a@${"ü.".repeat(30)}org`]: "",
  [`a@${"ü.".repeat(40)}org`]: "too_long",
};

// What a script could count otherwise than the service: composed characters, and those of two units.
const lengths = {
  ["e\u0301".repeat(100)]: "",
  ["e\u0301".repeat(101)]: "too_long",
  ["𠮷".repeat(100)]: "",
  ["𠮷".repeat(101)]: "too_long",
};

for (const [judge, verdict] of Object.entries(judges)) {
  pageTest(`${judge} knows a domain when it sees one`, {}, async (page) => {
    for (const [email, code] of Object.entries(addresses)) {
      const body = { first_name: "Jane", last_name: "Doe", email };
      assert.deepEqual(await page.evaluate(verdict, body), code ? [`email: ${code}`] : [], email);
    }
  });

  pageTest(`${judge} counts as people do`, {}, async (page) => {
    for (const [name, code] of Object.entries(lengths)) {
      const body = { first_name: name, last_name: "Doe", email: "jane@example.org" };
      assert.deepEqual(await page.evaluate(verdict, body), code ? [`first_name: ${code}`] : [], name);
    }
  });
}
