// Checks the observability stack without starting it: exit code 1 and everything that was found, or a summary.
// Usage: node check.mjs [root of the repository]

import { fileURLToPath } from "node:url";
import { checks, expected } from "./checks/all.mjs";
import { Report } from "./lib/report.mjs";
import { readTree } from "./lib/tree.mjs";

const root = process.argv[2] ?? fileURLToPath(new URL("../..", import.meta.url));
const tree = readTree(root);
const report = new Report();
for (const check of checks) check(tree, report);
for (const kind of expected) {
  if (!report.counts[kind])
    report.finding("infra", "", `no ${kind} were checked`, "Look where they are, and where the check looks for them");
}
report.findings.forEach((finding) => console.error(finding));
console.log(
  Object.entries(report.counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", "),
);
console.log(report.findings.length ? `${report.findings.length} findings` : "Nothing found.");
process.exitCode = report.findings.length ? 1 : 0;
