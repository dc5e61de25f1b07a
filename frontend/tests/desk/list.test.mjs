// The list with its script: keys, search while typing, decisions in place.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { nameOf, useOffice } from "./office.mjs";

const registrar = { as: "registrar" };
const row = (id) => `#s-${id}`;
const isFocused = (page, selector) => page.locator(`${selector}:focus`).waitFor();
const hasStatus = (page, id, status) => page.locator(`${row(id)} .badge[data-status=${status}]`).waitFor();
const says = (page, text) => page.locator("#status", { hasText: text }).waitFor();

// Students of these first names, the first one on top of the list.
async function registerAll(office, ...names) {
  const ids = {};
  for (const first_name of names.reverse()) ids[first_name] = await office.register({ first_name });
  return ids;
}

// The requests that change something, in a list that grows.
function changes(page) {
  const found = [];
  page.on("request", (request) => request.method() === "POST" && found.push(request));
  return found;
}

describe("the list", { concurrency: 2 }, () => {
  const deskTest = useOffice();

  deskTest("a morning by keyboard alone", registrar, async (page, office) => {
    const { Ann, Ben, Cleo, Dora } = await registerAll(office, "Ann", "Ben", "Cleo", "Dora");
    await page.reload();
    const press = async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const onName = async (id) => {
      await isFocused(page, `${row(id)} .name`);
      assert.equal(await page.locator("#list [tabindex='0']").count(), 1, "the list is one tab stop");
    };
    const isInList = () => page.evaluate(() => document.activeElement.matches("#list tbody *"));

    // Every stop on the way shows that it has the focus.
    const stops = [];
    while (!(await isInList())) {
      await press("Tab");
      const { text, outline } = await page.evaluate(() => ({
        text: document.activeElement.outerHTML,
        outline: getComputedStyle(document.activeElement).outlineStyle,
      }));
      assert.notEqual(outline, "none", text);
      assert.ok(stops.push(text) < 40, stops.join("\n"));
    }
    await onName(Ann);
    await press("Tab");
    assert.equal(await isInList(), false);
    await press("Shift+Tab", "j");
    await onName(Ben);
    await press("k");
    await onName(Ann);
    await press("k", "ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp");
    await onName(Ann);

    await press("a");
    await onName(Ben);
    await hasStatus(page, Ann, "confirmed");
    await says(page, /Ann Brontë: ?Place confirmed/);
    await press("w");
    await onName(Cleo);
    await hasStatus(page, Ben, "waitlisted");
    await says(page, /Ben Brontë: ?On the waiting list/);

    await press("r");
    await page.getByRole("dialog", { name: "Do not accept this application" }).getByText("Cleo Brontë").waitFor();
    await isFocused(page, "dialog [name=reason_code]");
    await press("Escape");
    await onName(Cleo);
    await press("r", "ArrowDown", "ArrowDown", "Enter");
    await onName(Dora);
    await hasStatus(page, Cleo, "rejected");
    assert.equal(await office.reason(Cleo), "duplicate");

    await press("ArrowRight");
    await isFocused(page, `${row(Dora)} button[value=confirmed]`);
    await press("ArrowRight");
    await isFocused(page, `${row(Dora)} button[value=waitlisted]`);
    await press("ArrowLeft", "Space");
    await hasStatus(page, Dora, "confirmed");
    await onName(Dora);
    await press("a");
    await says(page, "Not possible for Dora Brontë.");

    await press("?");
    await page.getByRole("dialog", { name: "Keys for the list" }).waitFor();
    await press("Escape");
    await onName(Dora);
    await press("Escape");
    await isFocused(page, "#q");
    await press("Tab", "Tab");
    await page.locator(`${row(Dora)} .name`).focus();
    await press("/");
    await isFocused(page, "#q");

    await page.locator(`${row(Ben)} .name`).focus();
    await press("Enter");
    await page.getByRole("heading", { name: "Ben Brontë" }).waitFor();
    assert.equal(new URL(page.url()).pathname, `/desk/students/${Ben}`);
    for (const id of [Ann, Ben, Cleo, Dora]) assert.equal((await office.read(id)).version, 2);
  });

  deskTest("a review by keyboard alone", { ...registrar, path: "/desk/profile" }, async (page, office) => {
    const ids = {};
    for (const name of ["Ann", "Ben", "Cleo", "Dora", "Eve"]) ids[name] = await office.register({ first_name: name });
    await page.goto("/desk/review");
    const press = async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const shows = async (name) => {
      await page.locator("#name", { hasText: name }).waitFor();
      await isFocused(page, "#application");
    };
    await page.evaluate(() => (window.stays = true));
    await shows("Ann");
    await press("a");
    await shows("Ben");
    await press("w");
    await shows("Cleo");
    await press("s");
    await page.waitForURL(/cursor=/);
    await shows("Dora");
    await press("r");
    await isFocused(page, "#reason");
    await press("2");
    await shows("Eve");
    await says(page, /Dora Brontë: ?Not accepted/);
    assert.equal(await office.reason(ids.Dora), "not_eligible");
    await press("n", "l", "a", "t", "e");
    assert.equal(await page.locator("#note").inputValue(), "late");
    await page.locator("#application").focus();
    await press("r", "5");
    await isFocused(page, "#note");
    await press("Control+Enter");
    await page.getByRole("heading", { name: "You have seen everyone" }).waitFor();
    const statuses = {};
    for (const [name, id] of Object.entries(ids)) statuses[name] = (await office.read(id)).status;
    assert.deepEqual(statuses, { Ann: "confirmed", Ben: "waitlisted", Cleo: "pending", Dora: "rejected", Eve: "rejected" });
  });

  deskTest("rows are ticked, and a decision is undone, by keyboard alone", registrar, async (page, office) => {
    const ids = await registerAll(office, "Ann", "Ben", "Cleo", "Dora");
    await page.reload();
    const press = async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const ticked = () => page.locator(".tick input:checked").evaluateAll((boxes) => boxes.map((box) => box.closest("tr").id));
    await page.locator(`${row(ids.Ann)} .name`).focus();
    await press("j", "x");
    assert.deepEqual(await ticked(), [`s-${ids.Ben}`]);
    await press("j", "j", "Shift+X");
    assert.deepEqual(await ticked(), [ids.Ben, ids.Cleo, ids.Dora].map((id) => `s-${id}`));
    await page.locator("#ticked", { hasText: "(3)" }).waitFor();
    await press("k", "x");
    assert.deepEqual(await ticked(), [ids.Ben, ids.Dora].map((id) => `s-${id}`));
    await page.getByRole("button", { name: "Tick this page" }).click();
    assert.equal((await ticked()).length, 4);

    await page.locator(`${row(ids.Ann)} .name`).focus();
    await press("a");
    await hasStatus(page, ids.Ann, "confirmed");
    await isFocused(page, `${row(ids.Ben)} .name`);
    await page.evaluate(() => (window.stays = true));
    await press("u");
    await hasStatus(page, ids.Ann, "pending");
    await isFocused(page, `${row(ids.Ben)} .name`);
    await says(page, "Undone.");
    assert.equal((await office.read(ids.Ann)).status, "pending");
    await press("u");
    await hasStatus(page, ids.Ann, "confirmed");
    assert.equal(await page.evaluate(() => window.stays), true, "no page was loaded");
  });

  deskTest("keys do nothing outside the list, and beside other keys", registrar, async (page, office) => {
    const id = await office.register();
    await page.reload();
    const sent = changes(page);
    const pressAll = async () => {
      for (const key of ["a", "w", "r", "j", "?"]) await page.keyboard.press(key);
    };
    await page.locator(".name").focus();
    for (const key of ["Control+a", "Alt+w", "Meta+r"]) await page.keyboard.press(key);
    assert.equal(await page.locator("dialog[open]").count(), 0);
    // Letters choose a source, by which the list is filtered.
    for (const selector of [".chip", ".sort", "#source", "#main", "#person summary"]) {
      await page.locator(selector).first().focus();
      await pressAll();
      assert.equal(await page.locator("dialog[open]").count(), 0, selector);
    }
    // It searches, and may find nobody.
    await page.locator("#q").focus();
    await page.keyboard.press("a");
    assert.equal(await page.locator("#q").inputValue(), "a");
    assert.deepEqual(sent, []);
    assert.equal((await office.read(id)).version, 1);
  });

  deskTest("keys can be switched off in the profile", { ...registrar, path: "/desk/profile" }, async (page, office) => {
    const id = await office.register();
    await page.getByLabel("Use single keys in the list of students").uncheck();
    await page.getByRole("button", { name: "Save the profile" }).click();
    await page.getByText("Your profile is saved.").first().waitFor();
    await page.goto("/desk/students");
    const sent = changes(page);
    await page.locator(".name").focus();
    for (const key of ["a", "w", "r", "?", "j"]) await page.keyboard.press(key);
    assert.equal(await page.locator("dialog[open], #show-keys").count(), 0);
    assert.deepEqual(sent, []);
    await isFocused(page, ".name");
    for (const value of ["confirmed", "waitlisted"]) {
      await page.keyboard.press("Tab");
      await isFocused(page, `${row(id)} button[value=${value}]`);
    }
  });

  deskTest("search while typing", registrar, async (page, office) => {
    const { Zoë, Zara } = await registerAll(office, "Zoë", "Zara", "Ann");
    await page.reload();
    await page.clock.pauseAt(Date.now() + 60_000);
    await page.evaluate(() => (window.stays = true));
    const length = await page.evaluate(() => history.length);
    const requests = [];
    const expected = new Map();
    await page.route("**/desk/students?*", (route) => {
      const q = new URL(route.request().url()).searchParams.get("q");
      requests.push(q);
      expected.get(q)?.(route);
    });
    // The request for this text, held back.
    const requested = (q) => new Promise((resolve) => expected.set(q, resolve));
    const status = () => page.locator("#status").textContent();
    const ids = () => page.locator("#list tbody tr").evaluateAll((rows) => rows.map(({ id }) => id.slice(2)));

    // One request for what is typed in one go.
    await page.locator("#q").pressSequentially("z");
    await page.clock.runFor(119);
    await page.locator("#q").pressSequentially("o");
    await page.clock.runFor(119);
    assert.deepEqual(requests, []);
    const first = requested("zo");
    await page.clock.runFor(1);
    await first;
    await page.locator("#results[aria-busy=true]").waitFor();
    assert.equal((await ids()).length, 3, "the rows stay");
    assert.equal(await status(), "");
    await page.clock.runFor(350);
    assert.equal(await status(), "Searching…");

    // More letters: the first request is dropped.
    const dropped = page.waitForEvent("requestfailed");
    const second = requested("zoe");
    await page.locator("#q").pressSequentially("e");
    await page.clock.runFor(120);
    assert.match((await dropped).url(), /q=zo$/);
    await second;
    assert.equal(await page.locator("#results").getAttribute("aria-busy"), "true");
    await (await second).continue();
    await page.waitForURL("**/desk/students?q=zoe");
    await page.locator("#results:not([aria-busy])").waitFor();
    assert.deepEqual(await ids(), [Zoë]);
    await page.clock.runFor(100);
    assert.equal(await status(), "1 student");
    assert.ok(await page.locator(".filter", { hasText: "Search: zoe" }).isVisible());

    // The last page that has come stands, whatever comes late.
    await page.locator("#q").fill("z");
    const third = requested("z");
    await page.clock.runFor(120);
    await (await third).continue();
    await page.waitForURL("**/desk/students?q=z");
    await page.locator(row(Zara)).waitFor();
    assert.deepEqual(await ids(), [Zoë, Zara]);
    await page.locator("#q").fill("nobody");
    const fourth = requested("nobody");
    await page.keyboard.press("Enter");
    await page.clock.runFor(1);
    await (await fourth).continue();
    await page.getByRole("heading", { name: "Nothing found for “nobody”" }).waitFor();
    await page.clock.runFor(100);
    assert.equal(await status(), "Nothing found for “nobody”");
    await isFocused(page, "#q");
    assert.deepEqual(requests, ["zo", "zoe", "z", "nobody"]);
    assert.ok(await page.evaluate(() => window.stays), "no page was loaded");
    assert.equal(await page.evaluate(() => history.length), length);
    // The links of the header are those of this search.
    const italian = new URL(await page.locator("a[hreflang=it]").evaluate(({ href }) => href));
    assert.equal(italian.searchParams.get("q"), "nobody");
  });

  deskTest("decisions keep what was searched for", registrar, async (page, office) => {
    const { Zoë, Zara } = await registerAll(office, "Zoë", "Zara", "Ann");
    await page.goto("/desk/students?status=pending");
    await page.locator("#q").fill("z");
    await page.locator("#results:not([aria-busy]) .filter", { hasText: "Search: z" }).waitFor();
    await page.locator(`${row(Zara)} button[value=confirmed]`).click();
    // It does not fit the filter any more: its row stays until the next search.
    await hasStatus(page, Zara, "confirmed");
    assert.equal(await page.locator(`${row(Zara)} button`).count(), 0);
    await page.locator(".chip", { hasText: /^Place confirmed 1$/ }).waitFor();
    await page.locator(".chip", { hasText: /^Received 1$/ }).waitFor();
    assert.equal(new URL(page.url()).search, "?q=z&status=pending");
    await page.locator(`${row(Zoë)} [data-reject]`).click();
    await page.getByLabel("Another reason: write it in the note").check();
    await page.locator("dialog #note").fill("came twice");
    await page.locator("dialog").getByRole("button", { name: "Do not accept" }).click();
    await hasStatus(page, Zoë, "rejected");
    assert.equal(new URL(page.url()).search, "?q=z&status=pending");
    await page.reload();
    await page.getByRole("heading", { name: "Nothing found for “z”" }).waitFor();
  });

  for (const back of ["the link", "the browser"]) {
    deskTest(`back to the list at the same place, by ${back}`, { ...registrar, viewport: { width: 1280, height: 500 } }, async (page, office) => {
      for (let count = 0; count < 30; count += 1) await office.register({ first_name: "Zoë" });
      await page.reload();
      await page.locator("#q").fill("zoe");
      await page.waitForURL("**/desk/students?q=zoe");
      const name = page.locator("#list tbody tr").nth(20).locator(".name");
      const id = await page.locator("#list tbody tr").nth(20).getAttribute("id");
      await name.focus();
      await page.keyboard.press("Enter");
      await page.waitForURL(`**/desk/students/${id.slice(2)}?*`);
      if (back === "the link") await page.getByRole("link", { name: "Back to the list" }).click();
      else await page.goBack();
      await page.waitForURL(/\/desk\/students\?q=zoe/);
      await isFocused(page, `#${id} .name`);
      await page.waitForFunction((id) => {
        const { top, bottom } = document.getElementById(id).getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
      }, id);
      assert.equal(await page.locator("#q").inputValue(), "zoe");
    });
  }

  deskTest("who was faster is named in place, and the row is as it is now", registrar, async (page, office) => {
    const { Zoë, Ann } = await registerAll(office, "Zoë", "Ann");
    await page.reload();
    await page.evaluate(() => (window.stays = true));
    await office.edit("admin", Zoë, { last_name: "Bell" });
    await page.locator(`${row(Zoë)} .name`).focus();
    await page.keyboard.press("a");
    const bar = page.locator("#bar [data-kind=problem]");
    await bar.waitFor();
    assert.match(await bar.innerText(), new RegExp(`Not done: Zoë Bell: ${nameOf("admin")} changed the last name \\(.+\\), after you opened this page.`));
    await says(page, nameOf("admin"));
    await page.locator(`${row(Zoë)} .name`, { hasText: "Zoë Bell" }).waitFor();
    assert.equal((await office.read(Zoë)).status, "pending");
    // Now it is possible; a decision of a colleague is named as well.
    await page.locator(`${row(Zoë)} button[value=confirmed]`).click();
    await hasStatus(page, Zoë, "confirmed");
    await office.decide("admin", Ann, "withdrawn");
    await page.locator(`${row(Ann)} button[value=waitlisted]`).click();
    await hasStatus(page, Ann, "withdrawn");
    await says(page, `${nameOf("admin")} changed the status`);
    assert.ok(await page.evaluate(() => window.stays), "no page was loaded");
  });

  deskTest("without a connection the list says so, and the decision can be repeated", registrar, async (page, office) => {
    const id = await office.register();
    await page.reload();
    await page.context().setOffline(true);
    const confirm = page.locator(`${row(id)} button[value=confirmed]`);
    await confirm.click();
    await says(page, "We could not reach the service.");
    await page.context().setOffline(false);
    await confirm.click();
    await hasStatus(page, id, "confirmed");
    assert.equal((await office.read(id)).version, 2);
  });
});
