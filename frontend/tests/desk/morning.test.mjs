// The work of a morning, with JavaScript and without, and what is typed while a session ends.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { bothWays } from "../suite.mjs";
import { answers, emailOf, nameOf, password, useOffice } from "./office.mjs";

const heading = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();
const badge = (page, status) => page.locator(`main .badge[data-status=${status}]`).first().waitFor();

async function signIn(page, role) {
  await page.getByLabel("Your email address").fill(emailOf(role));
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function values(page, ...ids) {
  return Object.fromEntries(await Promise.all(ids.map(async (id) => [id, await page.locator(`#${id}`).inputValue()])));
}

describe("a morning", { concurrency: 2 }, () => {
  const deskTest = useOffice();

  for (const { way, javaScriptEnabled } of bothWays) {
    deskTest(`one after the other ${way}`, { as: "registrar", javaScriptEnabled, path: "/desk/review" }, async (page, office) => {
      const ids = {};
      for (const first_name of ["Ann", "Ben", "Cleo", "Dora"]) ids[first_name] = await office.register({ first_name });
      const shows = (name) => page.locator("#name", { hasText: name }).waitFor();
      const statuses = async () => Promise.all(Object.values(ids).map(async (id) => (await office.read(id)).status));
      await page.goto("/desk/students");
      await page.getByRole("link", { name: "Review" }).click();
      await shows("Ann Brontë");
      await page.getByText("4 left. Decided by you today: 0").waitFor();
      await page.getByRole("button", { name: "Confirm" }).click();
      await shows("Ben Brontë");
      await page.locator("#bar", { hasText: /Ann Brontë:\s*Place confirmed/ }).waitFor();
      await page.getByText("3 left. Decided by you today: 1").waitFor();
      await page.getByRole("link", { name: "Skip", exact: true }).click();
      await shows("Cleo Brontë");
      await office.decide("admin", ids.Cleo, "withdrawn");
      await page.getByRole("button", { name: "Confirm" }).click();
      await page.locator("#bar [data-kind=problem]", { hasText: "Ada Lovelace" }).waitFor();
      await shows("Dora Brontë");
      await page.locator("#reject summary").click();
      await page.getByLabel("The conditions are not met").check();
      await page.getByRole("button", { name: "Do not accept" }).click();
      await page.getByRole("heading", { name: "You have seen everyone" }).waitFor();
      await page.locator("#bar", { hasText: /Dora Brontë:\s*Not accepted/ }).waitFor();
      assert.deepEqual(await statuses(), ["confirmed", "pending", "withdrawn", "rejected"]);
      await page.getByRole("link", { name: "Begin again" }).click();
      await shows("Ben Brontë");
      await page.getByRole("button", { name: "Waiting list" }).click();
      await page.getByRole("heading", { name: "There is nothing to decide." }).waitFor();
      await page.locator("#bar").getByRole("button", { name: "Undo" }).click();
      await shows("Ben Brontë");
      assert.deepEqual(await statuses(), ["confirmed", "pending", "withdrawn", "rejected"]);
    });

    deskTest(`several at once and back ${way}`, { as: "registrar", javaScriptEnabled }, async (page, office) => {
      const ids = {};
      for (const first_name of ["Ann", "Ben", "Cleo", "Dora"]) ids[first_name] = await office.register({ first_name });
      await office.decide("admin", ids.Ben, "withdrawn");
      await page.goto("/desk/students?sort=name");
      const late = await office.register({ first_name: "Late" });
      const statuses = async () => Promise.all(Object.values(ids).map(async (id) => (await office.read(id)).status));
      const choose = async (scope, to) => {
        if (!(await page.locator("#bulk").isVisible())) await page.getByText("Several at once").click();
        await page.getByLabel(scope).check();
        await page.getByLabel("What to do").selectOption(to);
        await page.getByRole("button", { name: "See what will happen" }).click();
      };

      await choose("those ticked", "Place confirmed");
      await page.getByText("Tick some students first").first().waitFor();
      await page.getByLabel("Tick Ann Brontë").check();
      await page.getByLabel("Tick Cleo Brontë").check();
      await office.edit("admin", ids.Cleo, { last_name: "Bell" });
      await choose("those ticked", "Place confirmed");
      await heading(page, "What will happen");
      await page.getByText("One student gets the status").waitFor();
      await page.getByText("Someone has changed them since").waitFor();
      await page.getByRole("link", { name: "Cleo Bell" }).waitFor();
      await page.getByRole("button", { name: "Change one student" }).click();
      await heading(page, "Done");
      assert.deepEqual(await statuses(), ["confirmed", "withdrawn", "pending", "pending"]);

      await page.getByRole("link", { name: "Back to the list of students" }).click();
      const later = await office.register({ first_name: "Later" }); // than the list
      await choose("everyone in this list", "Not accepted");
      await heading(page, "What will happen");
      await page.getByText("4 students get the status").waitFor();
      await page.getByRole("button", { name: "Change 4 students" }).click();
      await page.getByRole("link", { name: "Choose why the application is not accepted" }).waitFor();
      await page.getByLabel("The conditions are not met").check();
      await page.getByRole("button", { name: "Change 4 students" }).click();
      await heading(page, "Done");
      assert.deepEqual(await statuses(), ["rejected", "withdrawn", "rejected", "rejected"]);
      assert.deepEqual([(await office.read(late)).status, (await office.read(later)).status], ["rejected", "pending"]);
      // On the page of one of them, nothing undoes all.
      const operation = page.url();
      await page.goto(`/desk/students/${ids.Ann}`);
      assert.equal(await page.getByRole("button", { name: "Undo" }).count(), 0);
      await page.getByRole("link", { name: "Together with others" }).click();
      assert.equal(page.url(), operation);
      await page.getByRole("button", { name: "Undo all" }).click();
      await page.getByText("4 students are as before.").waitFor();
      assert.deepEqual(await statuses(), ["confirmed", "withdrawn", "pending", "pending"]);
      await page.getByRole("button", { name: "Redo" }).click();
      await page.getByText("4 students are as before.").waitFor();
      assert.deepEqual(await statuses(), ["rejected", "withdrawn", "rejected", "rejected"]);

      await page.goto(`/desk/students/${ids.Ben}`);
      await page.getByRole("button", { name: "Reopen the application" }).click();
      await page.locator("#bar").getByRole("button", { name: "Undo" }).click();
      await page.locator("#bar", { hasText: "Undone." }).waitFor();
      await page.locator("h1", { hasText: "Ben" }).waitFor();
      assert.equal((await office.read(ids.Ben)).status, "withdrawn");
      await page.getByRole("table").getByRole("button", { name: "Undo" }).first().click();
      await page.locator("#bar", { hasText: "Undone." }).waitFor();
      assert.equal((await office.read(ids.Ben)).status, "pending");
    });

    deskTest(`sign in, search, decide, edit, enter, sign out ${way}`, { javaScriptEnabled, path: "/desk" }, async (page, office) => {
      const zoe = await office.register({ email: "zoe@example.org" });
      const ann = await office.register({ first_name: "Ann", last_name: "O’Neil" });
      await signIn(page, "registrar");
      await heading(page, "Today");
      await page.getByRole("link", { name: /^2 registered since / }).click();
      await heading(page, "Students");
      assert.equal(await page.locator("#list tbody tr").count(), 2);
      await page.goto("/desk/students");

      await page.getByRole("searchbox").fill("bronte");
      await page.getByRole("button", { name: "Search" }).click();
      await page.waitForURL(/\?q=bronte/);
      await page.locator(`#list tbody tr:only-child#s-${zoe}`).waitFor();
      await page.getByRole("button", { name: "Confirm: Zoë Brontë" }).click();
      await badge(page, "confirmed");
      await page.locator("#bar", { hasText: /Zoë Brontë:\s*Place confirmed/ }).waitFor();
      assert.equal(new URL(page.url()).searchParams.get("q"), "bronte");
      assert.equal((await office.read(zoe)).status, "confirmed");

      await page.getByRole("link", { name: "remove this filter" }).click();
      await page.waitForURL(/\/desk\/students$/);
      await page.getByRole("link", { name: "Reject… Ann O’Neil" }).click();
      if (!javaScriptEnabled) {
        await heading(page, "Ann O’Neil");
        await page.locator("#reject summary").click();
      }
      const reject = page.locator("#reject");
      await reject.getByLabel("The conditions are not met").check();
      await reject.locator("#note").fill("too young");
      await reject.getByRole("button", { name: "Do not accept" }).click();
      await badge(page, "rejected");
      assert.equal(await office.reason(ann), "not_eligible");

      await page.goto(`/desk/students/${ann}`);
      assert.match(await page.locator("main").innerText(), /too young/);
      await page.getByRole("link", { name: "Edit" }).click();
      await page.getByLabel("Last name").fill("O’Neill");
      await page.locator("#email").fill("not an address");
      await page.getByRole("button", { name: "Save" }).click();
      await page.locator("#error-list, #error-summary").getByRole("link").first().waitFor();
      assert.equal(await page.getByLabel("Last name").inputValue(), "O’Neill");
      await page.locator("#email").fill("ann@example.org");
      if (javaScriptEnabled) await page.keyboard.press("Control+Enter");
      else await page.keyboard.press("Enter");
      await heading(page, "Ann O’Neill");
      await page.getByText("Saved.").first().waitFor();

      await page.getByRole("link", { name: "New student" }).click();
      await page.getByLabel("First name").fill("Dora");
      await page.getByLabel("Last name").fill("Maar");
      await page.locator("#email").fill("zoe@example.org");
      await page.getByLabel("Note").fill("by telephone");
      await page.getByRole("button", { name: "Register the student" }).click();
      assert.equal(await page.getByRole("link", { name: "Open that student" }).getAttribute("href"), `/desk/students/${zoe}`);
      await page.locator("#email").fill("dora@example.org");
      await page.getByRole("button", { name: "Register the student" }).click();
      await heading(page, "Dora Maar");
      assert.match(await page.locator("main").innerText(), /by telephone/);
      await page.getByRole("button", { name: "Confirm the place" }).click();
      await badge(page, "confirmed");
      assert.match(new URL(page.url()).pathname, /^\/desk\/students\/[0-9a-f-]{36}$/);

      await page.locator("#person summary").click();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByText("You are signed out.").waitFor();
      await page.goto(`/desk/students/${ann}`);
      await heading(page, "Sign in to the school office");
      assert.deepEqual(await page.context().cookies(), []);
      await signIn(page, "registrar");
      await heading(page, "Ann O’Neill");
    });

    // A wrong password is followed by a delay: waits for as long as the answer says, and not longer.
    const signInAfterDelay = async (page) => {
      const isAnswer = (response) => response.request().method() === "POST" && response.url().endsWith("/desk/sign-in");
      for (let status = 401; status === 401;) {
        await page.getByLabel("Password", { exact: true }).fill(password);
        const [answer] = await Promise.all([
          page.waitForResponse(isAnswer),
          page.getByRole("button", { name: "Sign in" }).click(),
        ]);
        status = answer.status();
        const wait = Number(answer.headers()["retry-after"] ?? 0);
        if (status === 401) await new Promise((resolve) => setTimeout(resolve, wait * 1000));
      }
    };

    // Begins to edit, and ends the session from another browser of the same person.
    const editSignedOut = async (page, office, open) => {
      const { email, ...names } = answers();
      const id = await office.register({ email, ...names });
      await page.goto(`/desk/students/${id}/edit`);
      const typed = { first_name: "Zoë <b>&", last_name: "“Brontë” + 100%" , email: `new.${email}` };
      for (const [field, value] of Object.entries(typed)) await page.locator(`#${field}`).fill(value);
      const other = await open({ path: "/desk/sign-in" });
      await signIn(other, "registrar");
      await heading(other, "Today");
      await other.goto("/desk/profile");
      await other.getByRole("button", { name: "End all others" }).click();
      await other.getByText("Your other sessions have ended.").first().waitFor();
      await page.getByRole("button", { name: "Save" }).click();
      await heading(page, "Sign in to the school office");
      await page.getByText("What you typed is still here. Sign in to save it.").waitFor();
      return { id, typed };
    };

    deskTest(`an edit whose session has ended is kept, ${way}`, { as: "registrar", javaScriptEnabled }, async (page, office, open) => {
      const { id, typed } = await editSignedOut(page, office, open);
      // A wrong password loses nothing, either.
      await page.getByLabel("Your email address").fill(emailOf("registrar"));
      await page.getByLabel("Password", { exact: true }).fill("not this one");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.locator("#error-summary").waitFor();
      await signInAfterDelay(page);
      await heading(page, "Edit the student");
      assert.deepEqual(await values(page, "first_name", "last_name", "email"), typed);
      assert.equal((await office.read(id)).version, 1);
      // A colleague changed the student first: what was typed survives the conflict as well.
      await office.edit("admin", id, { first_name: "Zoe" });
      await page.locator("#first_name").fill("Zoë");
      await page.locator("#last_name").fill("Brontë-Nicholls");
      await page.getByRole("button", { name: "Save" }).click();
      await heading(page, "A colleague changed this student");
      assert.match(await page.locator("main").innerText(), new RegExp(`${nameOf("admin")} changed the first name`));
      await page.getByRole("button", { name: "Save the chosen values" }).click();
      await heading(page, "Zoe Brontë-Nicholls");
      const { first_name, last_name, email, version } = await office.read(id);
      assert.deepEqual([first_name, last_name, email, version], ["Zoe", "Brontë-Nicholls", typed.email, 3]);
    });

    deskTest(`what someone typed is not shown to another person, ${way}`, { as: "registrar", javaScriptEnabled }, async (page, office, open) => {
      const { id } = await editSignedOut(page, office, open);
      await signIn(page, "viewer");
      await heading(page, "Today");
      assert.equal((await office.read(id)).version, 1);
    });
  }

  deskTest("a decision in the list whose session has ended is kept", { as: "registrar" }, async (page, office) => {
    const id = await office.register();
    await page.reload();
    assert.equal((await office.submit("registrar", "/desk/sign-out", {})).status, 303);
    await page.getByRole("button", { name: "Confirm: Zoë Brontë" }).click();
    await page.getByText("What you typed is still here. Sign in to save it.").waitFor();
    await signIn(page, "registrar");
    await page.getByRole("button", { name: "Send it now" }).click();
    await page.locator("#bar", { hasText: /Zoë Brontë:\s*Place confirmed/ }).waitFor();
    assert.equal((await office.read(id)).status, "confirmed");
  });

  deskTest("a search whose session has ended leads to the sign-in page", { as: "registrar" }, async (page, office) => {
    assert.equal((await office.submit("registrar", "/desk/sign-out", {})).status, 303);
    await page.locator("#q").fill("zoe");
    await heading(page, "Sign in to the school office");
    await signIn(page, "registrar");
    await heading(page, "Students");
  });
});
