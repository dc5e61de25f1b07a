// A browser by WebDriver (W3C), with plain requests: what the tests of other browsers need of it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const element = "element-6066-11e4-a52e-4f735466cecf"; // the key of an element's reference
const patience = 15_000; // milliseconds

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

// Starts a driver, `command(port)`, with its browser. Selectors of the methods are CSS.
export async function openBrowser({ command, capabilities, env }) {
  const port = await freePort();
  const [program, ...options] = command(port);
  // A group of its own, which ends as a whole: xvfb-run would leave the display and the driver behind.
  const driver = spawn(program, options, { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "pipe"], detached: true });
  const errors = [];
  driver.stderr.on("data", (data) => errors.push(data));
  const closed = once(driver, "close");
  const kill = () => {
    try {
      process.kill(-driver.pid);
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  };
  process.once("exit", kill);

  const request = async (method, path, body) => {
    const options = { method, body: body && JSON.stringify(body), headers: { "content-type": "application/json" } };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, options);
    const { value } = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(`${path}: ${value.error}: ${value.message}`), { code: value.error });
    return value;
  };

  // Asks again until `attempt` gives something.
  const until = async (what, attempt) => {
    const end = Date.now() + patience;
    for (let last; ; await wait(50)) {
      try {
        const value = await attempt();
        if (value) return value;
      } catch (error) {
        last = error;
      }
      if (Date.now() > end) throw new Error(`${what} did not come: ${last ?? ""}\n${errors.join("")}`);
    }
  };

  await until("the driver", async () => (await request("GET", "/status")).ready);
  const { sessionId, capabilities: actual } = await request("POST", "/session", { capabilities: { alwaysMatch: capabilities } });
  const session = (method, path, body) => request(method, `/session/${sessionId}${path}`, body);
  const find = (selector) =>
    until(selector, async () => (await session("POST", "/element", { using: "css selector", value: selector }))[element]);
  const act = async (selector, action, body = {}) => session("POST", `/element/${await find(selector)}/${action}`, body);

  return {
    name: `${actual.browserName} ${actual.browserVersion}`,
    open: (url) => session("POST", "/url", { url }),
    click: (selector) => act(selector, "click"),
    type: async (selector, text) => {
      await act(selector, "clear");
      await act(selector, "value", { text });
    },
    press: async (key) => {
      const actions = ["keyDown", "keyUp"].map((type) => ({ type, value: key }));
      await session("POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
    },
    find,
    run: (script) => session("POST", "/execute/sync", { script, args: [] }),
    waitFor: (what, script) => until(what, () => session("POST", "/execute/sync", { script: `return ${script}`, args: [] })),
    close: async () => {
      await session("DELETE", "").catch(() => {});
      kill();
      await closed;
    },
  };
}
