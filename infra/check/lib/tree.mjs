// The files that the checks read. In tests a handful of made-up ones take their place.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse as parseToml } from "smol-toml";
import { parseAllDocuments } from "yaml";

// Installed packages, and this package, whose tests hold what is broken.
const SKIPPED = /^(node_modules|check|\..*)$/;

export class Tree {
  #parsed = new Map();

  // `files` maps paths from the repository's root to texts; `exists` also knows the files that are not read.
  constructor(files, exists = (path) => Object.keys(files).some((file) => file === path || file.startsWith(`${path}/`))) {
    this.files = files;
    this.exists = exists;
  }

  paths(pattern) {
    return Object.keys(this.files).filter((path) => pattern.test(path));
  }

  // The content of a file, or undefined where there is none or it does not parse, which `syntax` reports.
  parsed(path) {
    if (!this.#parsed.has(path)) this.#parsed.set(path, path in this.files ? parse(path, this.files[path]).data : undefined);
    return this.#parsed.get(path);
  }

  // Pairs of path and content.
  all(pattern) {
    const pairs = this.paths(pattern).map((path) => [path, this.parsed(path)]);
    return pairs.filter(([, data]) => data !== undefined && data !== null);
  }
}

// Gives { data } or { errors }.
export function parse(path, text) {
  try {
    if (path.endsWith(".toml")) return { data: parseToml(text), errors: [] };
    const documents = documentsOf(text);
    const errors = documents.flatMap((document) => document.errors.map(({ message }) => message.split("\n")[0]));
    if (path.endsWith(".json")) JSON.parse(text);
    return { data: errors.length ? undefined : documents[0]?.toJS(), errors };
  } catch (error) {
    return { errors: [error.message.split("\n")[0]] };
  }
}

// JSON is YAML, and its duplicate keys are found only this way.
export function documentsOf(text) {
  return parseAllDocuments(text, { merge: true, uniqueKeys: true, customTags: composeTags });
}

// What compose files use in overlays to undo or replace what a file before them says.
const composeTags = ["!reset", "!override"].flatMap((tag) => [
  { tag, collection: "map" },
  { tag, collection: "seq" },
  { tag, resolve: () => null },
]);

export function readTree(root) {
  const files = {};
  const wanted = /\.(ya?ml|json|toml|md|alloy|conf|template|example)$|^Dockerfile/;
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      if (entry.isDirectory() && !SKIPPED.test(entry.name)) walk(path);
      else if (entry.isFile() && wanted.test(entry.name)) files[path] = readFileSync(join(root, path), "utf8");
    }
  };
  ["infra", "docs"].forEach(walk);
  for (const crate of readdirSync(join(root, "crates"))) {
    const path = `crates/${crate}/telemetry.toml`;
    if (existsSync(join(root, path))) files[path] = readFileSync(join(root, path), "utf8");
  }
  return new Tree(files, (path) => existsSync(join(root, path)));
}
