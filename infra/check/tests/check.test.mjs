import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("where nothing is, nothing was checked, and that is a failure", () => {
  const root = mkdtempSync(join(tmpdir(), "check-"));
  try {
    ["infra", "docs", "crates"].forEach((folder) => mkdirSync(join(root, folder)));
    const program = fileURLToPath(new URL("../check.mjs", import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, root], { encoding: "utf8" });
    assert.equal(status, 1);
    for (const kind of ["promql", "logql", "traceql", "dashboards", "alerts"]) assert.match(stderr, new RegExp(`no ${kind} were checked`));
    assert.match(stdout, /\d+ findings/);
  } finally {
    rmSync(root, { recursive: true });
  }
});
