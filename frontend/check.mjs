// Fails when dist/styles.css is not what a build of the sources gives.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "styles-"));
try {
  const fresh = join(directory, "styles.css");
  const command = join(here, "node_modules", ".bin", "tailwindcss");
  execFileSync(command, ["--input", "styles.css", "--output", fresh, "--minify"], { cwd: here, stdio: "pipe" });
  if (readFileSync(fresh, "utf8") !== readFileSync(join(here, "dist", "styles.css"), "utf8")) {
    console.error("dist/styles.css is not up to date. Run `npm run build` in frontend and commit the result.");
    process.exitCode = 1;
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
