// Every page of the office in every state: axe-core finds nothing (WCAG 2.2 A and AA, and its best practices) on a
// desktop in light and on a narrow phone in dark, and nothing is wider than the phone. The pages are the Italian ones:
// their words are longer, and no English is left on them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe } from "node:test";
import { useOffice } from "./office.mjs";
import { tooWide } from "./reflow.mjs";
import { states } from "./states.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Words of the English pages that no Italian page has.
const english = /(?<!\p{L})(the|and|of|you|your|is|are|was|with|not|here|sign|search|students?|name|address|save|changed?|colleagues?|back|choose|enter|status|date|received|place|waiting|page)(?!\p{L})/iu;

// Runs in the page.
async function violations() {
  const { violations, passes } = await window.axe.run(document, {
    resultTypes: ["violations"],
    rules: { "target-size": { enabled: true } }, // new in WCAG 2.2, and off by default
  });
  const brief = ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`;
  return passes.length > 10 ? violations.map(brief) : ["axe has not checked the page"];
}

// Runs in the page. Gives the texts for people: not what they typed, nor addresses and codes.
function texts() {
  const found = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, (node) => {
    const isForeign = node.nodeType === Node.ELEMENT_NODE && node.matches("script, bdi, kbd, .whitespace-pre-line, [translate=no], [lang]:not(html)");
    return isForeign ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT;
  });
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.nodeType === Node.TEXT_NODE) found.push(node.data.trim());
    else found.push(...["aria-label", "placeholder", "title", "data-label", "data-loading", "data-copied"].map((name) => node.getAttribute(name)));
  }
  return found.filter(Boolean);
}

const desktop = { width: 1280, height: 900 };
const phone = { width: 320, height: 640 };

describe("axe finds nothing, nothing is wider than a phone, all is Italian", { concurrency: 2 }, () => {
  const deskTest = useOffice({ shared: true });
  for (const [state, { as, empty = false, prepare }] of Object.entries(states)) {
    const options = { as, own: empty, path: as ? "/desk/profile" : "/desk/sign-in", locale: "it-IT", viewport: desktop, reducedMotion: "reduce" };
    deskTest(state, options, async (page, office) => {
      await prepare(page, office);
      await page.evaluate(axe);
      assert.deepEqual(await page.evaluate(violations), []);
      await page.setViewportSize(phone);
      await page.emulateMedia({ colorScheme: "dark" });
      assert.deepEqual(await page.evaluate(violations), []);
      assert.deepEqual(await page.evaluate(tooWide), []);
      assert.equal(await page.locator("html").getAttribute("lang"), "it");
      assert.deepEqual((await page.evaluate(texts)).filter((text) => english.test(text)), []);
    });
  }
});
