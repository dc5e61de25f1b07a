// The layout of every page: narrow screens, contrast, target sizes, print, motion.

import assert from "node:assert/strict";
import { applicant } from "./applicant.mjs";
import { fillIn, register, submitInvalid } from "./form.mjs";
import { useService } from "../suite.mjs";

const { pageTest } = useService();
const long = "Wolfeschlegelsteinhausenbergerdorff".repeat(2);

const pages = {
  "the form": async () => {},
  "the form with errors": async (page) => {
    await fillIn(page, applicant({ first_name: "", last_name: "123", email: `${long}@` }));
    await submitInvalid(page);
  },
  "the success page": (page) => register(page, applicant({ first_name: long, last_name: long })),
  "the error page": async (page) => {
    assert.equal((await page.goto(`/${long}`)).status(), 404);
    await page.locator("#reference").waitFor();
  },
};

// Runs in the page. Gives the elements with too little contrast: text under 4.5:1, borders of fields under 3:1.
function lowContrast() {
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [red, green, blue] = channels(colour).map((channel) => {
      const part = channel / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const background = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return channels(colour)[3] === 0 ? background(element.parentElement) : colour;
  };
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    const { color, borderColor } = getComputedStyle(element);
    const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!element.checkVisibility()) continue;
    if (hasText && contrast(color, background(element)) < 4.5) found.push(element.outerHTML);
    if (element.matches("input")) {
      if (contrast(color, background(element)) < 4.5) found.push(element.outerHTML);
      if (contrast(borderColor, background(element.parentElement)) < 3) found.push(element.outerHTML);
    }
  }
  return found;
}

for (const [name, open] of Object.entries(pages)) {
  pageTest(`${name} fits 320 pixels`, { viewport: { width: 320, height: 640 } }, async (page) => {
    await open(page);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
  });

  for (const colorScheme of ["light", "dark"]) {
    pageTest(`${name} has enough contrast in ${colorScheme}`, { colorScheme }, async (page) => {
      await open(page);
      await page.waitForLoadState();
      assert.deepEqual(await page.evaluate(lowContrast), []);
    });
  }

  pageTest(`${name} has targets of 44 pixels`, {}, async (page) => {
    await open(page);
    const targets = await page.locator("a:visible, button:visible, input:visible:not([tabindex='-1'])").all();
    assert.notEqual(targets.length, 0);
    for (const target of targets) {
      const { width, height } = await target.boundingBox();
      assert.ok(Math.min(width, height) >= 44, `${await target.innerText()}: ${width} by ${height}`);
    }
  });
}

pageTest("the two themes differ, and the page declares its language", { colorScheme: "dark" }, async (page) => {
  const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await colour();
  await page.emulateMedia({ colorScheme: "light" });
  assert.notEqual(await colour(), dark);
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
});

for (const width of [320, 640]) {
  pageTest(`the form reflows at ${width} pixels with text of 200 %`, { viewport: { width, height: 640 } }, async (page) => {
    await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
    await submitInvalid(page);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll("main *")]
        .filter((element) => element.checkVisibility() && !element.closest(".offscreen, .sr-only"))
        .filter(({ scrollWidth, clientWidth }) => clientWidth && scrollWidth > clientWidth + 1)
        .map(({ outerHTML }) => outerHTML),
    );
    assert.deepEqual(cut, []);
    const broken = await page.evaluate(() => {
      document.body.style.overflowWrap = "normal";
      const elements = [...document.querySelectorAll("button, h1, h2, label, header a")];
      return elements.filter(({ scrollWidth, clientWidth }) => clientWidth > 1 && scrollWidth > clientWidth + 1).map(({ outerHTML }) => outerHTML);
    });
    assert.deepEqual(broken, []);
  });
}

pageTest("the confirmation prints the registration number and no links", {}, async (page) => {
  await register(page, applicant());
  await page.emulateMedia({ media: "print" });
  assert.ok(await page.locator("#registration-number").isVisible());
  assert.equal(await page.locator("nav:visible, footer:visible, main a:visible").count(), 0);
});

pageTest("nothing moves with prefers-reduced-motion", { reducedMotion: "reduce" }, async (page) => {
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll("*")]
      .map((element) => getComputedStyle(element))
      .filter(({ transitionDuration, animationName }) => transitionDuration !== "0s" || animationName !== "none").length,
  );
  assert.equal(moving, 0);
});
