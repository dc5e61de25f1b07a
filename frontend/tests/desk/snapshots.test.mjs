// What a screen reader reads on the office's main pages: roles, names and texts, compared with snapshots/.
// UPDATE_SNAPSHOTS=1 writes them anew.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { describe } from "node:test";
import { useOffice } from "./office.mjs";
import { states } from "./states.mjs";

const folder = new URL("snapshots/", import.meta.url);

// The file, the state and the language of its page.
const pages = [
  ["sign-in", "sign-in", "en-GB"],
  ["welcome", "welcome", "en-GB"],
  ["list", "list", "en-GB"],
  ["list.it", "list", "it-IT"],
  ["list-empty", "list, nobody", "en-GB"],
  ["student", "student", "en-GB"],
  ["student.it", "student", "it-IT"],
  ["edit", "edit", "en-GB"],
  ["new", "new", "en-GB"],
  ["staff", "staff", "en-GB"],
  ["tokens", "tokens, made", "en-GB"],
  ["profile", "profile", "en-GB"],
];

// What differs from run to run, and what only lengthens the files: addresses, and names that repeat the content of a row.
const replaced = [
  [/:\n +- \/url: .*$/gm, ""],
  [/- '?row ".*"'?:$/gm, "- row:"],
  [/\d{1,2} \p{L}+ \d{4}( at | alle ore |, )\d\d:\d\d( UTC)?/gu, "TIME"],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "ID"],
  [/\b\d{4}-\d{4}-\d{4}\b/g, "NUMBER"],
  [/\.[0-9a-f]{8}@/g, ".RANDOM@"],
  [/\b[0-9a-f]{32}\b/g, "TRACE"],
  [/srt_[0-9a-z]+/g, "TOKEN"],
  [/Not sealed yet|Sealed, no\. \d+|Non ancora sigillato|Sigillo n\. \d+/g, "SEAL"],
];

async function snapshot(page) {
  const tree = `${await page.title()}\n${await page.locator("body").ariaSnapshot()}\n`;
  return replaced.reduce((text, [pattern, name]) => text.replaceAll(pattern, name), tree);
}

describe("the accessibility tree", { concurrency: 2 }, () => {
  const deskTest = useOffice();
  for (const [file, state, locale] of pages) {
    const { as, prepare } = states[state];
    const options = { as, path: as ? "/desk/profile" : "/desk/sign-in", locale, timezoneId: "UTC", viewport: { width: 1280, height: 900 } };
    deskTest(file, options, async (page, office) => {
      await prepare(page, office);
      const actual = await snapshot(page);
      const path = new URL(`${file}.txt`, folder);
      if (process.env.UPDATE_SNAPSHOTS) {
        await mkdir(folder, { recursive: true });
        await writeFile(path, actual);
      }
      assert.equal(actual, await readFile(path, "utf8"));
    });
  }
});
