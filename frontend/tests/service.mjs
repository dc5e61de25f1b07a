// Starts the service on a free port with an empty database, and stops it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

// Gives { origin, created(), stop() }: its address, the number of registrations it has stored, and the
// function that stops it, which may be called again. `env` overrides the configuration.
export async function startService(env = {}) {
  const binary = process.env.STUDENT_REGISTRATION_BIN;
  if (!binary) {
    throw new Error("Set STUDENT_REGISTRATION_BIN to the path of the student-registration binary.");
  }
  const directory = await mkdtemp(join(tmpdir(), "student-registration-"));
  const child = spawn(resolve(binary), ["serve"], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      LISTEN_ADDR: "127.0.0.1:0",
      ADMIN_LISTEN_ADDR: "",
      DATABASE_URL: `sqlite://${join(directory, "r.db")}`,
      LOG_FORMAT: "json",
      RATE_LIMIT: "off",
      MINIMUM_FILL_TIME: "0",
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  process.once("exit", () => child.kill());
  const exited = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    await exited;
    await rm(directory, { recursive: true, force: true });
  };

  const lines = [];
  const address = await new Promise((listening, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      const { body, attributes } = parse(line);
      if (body === "Listening" && attributes?.listener === "application") listening(attributes.address);
    });
    exited.then(
      ([code, signal]) => reject(new Error(`The service ended (${code ?? signal}):\n${lines.join("\n")}`)),
      reject,
    );
  });

  const origin = `http://${address}`;
  const created = async () => {
    const metrics = await (await fetch(`${origin}/metrics`)).text();
    return Number(/^student_registration_requests_total\{method="POST",outcome="created"\} (\d+)$/m.exec(metrics)[1]);
  };
  return { origin, created, stop };
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}
