// Starts the service on a free port with an empty database, and stops it.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

// Gives { origin, directory, created(), run(), end(), stop() }: its address and folder, the number of registrations it has stored,
// one of its commands on the same database, and the functions that stop it, `end` without removing its folder;
// both may be called again. `env` overrides the configuration, `from` is a folder whose database is copied.
export async function startService(env = {}, from = undefined) {
  const binary = process.env.STUDENT_REGISTRATION_BIN;
  if (!binary) {
    throw new Error("Set STUDENT_REGISTRATION_BIN to the path of the student-registration binary.");
  }
  const directory = await mkdtemp(join(tmpdir(), "student-registration-"));
  if (from) await cp(from, directory, { recursive: true });
  const options = {
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
  };
  const child = spawn(resolve(binary), ["serve"], { ...options, stdio: ["ignore", "pipe", "inherit"] });
  const kill = () => child.kill();
  process.once("exit", kill);
  const exited = once(child, "exit");
  const forget = () => process.off("exit", kill);
  exited.then(forget, forget);
  const end = async () => {
    child.kill("SIGTERM");
    await exited;
  };
  const stop = async () => {
    await end();
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
  const run = async (...command) => (await promisify(execFile)(resolve(binary), command, options)).stdout;
  return { origin, directory, created, run, end, stop };
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}
