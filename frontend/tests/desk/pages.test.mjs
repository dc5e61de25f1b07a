// What holds for every page of the office: its weight, its cookie, its policy.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { emailOf, openDesk, password, useOffice } from "./office.mjs";
import { fillList } from "./states.mjs";

const pageBudget = 40 * 1024; // bytes, compressed, response heads included
const scriptBudget = 15 * 1024;

// The addresses of every page that opens without a form.
const paths = (id, operation) => [
  "/desk", "/desk/students", "/desk/review", "/desk/imports", `/desk/operations/${operation}`, `/desk/students/${id}`, `/desk/students/${id}/edit`, `/desk/students/${id}/erase`, "/desk/students/new",
  "/desk/staff", "/desk/tokens", "/desk/profile", "/desk/sign-in", "/desk/nowhere",
];

describe("every page", { concurrency: 2 }, () => {
  const deskTest = useOffice({ shared: true });

  deskTest("weighs less than 40 KB, its scripts less than 15 KB", { as: "admin" }, async (page, office) => {
    for (let count = 0; count < 50; count += 1) await office.register(); // a full page of the list
    const id = await office.register();
    const operation = await office.operation("admin", id);
    const network = await page.context().newCDPSession(page);
    await network.send("Network.enable");
    await network.send("Network.setCacheDisabled", { cacheDisabled: true });
    for (const path of paths(id, operation)) {
      const types = new Map();
      const bytes = { all: 0, scripts: 0, responses: 0 };
      network.removeAllListeners();
      network.on("Network.responseReceived", ({ requestId, type }) => types.set(requestId, type));
      network.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
        bytes.all += encodedDataLength;
        bytes.responses += 1;
        if (types.get(requestId) === "Script") bytes.scripts += encodedDataLength;
      });
      await page.goto(path, { waitUntil: "networkidle" });
      if (process.env.WEIGHTS) console.log(path, bytes);
      assert.ok(bytes.responses >= 5 && bytes.scripts > 1000, `${path}: only ${bytes.responses} responses were seen`);
      assert.ok(bytes.all < pageBudget, `${path}: ${bytes.all} bytes`);
      assert.ok(bytes.scripts < scriptBudget, `${path}: ${bytes.scripts} bytes of scripts`);
    }
  });

  deskTest("keeps to a policy without exceptions, and to one cookie", { as: "admin" }, async (page, office) => {
    const [id] = await fillList(office);
    await page.addInitScript(() => {
      addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => console.error(`policy: ${violatedDirective} ${blockedURI}`));
    });
    for (const path of paths(id, await office.operation("admin", await office.register()))) {
      const response = await page.goto(path);
      const headers = await response.allHeaders();
      assert.match(headers["content-security-policy"], /default-src 'none'/);
      assert.doesNotMatch(headers["content-security-policy"], /unsafe|\*|https?:|data:|blob:/);
      assert.equal(headers["cache-control"], "no-store");
      assert.doesNotMatch(await page.title(), /Zoë|Brontë/, "titles stay in the browser's history");
      await page.waitForLoadState();
    }
    const cookies = await page.context().cookies();
    assert.deepEqual(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]), [["desk", true, "Lax"]]);
    assert.equal(await page.evaluate(() => document.cookie), "");
  });

  deskTest("fits windows of every width", { as: "registrar", locale: "it-IT" }, async (page, office) => {
    const [id] = await fillList(office);
    for (const path of ["/desk/students", `/desk/students/${id}`]) {
      await page.goto(path);
      for (const width of [240, 320, 480, 640, 768, 960, 1023, 1024, 1199, 1200, 1440]) {
        await page.setViewportSize({ width, height: 640 });
        assert.equal(await page.evaluate(() => document.scrollingElement.scrollWidth), width, path);
      }
    }
  });

  deskTest("of applicants has no cookie", { path: "/desk/sign-in" }, async (page, office) => {
    const id = await office.register();
    for (const path of ["/", `/students/${id}`, "/nowhere", "/desk/sign-in", "/desk", "/desk/nowhere"]) {
      await page.goto(path);
      assert.deepEqual(await page.context().cookies(), [], path);
    }
  });

  // Browsers do not send Sec-Fetch-Site to such an origin, and Safari did not before 16.4.
  deskTest("opens by the network's name, without TLS", { path: "/desk/sign-in" }, async (page, office) => {
    const origin = office.origin.replace("127.0.0.1", "school.test");
    const other = await openDesk(page.context().browser(), { ...office, origin }, { path: "/desk/sign-in" });
    await other.locator("#email").fill(emailOf("viewer"));
    await other.locator("#password").fill(password);
    await other.getByRole("button", { name: "Sign in" }).click();
    await other.waitForURL("**/desk");
    const ignored = /^console: The Cross-Origin-Opener-Policy header has been ignored/; // without TLS
    assert.deepEqual(other.violations.filter((violation) => !ignored.test(violation)), []);
    await other.context().close();
  });

  deskTest("tells other sites nothing about students", { as: "admin" }, async (page, office) => {
    const id = await office.register();
    await page.goto(`/desk/students/${id}`);
    assert.equal(await page.locator("meta[name=referrer]").getAttribute("content"), "strict-origin");
    assert.equal(await page.locator("a[href^=http]:not([rel~=noreferrer])").count(), 0);
  });
});
