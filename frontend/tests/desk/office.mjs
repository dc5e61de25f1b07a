// The office of a school: a service with an administrator, a registrar and a viewer, and what they do by plain
// requests while a test looks at a page.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { after, before, test } from "node:test";
import { openPage, startBrowser } from "../browser.mjs";
import { startService } from "../service.mjs";

export const password = "correct horse battery";

const people = {
  admin: { email: "ada@school.example", name: "Ada Lovelace" },
  registrar: { email: "grace@school.example", name: "Grace Hopper" },
  viewer: { email: "vera@school.example", name: "Vera Rubin" },
};

export const nameOf = (role) => people[role].name;
export const emailOf = (role) => people[role].email;

// A student's answers, whose address no other has; `changes` replace values.
export function answers(changes) {
  const values = { first_name: "Zoë", last_name: "Brontë", ...changes };
  const name = values.first_name.normalize("NFD").toLowerCase().replaceAll(/[^a-z]/g, "") || "student";
  return { ...values, email: `${name}.${randomUUID().slice(0, 8)}@example.org`, ...changes };
}

// The folder of a service that has ended, and the cookies of its sessions: every role has joined and signed in once.
// Hashing passwords takes most of the time of a start, so tests copy the database.
export async function furnish() {
  const service = await startService({ REQUEST_TIMEOUT: "60" });
  try {
    const nobody = office(service, {});
    const cookies = {};
    for (const [role, { email, name }] of Object.entries(people)) {
      const link = await service.run("staff", "add", email, "--role", role);
      const token = new URL(link.trim()).searchParams.get("token");
      assert.equal((await nobody.submit(null, "/desk/welcome", { token, name, password })).status, 303);
      cookies[role] = await nobody.signIn(role);
    }
    await service.end();
    return { directory: service.directory, cookies, remove: service.stop };
  } catch (error) {
    await service.stop();
    throw error;
  }
}

export async function openOffice({ directory, cookies }, env) {
  return office(await startService(env, directory), cookies);
}

function office(service, cookies) {
  const request = (role, method, path, { headers, ...options }) => {
    const cookie = role && { cookie: `desk=${cookies[role].value}` };
    return fetch(service.origin + path, {
      method, redirect: "manual", headers: { "sec-fetch-site": "same-origin", ...cookie, ...headers }, ...options,
    });
  };

  // Posts a form.
  const submit = (role, path, form) =>
    request(role, "POST", path, { headers: { accept: "text/html" }, body: new URLSearchParams(form) });

  // Gives the cookie of a new session.
  const signIn = async (role) => {
    const answer = await submit(null, "/desk/sign-in", { email: emailOf(role), password });
    assert.equal(answer.status, 303);
    const [, value] = /^desk=(\w+);/.exec(answer.headers.get("set-cookie"));
    return { name: "desk", value, httpOnly: true, sameSite: "Lax" };
  };

  const template = async (title) => {
    assert.equal((await submit("admin", "/desk/task-templates", { title })).status, 303);
  };

  const register = async (changes) => {
    const body = JSON.stringify(answers(changes));
    const answer = await request(null, "POST", "/register", { headers: { "content-type": "application/json" }, body });
    assert.equal(answer.status, 201);
    return (await answer.json()).id;
  };

  const api = async (path) => (await request("admin", "GET", `/api/students/${path}`, {})).json();
  const read = (id) => api(id);
  const list = async (query) => (await request("admin", "GET", `/api/students?${query}`, {})).json();

  // The reason of the last change.
  const reason = async (id) => (await api(`${id}/history`)).items[0].detail.reason_code;

  const decide = async (role, id, to, others = {}) => {
    const { version } = await read(id);
    const answer = await submit(role, `/desk/students/${id}/status`, { version, to, ...others });
    assert.equal(answer.status, 303, await answer.text());
  };

  // Gives these students a status by one request of a program, and gives how many have it then.
  const decideAll = async (role, students, to) => {
    const body = JSON.stringify({ do: { to }, on: { ids: students.map(({ id, version }) => ({ id, version })) } });
    const answer = await request(role, "POST", "/api/operations", { headers: { "content-type": "application/json" }, body });
    assert.equal(answer.status, 200);
    return (await answer.json()).applied;
  };

  // Waitlists a student as one of several, and gives the operation.
  const operation = async (role, id) => {
    const { version } = await read(id);
    const answer = await submit(role, "/desk/operations", { to: "waitlisted", student: `${id}.${version}` });
    assert.equal(answer.status, 303, await answer.text());
    return new URL(answer.headers.get("location"), service.origin).pathname.split("/").pop();
  };

  const edit = async (role, id, changes) => {
    const { version, first_name, last_name, email } = await read(id);
    const form = { version, first_name, last_name, email, ...changes };
    assert.equal((await submit(role, `/desk/students/${id}/edit`, form)).status, 303);
  };

  const erase = async (id) => {
    const { version, first_name, last_name } = await read(id);
    const form = { version, confirm: `${first_name} ${last_name}` };
    assert.equal((await submit("admin", `/desk/students/${id}/erase`, form)).status, 303);
  };

  // The path of the link of a new invitation.
  const invite = async (role) => {
    const link = new URL((await service.run("staff", "add", `${randomUUID()}@school.example`, "--role", role)).trim());
    return link.pathname + link.search;
  };

  // Changes the database.
  const execute = async (statement) => {
    const program = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], 30); c.execute(sys.argv[2]); c.commit()";
    await promisify(execFile)("python3", ["-c", program, join(service.directory, "r.db"), statement]);
  };

  return { ...service, cookies, submit, signIn, register, template, api, read, list, reason, decide, decideAll, operation, edit, erase, invite, execute };
}

// A page of this office in a browser of its own, for the person with this role: { as, path, ...options }.
export function openDesk(browser, { origin, cookies }, { as, path = "/desk/students", ...options } = {}) {
  return openPage(browser, origin, { cookie: as && cookies[as], path, ...options });
}

// Gives deskTest(name, { as, path, own, timeout, ...options }, body(page, office, open)). Every test has an office of its own;
// with `shared` one for all tests of the file but those with `own`. `open` opens one more page.
export function useOffice({ shared = false } = {}) {
  let browser, furnished, common;
  before(async () => {
    furnished = await furnish();
    browser = await startBrowser();
    if (shared) common = await openOffice(furnished);
  });
  after(async () => {
    await browser?.close();
    await common?.stop();
    await furnished?.remove();
  });

  return function deskTest(name, { own = !shared, timeout = 60_000, ...options }, body) {
    test(name, { timeout }, async () => {
      const office = own ? await openOffice(furnished) : common;
      const pages = [];
      const open = async (options) => {
        const page = await openDesk(browser, office, options);
        pages.push(page);
        return page;
      };
      const violations = () => pages.flatMap((page) => page.violations);
      try {
        await body(await open(options), office, open);
        assert.deepEqual(violations(), []);
      } catch (error) {
        error.message = [error.message, ...violations()].join("\n"); // the usual cause
        throw error;
      } finally {
        await Promise.all(pages.map((page) => page.context().close()));
        if (own) await office.stop();
      }
    });
  };
}
