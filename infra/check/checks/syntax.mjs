// Every YAML, JSON and TOML file parses, and says nothing twice.

import { parse } from "../lib/tree.mjs";

export function syntax(tree, report) {
  // Templates of the chart are YAML only after Helm.
  const files = tree.paths(/\.(ya?ml|json|toml)$/).filter((file) => !/^infra\/helm\/.*\/templates\//.test(file));
  for (const file of files) {
    report.count("files of YAML, JSON and TOML");
    for (const error of parse(file, tree.files[file]).errors ?? []) report.finding(file, "", error.replace(/:$/, ""), "Mend it");
  }
}
