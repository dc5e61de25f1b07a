// Parses LogQL and TraceQL with Grafana's grammars: a JSON array [language, text] a line in, {error, tree} a line out,
// where a tree is [name, from, to, children].

import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.NODE_TOOLS}/`);
const parsers = { logql: require("@grafana/lezer-logql").parser, traceql: require("@grafana/lezer-traceql").parser };

for await (const line of createInterface({ input: process.stdin })) {
  const [language, text] = JSON.parse(line);
  let error = text.trim() ? null : "is empty";
  const tree = (node) => {
    if (node.type.isError) error ??= `does not parse at \`${text.slice(node.from, node.from + 30)}\``;
    const children = [];
    for (let child = node.firstChild; child; child = child.nextSibling) children.push(tree(child));
    return [node.name, node.from, node.to, children];
  };
  const result = tree(parsers[language].parse(text).topNode);
  console.log(JSON.stringify({ error, tree: error ? null : result }));
}
