// Prints every PromQL expression as a recording rule, for promtool: it also knows the types, which the grammar does not.
// Usage: node promql.mjs [root of the repository]

import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { literal } from "./checks/expressions.mjs";
import { expressionsIn } from "./lib/expressions.mjs";
import { readTree } from "./lib/tree.mjs";

const tree = readTree(process.argv[2] ?? fileURLToPath(new URL("../..", import.meta.url)));
const rules = expressionsIn(tree)
  .filter(({ language }) => language === "promql")
  .map((expression, index) => ({
    record: `expression:${index + 1}`,
    expr: literal(expression),
    // promtool's message shows them.
    labels: { file: expression.file, place: expression.place },
  }));
console.log(stringify({ groups: [{ name: "expressions", rules }] }));
