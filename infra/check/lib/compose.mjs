// Compose files: the base, and each overlay merged over it as Compose does.

import { documentsOf } from "./tree.mjs";

export const FOLDER = "infra";
export const BASE = `${FOLDER}/compose.yaml`;
// Of these the overlay's replaces the base's; other lists are joined.
const REPLACED = ["command", "entrypoint", "test"];

// [{ name, file, data }]: each file alone, and each overlay over the base.
export function composeFiles(tree) {
  const alone = tree.paths(/^infra\/compose(\.[\w-]+)?\.ya?ml$/).map((file) => ({ name: file, file, data: tree.parsed(file) }));
  return alone.filter(({ data }) => data);
}

export function composed(tree) {
  const files = composeFiles(tree);
  const base = files.find(({ file }) => file === BASE)?.data;
  return files.map(({ file }) => {
    const replaces = file === BASE || isWhole(tree.parsed(file));
    const data = replaces ? tree.parsed(file) : merge(base ?? {}, tagged(tree.files[file]));
    return { name: replaces ? file : `${BASE} with ${file}`, file, data: extended(data, tree) };
  });
}

// Services that are another file's, with changes.
function extended(data, tree) {
  const pairs = Object.entries(data.services ?? {}).map(([name, service]) => {
    const { extends: origin, ...own } = service ?? {};
    const from = origin?.file ? tree.parsed(`${FOLDER}/${origin.file}`) : data;
    return [name, origin ? merge(from?.services?.[origin.service ?? origin] ?? {}, own) : service];
  });
  return { ...data, services: Object.fromEntries(pairs) };
}

// [name, settings] of the services that are not just as in the base, which is checked by itself.
export function ownServices(data, base) {
  const same = (name) => data !== base && JSON.stringify(data.services[name]) === JSON.stringify(base?.services?.[name]);
  return Object.entries(data.services ?? {})
    .filter(([name]) => !same(name))
    .map(([name, settings]) => [name, settings ?? {}]);
}

// A file that names itself is used without the base.
const isWhole = (data) => Boolean(data?.name);

// The file's content, where !reset and !override are kept as marks.
const RESET = Symbol("reset");
const OVERRIDE = Symbol("override");

function tagged(text) {
  const convert = (node) => {
    if (node?.tag === "!reset") return RESET;
    const value =
      node?.items && node.constructor.name === "YAMLMap"
        ? Object.fromEntries(node.items.map(({ key, value }) => [String(key), convert(value)]))
        : undefined;
    const plain = value ?? node?.toJSON?.() ?? node;
    return node?.tag === "!override" ? { [OVERRIDE]: plain } : plain;
  };
  const [document] = documentsOf(text);
  const hasTags = /!(reset|override)\b/.test(text);
  return hasTags ? convert(document.contents) : document.toJS();
}

export function merge(below, above, key) {
  if (above === RESET) return undefined;
  if (above?.[OVERRIDE]) return above[OVERRIDE];
  if (Array.isArray(below) && Array.isArray(above)) return REPLACED.includes(key) ? above : joined(below, above, key);
  const [one, other] = [below, above].map((value) => (key === "environment" ? asMap(value) : value));
  if (!isMap(one) || !isMap(other)) return other === undefined ? one : withoutMarks(other);
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  const pairs = names.map((name) => [name, name in other ? merge(one[name], other[name], name) : one[name]]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function withoutMarks(value) {
  return isMap(value) ? merge({}, value) : value;
}

// Mounts to the same place replace each other.
function joined(below, above, key) {
  const place = (mount) => (key === "volumes" ? targetOf(mount) : JSON.stringify(mount));
  const places = above.map(place);
  return [...below.filter((item) => !places.includes(place(item))), ...above];
}

export const sourceOf = (mount) =>
  typeof mount === "string" ? withDefaults(mount).split(":")[0] : withDefaults(mount.source ?? "");
export const targetOf = (mount) => (typeof mount === "string" ? withDefaults(mount).split(":")[1] : mount.target);

export function asMap(environment) {
  if (!Array.isArray(environment)) return environment;
  return Object.fromEntries(
    environment.map((pair) => [pair.split("=")[0], pair.includes("=") ? pair.slice(pair.indexOf("=") + 1) : null]),
  );
}

const VARIABLE = /(?<!\$)\$\{\w+(?:(:?[-?+])([^${}]*))?\}/g;

// ${NAME:-default} as it is without a .env. What must be given, ${NAME:?message}, is any word.
export function withDefaults(text) {
  let [before, after] = [undefined, String(text)];
  while (after !== before)
    [before, after] = [
      after,
      after.replace(VARIABLE, (_, sign = "", word) => (sign.endsWith("?") ? "given" : sign.endsWith("-") ? word : "")),
    ];
  return after;
}

// Names of variables that a text asks Compose for.
export function variablesIn(text) {
  return [...text.replaceAll("$$", "").matchAll(/\$\{(\w+)|\$([A-Za-z_]\w*)/g)].map(([, braced, bare]) => braced ?? bare);
}

// The names under which a service is reached.
export function hostsOf(data) {
  return Object.entries(data.services ?? {}).flatMap(([name, service]) => {
    const networks = isMap(service?.networks) ? Object.values(service.networks) : [];
    return [name, service?.container_name, service?.hostname, ...networks.flatMap((network) => network?.aliases ?? [])].filter(
      Boolean,
    );
  });
}
