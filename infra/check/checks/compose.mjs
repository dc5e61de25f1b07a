// Compose files: valid, pinned, bounded, watched, and without a file or a variable that is not there.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { join as joinPosix } from "node:path/posix";
import { fileURLToPath } from "node:url";
import Ajv from "ajv";
import {
  BASE,
  FOLDER,
  composeFiles,
  composed,
  ownServices,
  sourceOf,
  targetOf,
  variablesIn,
  withDefaults,
} from "../lib/compose.mjs";
import { documentsOf } from "../lib/tree.mjs";

const ENV = `${FOLDER}/.env.example`;
// dclint carries the Compose specification's schema, and does not export it.
const SCHEMA = join(dirname(fileURLToPath(import.meta.resolve("dclint/package.json"))), "schemas", "compose.schema.json");
const isValid = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema());

function schema() {
  const { $schema, ...rest } = JSON.parse(readFileSync(SCHEMA, "utf8"));
  return rest; // ajv knows its dialect by another address
}

export function compose(tree, report) {
  for (const { name, file, data } of composeFiles(tree)) {
    report.count("compose files");
    validate(name, data, report);
    checkVariables(file, tree, report);
  }
  const stacks = composed(tree);
  const base = stacks.find((stack) => stack.file === BASE)?.data;
  for (const { name, file, data } of stacks) {
    validate(name, data, report);
    for (const [service, settings] of ownServices(data, base)) {
      report.count("services");
      const complain = (wrong, remedy) => report.finding(name, `service ${service}`, wrong, remedy);
      checkService(settings, complain);
      if (!hasHealth(settings) && !saysWhyNot(tree, [file, BASE], service)) {
        complain("has no health check", "Add one, or a comment that says why there is no health check");
      }
      checkDependencies(settings, data.services, complain);
      checkMounts(settings, tree, complain);
    }
    for (const { file: source } of [...Object.values(data.configs ?? {}), ...Object.values(data.secrets ?? {})]) {
      if (source && !tree.exists(local(source)))
        report.finding(name, "", `there is no ${local(source)}`, "Write the file, or mend the path");
    }
  }
  checkExample(tree, report);
}

function validate(name, data, report) {
  if (isValid(data)) return;
  for (const { instancePath, message, params } of isValid.errors.filter(
    ({ keyword }) => !["oneOf", "anyOf", "if"].includes(keyword),
  )) {
    report.finding(
      name,
      instancePath.slice(1).replaceAll("/", "."),
      `${message} ${JSON.stringify(params)}`,
      "Write what the Compose specification knows",
    );
  }
}

function checkService(settings, complain) {
  const image = withDefaults(settings.image ?? "");
  const pinned = /@sha256:[\da-f]{64}$/.test(image) || /:[^:/@]*\d[^:/@]*$/.test(image);
  if (!settings.build && !pinned)
    complain(`its image \`${settings.image}\` is not pinned`, "Name a version, also as a variable's default");
  if (!settings.mem_limit && !settings.deploy?.resources?.limits?.memory) complain("has no memory limit", "Set mem_limit");
  for (const port of settings.ports ?? []) {
    const published = typeof port === "object" ? String(port.published ?? "") : port;
    if (!/\$\{\w+/.test(published))
      complain(`publishes ${published} without a variable`, "Write ${NAME:-default}, and document NAME");
  }
}

const hasHealth = ({ healthcheck }) => Boolean(healthcheck?.test) && !healthcheck.disable;

// A comment above the service or inside it.
function saysWhyNot(tree, files, service) {
  return files
    .filter((file) => tree.files[file])
    .some((file) => {
      const [document] = documentsOf(tree.files[file]);
      const pair = document.get("services")?.items?.find(({ key }) => String(key) === service);
      if (!pair?.value?.range) return false;
      const [above, inside] = [
        tree.files[file].slice(0, pair.key.range[0]),
        tree.files[file].slice(pair.key.range[0], pair.value.range[2]),
      ];
      const [comment] = /(?:^[ ]*#[^\n]*\n)*[ ]*$(?![^])/m.exec(above) ?? [""];
      return (comment + inside).split("\n").some((line) => /^\s*#.*\bhealth check/i.test(line));
    });
}

function checkDependencies({ depends_on: wanted = {} }, services, complain) {
  const pairs = Array.isArray(wanted) ? wanted.map((name) => [name, {}]) : Object.entries(wanted);
  for (const [name, { condition, required } = {}] of pairs) {
    if (!services[name] && required !== false) complain(`depends on ${name}, which is no service`, "Name one, or remove it");
    if (!services[name]) continue;
    if (condition === "service_healthy" && !hasHealth(services[name])) {
      complain(`waits for ${name} to be healthy, which has no health check`, "Add the check, or wait for service_started");
    }
  }
}

function checkMounts({ volumes = [], env_file: env = [] }, tree, complain) {
  const needed = [env].flat().filter((file) => file.required !== false);
  const files = needed.map((file) => file.path ?? file);
  for (const source of [...volumes.map(sourceOf).filter((path) => path.startsWith(".")), ...files]) {
    if (!tree.exists(local(source))) complain(`there is no ${local(source)}`, "Write the file, or mend the path");
  }
  const places = volumes.map(targetOf);
  if (new Set(places).size < places.length) complain("mounts two things at one place", "Remove one");
}

const local = (path) => joinPosix(FOLDER, path);

function example(tree) {
  return [...(tree.files[ENV] ?? "").matchAll(/^#? ?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);
}

function checkVariables(file, tree, report) {
  const documented = example(tree);
  const names = new Set(variablesIn(withoutComments(tree.files[file])));
  for (const name of [...names].filter((one) => !documented.includes(one))) {
    report.finding(file, name, `the variable is not in ${ENV}`, "Document it there");
  }
}

function checkExample(tree, report) {
  const names = example(tree);
  const used = composeFiles(tree).flatMap(({ file }) => variablesIn(withoutComments(tree.files[file])));
  report.count("variables", names.length);
  for (const name of names.filter((one) => !used.includes(one) && !one.startsWith("COMPOSE_"))) {
    report.finding(ENV, name, "no compose file uses the variable", "Use it, or remove it");
  }
  for (const name of names.filter((one, index) => names.indexOf(one) !== index))
    report.finding(ENV, name, "is there twice", "Remove one");
}

const withoutComments = (text) =>
  text
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .join("\n");
