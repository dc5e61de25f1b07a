// A morning in full: 600 applications, 20 more a second, two registrars at the keyboard and a program, until
// everyone is decided; then all of it is undone.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { setInterval as every } from "node:timers/promises";
import { bothWays } from "../suite.mjs";
import { useOffice } from "./office.mjs";

const waiting = 600;
const arriving = 400;
const interval = 50; // milliseconds between two applicants
const atOnce = 10; // students of an operation of the program
const timeout = 900_000;

// Calls `work` with each of these, a few beside each other.
async function forEach(items, work) {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

// Confirms the student that the page shows, by the keyboard, until there is none. Gives the number.
async function review(page, isOver, javaScriptEnabled) {
  const confirm = javaScriptEnabled
    ? () => page.keyboard.press("a")
    : () => page.getByRole("button", { name: "Confirm" }).press("Enter");
  for (let decided = 0; ; ) {
    const wasOver = isOver();
    await page.goto("/desk/review");
    const form = page.locator("#decision");
    while (await form.count()) {
      const action = await form.getAttribute("action", { timeout: 1000 }).catch(() => undefined);
      if (!action) break;
      await confirm();
      decided += 1;
      await page.locator(`#decision:not([action="${action}"]), #results:not(:has(#decision))`).first().waitFor();
    }
    await page.waitForLoadState("networkidle");
    if (wasOver) return decided;
  }
}

describe("a whole morning", () => {
  const deskTest = useOffice();

  for (const { way, javaScriptEnabled } of bothWays) {
    deskTest(`by keyboard ${way}`, { as: "registrar", javaScriptEnabled, timeout }, async (page, office, open) => {
      const other = await open({ as: "admin", javaScriptEnabled });
      const ids = [];
      const register = async () => ids.push(await office.register());
      await forEach(Array.from({ length: waiting }), register);

      let isOver = false;
      const arrive = async () => {
        const sent = [];
        for await (const _ of every(interval)) if (sent.push(register()) === arriving) break;
        await Promise.all(sent);
        isOver = true;
      };
      const decide = async () => {
        for (let decided = 0; ; ) {
          const wasOver = isOver;
          const { items } = await office.list(`status=pending&limit=${atOnce}`);
          if (items.length > 0) decided += await office.decideAll("admin", items, "waitlisted");
          else if (wasOver) return decided;
        }
      };
      const begun = Date.now();
      const people = [page, other].map((page) => review(page, () => isOver, javaScriptEnabled));
      const [, program, ...decided] = await Promise.all([arrive(), decide(), ...people]);
      console.log(`${decided.join(" and ")} by keyboard, ${program} by the program, ${ids.length} in ${(Date.now() - begun) / 1000} s`);

      assert.equal(new Set(ids).size, waiting + arriving);
      const changes = async (id) => (await office.api(`${id}/history`)).items.filter(({ action }) => action === "status_changed");
      const operations = new Set();
      await forEach(ids, async (id) => {
        const { status, version } = await office.read(id);
        assert.ok(status === "confirmed" || status === "waitlisted", status);
        const made = await changes(id);
        assert.deepEqual([version, made.length], [2, 1], "one decision, one entry");
        operations.add(made[0].operation);
      });
      await forEach([...operations], async (id) => {
        const answer = await office.submit("admin", `/desk/operations/${id}/undo`, {});
        assert.equal(answer.status, 303, await answer.text());
      });
      await forEach(ids, async (id) => {
        assert.equal((await office.read(id)).status, "pending");
        assert.equal((await changes(id)).length, 2);
      });
    });
  }
});
