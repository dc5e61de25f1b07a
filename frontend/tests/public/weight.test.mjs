// The page weight: what the form costs on an old phone and a slow network.

import assert from "node:assert/strict";
import { useService } from "../suite.mjs";

const { pageTest } = useService();
const budget = 30 * 1024; // bytes, compressed, response heads included

pageTest("the form and its assets weigh less than 30 KB", {}, async (page) => {
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  await network.send("Network.setCacheDisabled", { cacheDisabled: true });
  const loaded = new Map();
  network.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => loaded.set(requestId, encodedDataLength));
  await page.goto("/", { waitUntil: "networkidle" });
  const bytes = [...loaded.values()].reduce((sum, length) => sum + length, 0);
  assert.ok(loaded.size >= 7, `only ${loaded.size} responses were seen`);
  assert.ok(bytes < budget, `${bytes} bytes in ${loaded.size} responses`);
});

pageTest("only the style sheet blocks rendering", {}, async (page) => {
  const blocking = await page.evaluate(() =>
    [...document.scripts].filter(({ type, defer, async }) => type !== "module" && !defer && !async).map(({ src }) => src),
  );
  assert.deepEqual(blocking, []);
  const status = await page.evaluate(() =>
    performance.getEntriesByType("resource").filter(({ renderBlockingStatus }) => renderBlockingStatus === "blocking"),
  );
  assert.deepEqual(status.map(({ name }) => new URL(name).pathname.split("/").pop()), ["styles.css"]);
});

pageTest("the Content-Security-Policy allows nothing unsafe and no other origin", {}, async (page) => {
  const response = await page.goto("/");
  const policy = response.headers()["content-security-policy"];
  assert.doesNotMatch(policy, /unsafe|\*|https?:|data:|blob:/);
  assert.match(policy, /default-src 'none'/);
});
