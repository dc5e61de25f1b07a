// The script, the API and the form without the script give the corpus's error codes for each of its cases,
// those of public bug reports included; the script and the API agree on random answers. RULES_RUNS=20000
// for more of those, from a new seed.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { applicant } from "./applicant.mjs";
import { fieldNames } from "./form.mjs";
import { useService } from "../suite.mjs";

const { pageTest } = useService();

const crates = new URL("../../../crates/", import.meta.url);
const read = async (file) => (await readFile(new URL(file, crates), "utf8")).trim().split("\n").map((line) => JSON.parse(line));
const reports = (await read("testkit/corpus/reports.jsonl")).filter(({ kind }) => kind === "registration");
const cases = [...(await read("domain/tests/corpus/registrations.jsonl")), ...reports];

// These run in the page, and give the errors as "field: code" in the order of the form, without
// `already_registered`: each validator registers the same addresses.
const validators = {
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
      const known = Object.entries(dataset).find(([, text]) => text === message);
      return known ? [`${name}: ${known[0].replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`] : [];
    });
  },
};

for (const [validator, validate] of Object.entries(validators)) {
  pageTest(`${validator} gives the corpus's error codes`, {}, async (page) => {
    const names = await fieldNames(page);
    let checked = 0;
    for (const { case: name, body, errors = [] } of cases) {
      if (validator !== "the API" && !names.every((field) => typeof body[field] === "string")) continue;
      const expected = errors.filter(({ code }) => code !== "already_registered");
      const codes = expected.map(({ field, code }) => `${field}: ${code}`);
      assert.deepEqual(await page.evaluate(validate, body), codes, name);
      checked += 1;
    }
    assert.ok(checked > 120);
  });
}

// Addresses for which a browser's URL parser and the service could differ.
const addresses = {
  "a@bücher.1": "",
  "a@１２７.0.0.1": "",
  "a@ü．org": "",
  "a@אב.org": "",
  "a@b.org\u0085": "",
  "\uFEFFa@b.org": "",
  "a@b.org\u200B\u202C": "",
  "a＠b。org": "",
  "a＠b@c.org": "invalid_email",
  "a\u200Bb@c.org": "invalid_email",
  "\u200B": "invalid_email",
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

// Names for which the script and the service could differ: what is removed, and what stays or is refused.
const names = {
  "\u200Ca\u200D": "",
  "\u200D\u3164": "invalid_characters",
  "\u115F\u1160\uFFA0": "invalid_characters",
  "a\uFDD0": "invalid_characters",
  "a\u{10FFFF}": "invalid_characters",
  "a\u202E": "invalid_characters",
  "\u{E0041}": "invalid_characters",
  [`${"a".repeat(100)}\u200D\uFE0F\u00AD`]: "",
  [`${"a\u200Db".repeat(33)}ab`]: "too_long",
};

// Lengths for which the script and the service could differ: decomposed characters and surrogate pairs.
const lengths = {
  ["e\u0301".repeat(100)]: "",
  ["e\u0301".repeat(101)]: "too_long",
  ["𠮷".repeat(100)]: "",
  ["𠮷".repeat(101)]: "too_long",
};

for (const [validator, validate] of Object.entries(validators)) {
  pageTest(`${validator} checks international domains`, {}, async (page) => {
    for (const [email, code] of Object.entries(addresses)) {
      assert.deepEqual(await page.evaluate(validate, applicant({ email })), code ? [`email: ${code}`] : [], email);
    }
  });

  pageTest(`${validator} reads names and counts code points`, {}, async (page) => {
    for (const [name, code] of Object.entries({ ...names, ...lengths })) {
      assert.deepEqual(await page.evaluate(validate, applicant({ first_name: name })), code ? [`first_name: ${code}`] : [], name);
    }
  });
}

// Random answers, of what the rules treat in different ways.
const anyOf = (...texts) => fc.constantFrom(...texts);
const letters = anyOf("a", "Z", "é", "e\u0301", "ﬁ", "ß", "İ", "ё", "ا", "한", "\u1112", "𠮷", "ª", "ʰ", "\u0E33");
const spaces = anyOf(" ", "\t", "\u00A0", "\u0085", "\u2003", "\u2028", "\u3000", "\u1680", "\u200B");
const invisible = anyOf("\u00AD", "\u034F", "\u115F", "\u3164", "\u200C", "\u200D", "\u2060", "\uFE0F", "\uFEFF", "\u{E0041}", "\u{E0101}");
const marks = anyOf("\u0300", "\u0301", "\u0308", "\u0323", "\u0345", "\u093C", "\u094D", "\u20DD");
const refused = anyOf("\0", "\u007F", "\u009F", "\u202E", "\u2066", "\uFFFD", "\uE000", "\uFDD0", "\u{1FFFF}", "\u{10FFFD}");
const others = anyOf("1", "'", "-", ".", "@", "＠", "٣", "😀");
const anything = fc.string({ unit: "binary", minLength: 1, maxLength: 1 });
const texts = (maxLength, ...units) => fc.string({ unit: fc.oneof(...units), size: "max", maxLength });
const randomName = texts(
  110,
  { weight: 12, arbitrary: letters },
  { weight: 3, arbitrary: spaces },
  { weight: 3, arbitrary: marks },
  { weight: 2, arbitrary: invisible },
  others,
  anything,
);
const randomLabel = fc.string({
  unit: fc.oneof({ weight: 8, arbitrary: anyOf("a", "Z", "0", "ü", "ß", "א", "１", "-") }, letters, marks, invisible, others, anything),
  maxLength: 20,
});
const randomAddress = fc
  .tuple(texts(70, { weight: 9, arbitrary: anyOf("a", "Z", "+", "_") }, others, invisible, anything), fc.array(randomLabel, { maxLength: 5 }), anyOf("", " ", "\u200B", "."))
  .map(([local, labels, end]) => `${end}${local}@${labels.join(".")}${end}`);
const plainAddress = fc.tuple(texts(64, anyOf("a", "Z", ".", "+")), anyOf("b.org", "ü.example", "B-1.x.y", "[1.2.3.4]")).map((parts) => parts.join("@"));
const randomAnswers = fc.record(
  Object.fromEntries(
    Object.keys(applicant()).map((name) => {
      const names = [randomName, texts(110, letters, refused), texts(110, spaces, invisible, marks), texts(20, letters, spaces)];
      return [name, fc.oneof(...(name === "email" ? [randomAddress, plainAddress] : names))];
    }),
  ),
);

pageTest("the script and the API agree on random answers", {}, async (page) => {
  await fieldNames(page);
  const runs = process.env.RULES_RUNS;
  const samples = fc.sample(randomAnswers, runs ? { numRuns: Number(runs) } : { numRuns: 1500, seed: 1 });
  let accepted = 0;
  while (samples.length > 0) {
    const checks = samples.splice(0, 50).map(async (answers) => {
      const codes = await page.evaluate(validators["the script"], answers);
      assert.deepEqual(await page.evaluate(validators["the API"], answers), codes, JSON.stringify(answers));
      if (codes.length === 0) accepted += 1;
    });
    await Promise.all(checks);
  }
  assert.ok(accepted > 0);
});
