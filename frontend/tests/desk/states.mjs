// Every state of every page of the office, and the steps to it: for axe-core, the languages and the screenshots.

import { randomUUID } from "node:crypto";
import { answers, emailOf, password } from "./office.mjs";

const never = "0190163d-8694-739b-aea5-966c26f8ad91"; // no student has this number

async function typeInto(page, values) {
  for (const [id, value] of Object.entries(values)) await page.locator(`#${id}`).fill(value);
}

// Sends the form in the content of the page by its main button, and waits for the page that follows.
export async function send(page, button = "main form .button") {
  const loaded = page.waitForEvent("load");
  await page.locator(button).first().click();
  await loaded;
}

const errors = (page) => page.locator("#error-summary").waitFor();
const problem = (page) => page.locator("#bar [data-kind=problem]").waitFor();

// Types and sends a form whose page was opened before the session ended.
async function sendSignedOut(page, path, values) {
  await page.goto(path);
  await typeInto(page, values);
  await page.context().clearCookies();
  await send(page);
  await page.locator("#notice").waitFor();
}

async function openNew(page, office, part = "", changes = {}) {
  const id = await office.register(changes);
  await page.goto(`/desk/students/${id}${part}`);
  return id;
}

// A student with notes, and a colleague's changes.
async function withHistory(office) {
  const id = await office.register();
  await office.decide("admin", id, "waitlisted", { note: "The birth certificate is still missing.\nThe mother brings it on Monday." });
  await office.edit("admin", id, { last_name: "Brontë-O’Neil" });
  await office.decide("registrar", id, "confirmed");
  return id;
}

const decisions = ["confirmed", "waitlisted", "rejected", "withdrawn"];
const names = [
  ["Zoë", "Brontë"], ["Łukasz", "Nowak"], ["María José", "Ñandú de la Peña"], ["أحمد", "الحسن"], ["美咲", "山田"],
  ["Ngũgĩ", "wa Thiong’o"], ["Wolfeschlegelsteinhausenbergerdorffwelchevorallernwaren", "Schäferswessenschafewarenwohlgepflege"],
];

// Students in every status; others were registered before them.
export async function fillList(office) {
  const ids = [];
  for (const [first_name, last_name] of names) ids.push(await office.register({ first_name, last_name }));
  for (const [index, to] of decisions.entries()) {
    await office.decide("admin", ids[index], to, to === "rejected" ? { reason_code: "incomplete" } : {});
  }
  await office.decide("admin", ids[0], "enrolled");
  return ids;
}

async function openList(page, office, query = "") {
  await fillList(office);
  await page.goto(`/desk/students${query}`);
  await page.locator("#results").waitFor();
}

// A checklist of the school, and a student with a place who has an item of their own as well.
async function withChecklist(office) {
  await fillList(office);
  for (const title of ["Certificato di nascita", "Quota versata, con la ricevuta della banca o del comune"]) await office.template(title);
  const id = await office.register({ first_name: "Sinéad", last_name: "O’Neil" });
  await office.decide("admin", id, "confirmed");
  const path = `/desk/students/${id}/tasks`;
  await office.submit("registrar", path, { title: "Prova di residenza", due_on: "2026-09-15" });
  return id;
}

// Chooses everyone in the list, and to tick the first item.
async function openTicking(page, office) {
  await withChecklist(office);
  await page.goto("/desk/students");
  await choose(page, await page.locator("#bulk-to option[value^=tick]").first().getAttribute("value"));
}

// Chooses everyone in the list, and a status.
async function choose(page, to) {
  await page.locator("#several summary").click();
  await page.locator("#scope-list").check();
  await page.locator("#bulk-to").selectOption(to);
  await send(page, "#bulk .button");
}

async function openPreview(page, office, to) {
  await openList(page, office);
  await choose(page, to);
}

// Uploads a file to be imported, and waits for the page that follows.
export async function uploadFile(page, buffer) {
  await page.goto("/desk/imports");
  await page.locator("#file").setInputFiles({ name: "iscrizioni.csv", mimeType: "text/csv", buffer });
  await send(page);
}

const namesFile = Buffer.from([
  "Vorname;Nachname;Adresse;Notes",
  "Zoë;Brontë;zoe@example.org;\"quotes; and semicolons\"",
  "María José;Ñandú de la Peña;maria@example.org;",
  "Wolfeschlegelsteinhausenbergerdorffwelchevorallernwaren;Schäferswessenschafe;long@example.org;",
  "أحمد;الحسن;ahmad@example.org;",
].join("\n"));

// A plan with rows of every kind, of which two are stored.
async function openPlan(page, office) {
  const id = await office.register({ first_name: "María José" });
  const { email, version } = await office.read(id);
  const fresh = `${randomUUID()}@example.org`;
  await uploadFile(page, Buffer.from([
    "First name,Last name,Email,Student id,Version,Status",
    `Maria Jose,Ñandú,${email},${id},${version},confirmed`,
    `Nuovo,Iscritto,${fresh},,,`,
    `Nuovo,Iscritto,${fresh.toUpperCase()},,,`,
    `,Nameless,nameless@example,,,maybe`,
    `Unknown,Id,unknown@example.org,${never},1,`,
  ].join("\n")));
  await send(page);
  await page.locator("#rows").waitFor({ state: "attached" });
}

// As a person whose session began an hour ago: before an erasure they sign in again.
async function withOldSession(page, office) {
  const cookie = await office.signIn("admin");
  await office.execute("UPDATE sessions SET created_at = strftime('%Y-%m-%d %H:%M:%f', 'now', '-1 hour') " +
    "WHERE created_at = (SELECT MAX(created_at) FROM sessions)");
  await page.context().addCookies([{ ...cookie, url: office.origin }]);
}

const admin = "admin";
const registrar = "registrar";
const viewer = "viewer";

// `as` is the role of the signed-in person, where there is one; `prepare` begins at the sign-in page. `status` is
// that of the response. States with `empty` need an office without students.
export const states = {
  "sign-in": { prepare: (page) => page.goto("/desk/sign-in") },
  "sign-in, signed out": { prepare: (page) => page.goto("/desk/sign-in?notice=signed-out") },
  "sign-in, wrong password": {
    prepare: async (page) => {
      await typeInto(page, { email: `${randomUUID()}@school.example`, password });
      await send(page);
      await errors(page);
    },
  },
  "sign-in, with what was typed": {
    as: registrar,
    prepare: (page) => sendSignedOut(page, "/desk/students/new", answers()),
  },
  "what was typed, to be sent": {
    as: registrar,
    prepare: async (page, office) => {
      await sendSignedOut(page, "/desk/profile", { name: "Grace M. Hopper" });
      await typeInto(page, { email: emailOf(registrar), password });
      await send(page);
    },
  },
  "welcome": { prepare: async (page, office) => page.goto(await office.invite(registrar)) },
  "welcome, errors": {
    prepare: async (page, office) => {
      await page.goto(await office.invite(registrar));
      await typeInto(page, { password: "short" });
      await send(page);
      await errors(page);
    },
  },
  "welcome, an old link": { prepare: (page) => page.goto("/desk/welcome?token=old") },

  "today, empty": { as: viewer, empty: true, prepare: (page) => page.goto("/desk") },
  "today": {
    as: registrar,
    prepare: async (page, office) => {
      await fillList(office);
      await office.execute("INSERT OR REPLACE INTO validation_failures VALUES (strftime('%Y-%m-%d %H:00:00.000000', 'now'), 'email', 'invalid_email', 7)");
      await page.goto("/desk");
    },
  },

  "list, nobody": { as: registrar, empty: true, prepare: (page) => page.goto("/desk/students") },
  "list": { as: registrar, prepare: (page, office) => openList(page, office) },
  "list, by name, second page": {
    as: registrar,
    prepare: async (page, office) => {
      for (let count = 0; count < 51; count += 1) await office.register();
      await page.goto("/desk/students?sort=name");
      await page.locator("a[rel=next]").click();
      await page.locator("a[rel=prev]").waitFor();
    },
  },
  "list, filters in force": {
    as: registrar,
    prepare: (page, office) => openList(page, office, "?q=bro&status=enrolled&status=confirmed&source=api"),
  },
  "list, nothing found": { as: registrar, prepare: (page, office) => openList(page, office, "?q=nobody&status=rejected") },
  "list, search too long": { as: registrar, prepare: (page) => page.goto(`/desk/students?q=${"long".repeat(51)}`) },
  "list, after a decision": {
    as: registrar,
    prepare: async (page, office) => {
      await office.register();
      await page.goto("/desk/students");
      await page.locator("button[value=confirmed]").first().click();
      await page.locator("#bar .banner").waitFor();
    },
  },
  "list, a colleague was faster": {
    as: registrar,
    prepare: async (page, office) => {
      const id = await office.register();
      await page.goto("/desk/students");
      await office.edit(admin, id, { last_name: "Bell" });
      await page.locator(`#s-${id} button[value=confirmed]`).click();
      await problem(page);
    },
  },
  "list, offline": {
    as: registrar,
    prepare: async (page, office) => {
      await openList(page, office);
      await page.context().setOffline(true);
      await page.locator("button[value=confirmed]").first().click();
      await problem(page);
    },
  },
  "list, rejecting": {
    as: registrar,
    prepare: async (page, office) => {
      await openList(page, office);
      await page.locator("[data-reject]").first().click();
      await page.locator("dialog#reject[open]").waitFor();
    },
  },
  "list, keys": {
    as: registrar,
    prepare: async (page, office) => {
      await openList(page, office);
      await page.locator("#show-keys").click();
      await page.locator("dialog#keys[open]").waitFor();
    },
  },
  "list, menu": {
    as: admin,
    prepare: async (page, office) => {
      await openList(page, office);
      await page.locator("#person summary").click();
    },
  },
  "list, several at once": {
    as: registrar,
    prepare: async (page, office) => {
      await openList(page, office);
      await page.locator("#several summary").click();
      await page.locator(".tick input").first().check();
    },
  },
  "list, nothing ticked": {
    as: registrar,
    prepare: async (page, office) => {
      await openList(page, office);
      await page.locator("#several summary").click();
      await send(page, "#bulk .button");
      await problem(page);
    },
  },
  "review": {
    as: registrar,
    prepare: async (page, office) => {
      const id = await office.register({ first_name: "María José", last_name: "Ñandú de la Peña" });
      await office.decide(admin, id, "waitlisted", { note: "The birth certificate is still missing." });
      await page.goto(`/desk/review?status=pending&status=waitlisted&q=nandu`);
      await page.locator("#reject summary").click();
    },
  },
  "review, nothing to decide": { as: registrar, prepare: (page) => page.goto("/desk/review?q=unknown") },
  "review, everyone was skipped": {
    as: registrar,
    prepare: async (page, office) => {
      await office.register({ first_name: "Skipped" });
      await page.goto("/desk/review?q=skipped&sort=-registered");
      while (await page.locator("#skip").count()) {
        const before = page.url();
        await page.locator("#skip").click();
        await page.waitForURL((url) => url.href !== before);
      }
    },
  },
  "import": {
    as: registrar,
    prepare: async (page) => {
      await uploadFile(page, namesFile);
      await page.goto("/desk/imports");
    },
  },
  "import, a file that cannot be read": {
    as: registrar,
    prepare: async (page) => {
      await uploadFile(page, Buffer.from("%PDF-1.7"));
      await errors(page);
    },
  },
  "import, how the file is read": { as: registrar, prepare: (page) => uploadFile(page, namesFile) },
  "import, an old encoding": {
    as: registrar,
    prepare: (page) => uploadFile(page, Buffer.from("Nome;Cognome;Indirizzo email\r\nZo\u00eb;Bront\u00eb;zoe@example.org\r\n", "latin1")),
  },
  "import, a column twice": {
    as: registrar,
    prepare: async (page) => {
      await uploadFile(page, namesFile);
      await page.locator("#column-1").selectOption("email");
      await send(page);
      await errors(page);
    },
  },
  "import, what each row does": { as: registrar, prepare: openPlan },
  "import, the invalid rows": {
    as: registrar,
    prepare: async (page, office) => {
      await openPlan(page, office);
      await page.goto(`${page.url()}?verdict=invalid`);
    },
  },
  "import, the result": {
    as: registrar,
    prepare: async (page, office) => {
      await openPlan(page, office);
      await send(page);
    },
  },
  "import, given up": {
    as: registrar,
    prepare: async (page) => {
      await uploadFile(page, namesFile);
      const { pathname } = new URL(page.url());
      await send(page, "[formaction]");
      await page.goto(pathname);
    },
  },
  "several at once, before": { as: registrar, prepare: (page, office) => openPreview(page, office, "confirmed") },
  "several at once, a rejection without its reason": {
    as: registrar,
    prepare: async (page, office) => {
      await openPreview(page, office, "rejected");
      await send(page);
      await errors(page);
    },
  },
  "several at once, none": {
    as: registrar,
    prepare: async (page, office) => {
      const id = await office.register();
      await office.decide("admin", id, "withdrawn");
      await page.goto("/desk/students?status=withdrawn");
      await choose(page, "enrolled");
    },
  },
  "several at once, after": {
    as: registrar,
    prepare: async (page, office) => {
      await openPreview(page, office, "waitlisted");
      await send(page);
    },
  },
  "several at once, of a colleague": {
    as: registrar,
    prepare: async (page, office) => page.goto(`/desk/operations/${await office.operation("admin", await office.register())}`),
  },
  "undone": {
    as: registrar,
    prepare: async (page, office) => {
      await openNew(page, office);
      await send(page);
      await send(page, "[data-undo]");
      await page.locator("[data-undo]").waitFor();
    },
  },
  "not undone": {
    as: registrar,
    prepare: async (page, office) => {
      const id = await openNew(page, office);
      await send(page);
      await office.edit(admin, id, { last_name: "Bell" });
      await send(page, "[data-undo]");
    },
  },
  "list, checklist": {
    as: registrar,
    empty: true,
    prepare: async (page, office) => {
      await withChecklist(office);
      await page.goto("/desk/students?task=any");
      await page.locator("#results").waitFor();
    },
  },
  "several at once, ticking": {
    as: registrar,
    empty: true,
    prepare: openTicking,
  },
  "several at once, ticked": {
    as: registrar,
    empty: true,
    prepare: async (page, office) => {
      await openTicking(page, office);
      await send(page);
    },
  },
  "checklist": {
    as: admin,
    empty: true,
    prepare: async (page, office) => {
      await withChecklist(office);
      await page.goto("/desk/tasks");
      await page.locator("main details .more").first().click();
    },
  },
  "checklist, empty": { as: admin, empty: true, prepare: (page) => page.goto("/desk/tasks") },
  "checklist, errors": {
    as: admin,
    empty: true,
    prepare: async (page) => {
      await page.goto("/desk/tasks");
      await send(page);
      await errors(page);
    },
  },
  "checklist, to look only": {
    as: viewer,
    empty: true,
    prepare: async (page, office) => {
      await withChecklist(office);
      await page.goto("/desk/tasks");
    },
  },
  "student, checklist": {
    as: registrar,
    empty: true,
    prepare: async (page, office) => {
      await page.goto(`/desk/students/${await withChecklist(office)}`);
      await send(page, "button[value=done]");
      await page.locator("#bar .banner").waitFor();
    },
  },
  "student, an item without a title": {
    as: registrar,
    empty: true,
    prepare: async (page, office) => {
      await page.goto(`/desk/students/${await withChecklist(office)}`);
      await page.locator("form[action$='/tasks']").evaluate((form) => (form.closest("details").open = true));
      await send(page, "form[action$='/tasks'] button");
      await errors(page);
    },
  },
  "student, items are missing": {
    as: admin,
    empty: true,
    prepare: async (page, office) => {
      await page.goto(`/desk/students/${await withChecklist(office)}`);
      await send(page, "button[value=enrolled]");
      await problem(page);
    },
  },
  "export": { as: registrar, prepare: (page) => page.goto("/desk/students/export?status=pending") },
  "export, nothing found": { as: registrar, prepare: (page) => page.goto("/desk/students/export?q=unknown") },
  "print": {
    as: viewer,
    prepare: async (page, office) => {
      await office.register({ first_name: "María José", last_name: "Ñandú de la Peña" });
      await page.goto("/desk/students/print?q=nandu&shown=yes&email=on&status_column=on&signature=on&lines=2");
    },
  },
  "print, too many empty lines": {
    as: viewer,
    prepare: async (page) => {
      await page.goto("/desk/students/print?q=unknown&shown=yes&lines=51");
      await errors(page);
    },
  },
  "list, of a viewer": { as: viewer, prepare: (page, office) => openList(page, office) },

  "student": {
    as: registrar,
    prepare: async (page, office) => {
      await page.goto(`/desk/students/${await withHistory(office)}`);
      // Opened after the page was drawn: otherwise the heading stays where it was.
      await page.locator("details:not(#reject) .more").first().click();
    },
  },
  "student, for an administrator": { as: admin, prepare: (page, office) => openNew(page, office) },
  "student, to look only": { as: viewer, prepare: async (page, office) => page.goto(`/desk/students/${await withHistory(office)}`) },
  "student, a rejection without its reason": {
    as: registrar,
    prepare: async (page, office) => {
      await openNew(page, office, "#reject");
      await page.locator("#note").fill("x");
      await send(page, "#reject .button");
      await errors(page);
    },
  },
  "student, after a decision": {
    as: registrar,
    prepare: async (page, office) => {
      await openNew(page, office);
      await send(page);
      await page.locator("#bar .banner").waitFor();
    },
  },
  "student, a decision that is not possible": {
    as: registrar,
    prepare: async (page, office) => {
      await openNew(page, office);
      await page.locator("button[value=confirmed]").evaluate((button) => (button.value = "enrolled"));
      await send(page, "button[value=enrolled]");
      await problem(page);
    },
  },
  "student, erased": {
    as: registrar,
    prepare: async (page, office) => {
      const id = await office.register();
      await office.erase(id);
      await page.goto(`/desk/students/${id}`);
    },
  },

  "new": { as: registrar, prepare: (page) => page.goto("/desk/students/new") },
  "new, errors": {
    as: registrar,
    prepare: async (page) => {
      await page.goto("/desk/students/new");
      await typeInto(page, { last_name: "123", email: "zoe@example", note: "x".repeat(2001) });
      await send(page);
      await errors(page);
    },
  },
  "new, a taken address": {
    as: registrar,
    prepare: async (page, office) => {
      const taken = answers();
      await office.register(taken);
      await page.goto("/desk/students/new");
      await typeInto(page, taken);
      await send(page);
      await errors(page);
    },
  },
  "edit": { as: registrar, prepare: (page, office) => openNew(page, office, "/edit") },
  "edit, errors": {
    as: registrar,
    prepare: async (page, office) => {
      await openNew(page, office, "/edit");
      await typeInto(page, { first_name: "", email: "zoe@" });
      await send(page);
      await errors(page);
    },
  },
  "edit, a colleague was faster": {
    as: registrar,
    prepare: async (page, office) => {
      const { first_name, last_name, email } = answers();
      const id = await openNew(page, office, "/edit", { first_name, last_name, email });
      await office.edit(admin, id, { last_name: "Bronte", email: `new.${email}` });
      await typeInto(page, { first_name: "Zoe", last_name: "Brontë-Nicholls" });
      await send(page);
      await page.locator("#last_name-yours").waitFor();
    },
  },
  "erase": { as: admin, prepare: (page, office) => openNew(page, office, "/erase") },
  "erase, another name": {
    as: admin,
    prepare: async (page, office) => {
      await openNew(page, office, "/erase");
      await typeInto(page, { confirm: "Someone Else" });
      await send(page);
      await errors(page);
    },
  },
  "erase, after a long session": {
    as: admin,
    prepare: async (page, office) => {
      await withOldSession(page, office);
      await openNew(page, office, "/erase");
      await page.locator("#notice").waitFor();
    },
  },

  "staff": {
    as: admin,
    prepare: async (page, office) => {
      await page.goto("/desk/staff");
      await page.locator("details .more").first().click();
    },
  },
  "staff, errors": {
    as: admin,
    prepare: async (page) => {
      await page.goto("/desk/staff");
      await typeInto(page, { email: "nope" });
      await send(page, "section .button");
      await errors(page);
    },
  },
  "staff, a link": {
    as: admin,
    prepare: async (page) => {
      await page.goto("/desk/staff");
      await typeInto(page, { email: `${randomUUID()}@school.example` });
      await page.locator("#role").check();
      await send(page, "section .button");
      await page.locator("#secret").waitFor();
    },
  },
  "staff, the last administrator": {
    as: admin,
    prepare: async (page) => {
      await page.goto("/desk/staff");
      const me = page.locator("li.panel", { hasText: emailOf(admin) });
      await me.locator("summary").click();
      const loaded = page.waitForEvent("load");
      await me.locator("button[value=disable]").click();
      await loaded;
      await problem(page);
    },
  },
  "tokens": { as: registrar, prepare: (page) => page.goto("/desk/tokens") },
  "tokens, errors": {
    as: registrar,
    prepare: async (page) => {
      await page.goto("/desk/tokens");
      await typeInto(page, { days: "0" });
      await send(page, "section .button");
      await errors(page);
    },
  },
  "tokens, made": {
    as: admin,
    prepare: async (page) => {
      await page.goto("/desk/tokens");
      await typeInto(page, { name: "Orario" });
      await page.locator("#scopes").check();
      await send(page, "section .button");
      await page.locator("#secret").waitFor();
    },
  },
  "profile": { as: viewer, prepare: (page) => page.goto("/desk/profile") },
  "profile, errors": {
    as: viewer,
    prepare: async (page) => {
      await page.goto("/desk/profile");
      await typeInto(page, { name: "" });
      await send(page);
      await errors(page);
    },
  },
  "profile, another current password": {
    as: viewer,
    prepare: async (page) => {
      await page.goto("/desk/profile");
      await typeInto(page, { current: `not ${password}`, password });
      await send(page, "section form .button");
      await errors(page);
    },
  },
  "no permission": { as: viewer, prepare: (page) => page.goto("/desk/students/new") },
  "no such page": { as: registrar, prepare: (page) => page.goto(`/desk/students/${never}`) },
  "no such page, signed out": { prepare: (page) => page.goto("/desk/nowhere") },
};
