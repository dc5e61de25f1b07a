// What a configuration reads from its environment is given to its program.

import { join } from "node:path/posix";
import { BASE, FOLDER, asMap, composed, ownServices, sourceOf } from "../lib/compose.mjs";

// ${NAME} and ${env:NAME} without a default, and $__env{NAME}, but nothing after another $.
const WANTED = /(?<!\$)\$\{(?:env:)?([A-Z][A-Z0-9_]*)\}|\$__env\{(\w+)\}|sys\.env\("(\w+)"\)/g;

export function settings(tree, report) {
  const stacks = composed(tree);
  const base = stacks.find(({ file }) => file === BASE)?.data;
  for (const { name, data } of stacks) {
    for (const [service, { volumes = [], environment = {} }] of ownServices(data, base)) {
      const given = Object.keys(asMap(environment));
      const paths = volumes
        .map(sourceOf)
        .filter((source) => source.startsWith("."))
        .map((source) => join(FOLDER, source));
      for (const file of tree.paths(/./).filter((one) => paths.some((path) => one === path || one.startsWith(`${path}/`)))) {
        for (const [, ...names] of tree.files[file].matchAll(WANTED)) {
          const wanted = names.find(Boolean);
          if (!given.includes(wanted))
            report.finding(
              name,
              `service ${service}`,
              `${file} reads ${wanted}, which it is not given`,
              "Add it to `environment`",
            );
        }
      }
    }
  }
}
