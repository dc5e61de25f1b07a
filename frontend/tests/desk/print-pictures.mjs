// The first and the last page of printed lists beside the pictures in pictures/. UPDATE_PICTURES=1 takes those anew.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "node:test";
import { promisify } from "node:util";
import { useOffice } from "./office.mjs";

const pictures = join(import.meta.dirname, "pictures");
const resolution = 50; // dots an inch: a line of a table is seen, the edges of letters hardly
const tolerated = 0.0005; // of the dots: a row has three times as many

const surnames = ["Łukasz-Brontë", "Müller", "O’Neil", "de la Cruz", "Ñandú", "Ærø", "Соколова", "עברית", "Żółć", "Smith"];

// The pages of a PDF as PNG, in their order.
async function pagesOf(pdf) {
  const folder = await mkdtemp(join(tmpdir(), "printed-"));
  try {
    await writeFile(join(folder, "list.pdf"), pdf);
    await promisify(execFile)("pdftoppm", ["-r", `${resolution}`, "-gray", "-png", join(folder, "list.pdf"), join(folder, "page")]);
    const files = (await readdir(folder)).filter((file) => file.endsWith(".png")).sort();
    return await Promise.all(files.map((file) => readFile(join(folder, file))));
  } finally {
    await rm(folder, { recursive: true });
  }
}

// The share of the dots of two pictures that differ by more than a quarter; 1 where their sizes differ.
const differing = (page, one, other) =>
  page.evaluate(async (pictures) => {
    const dots = async (base64) => {
      const image = new Image();
      image.src = `data:image/png;base64,${base64}`;
      await image.decode();
      const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
      context.drawImage(image, 0, 0);
      return context.getImageData(0, 0, image.width, image.height);
    };
    const [one, other] = await Promise.all(pictures.map(dots));
    if (one.width !== other.width || one.height !== other.height) return 1;
    let count = 0;
    for (let dot = 0; dot < one.data.length; dot += 4) count += Math.abs(one.data[dot] - other.data[dot]) > 64;
    return count / (one.width * one.height);
  }, [one.toString("base64"), other.toString("base64")]);

describe("the printed list beside its pictures", { concurrency: 2 }, () => {
  const deskTest = useOffice();
  for (const names of [30, 31, 300]) {
    deskTest(`with ${names} names`, { as: "viewer" }, async (page, office) => {
      for (let number = 0; number < names; number += 1) {
        const last_name = `${surnames[number % surnames.length]} ${String.fromCharCode(65 + number % 26)}`;
        await office.register({ last_name });
      }
      await page.goto("/desk/students/print?title=Class+5b&lines=2&signature=on&status_column=on&shown=yes");
      // Who printed it, and when.
      await page.locator("#sheet > p").evaluate((line) => { line.textContent = "printed by Vera Rubin"; });
      const printed = [];
      for (const format of ["A4", "Letter"]) {
        const pages = await pagesOf(await page.pdf({ format }));
        for (const number of new Set([1, pages.length])) {
          printed.push([`${names}-${format}-${number}-of-${pages.length}.png`, pages[number - 1]]);
        }
      }
      await page.goto("about:blank");
      await mkdir(pictures, { recursive: true });
      for (const [name, picture] of printed) {
        if (process.env.UPDATE_PICTURES) await writeFile(join(pictures, name), picture);
        const share = await differing(page, picture, await readFile(join(pictures, name)));
        assert.ok(share <= tolerated, `${name}: ${(100 * share).toFixed(2)} % of its dots differ`);
      }
    });
  }
});
