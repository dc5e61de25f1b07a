// Programs reach each other by the names and ports of the compose files.

import { join } from "node:path/posix";
import { BASE, FOLDER, composed, hostsOf, ownServices, sourceOf, withDefaults } from "../lib/compose.mjs";
import { scrapeTargets } from "../lib/scrape.mjs";
import { strings } from "./data-sources.mjs";

const CONFIGS =
  /^infra\/(collector|tempo|loki|alertmanager|alloy|minimal|nginx|grafana\/provisioning)\/.*\.(ya?ml|alloy|conf|template)$/;
const LOCAL = /^(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::\]|::1?)$/;
// A URL, or a name with a port that stands alone.
const ADDRESS = /(?:[a-z+]+:\/\/)(?:[^/@\s"']*@)?([\w.-]+)(?::(\d+))?|(?:^|["'\s])([a-z][\w.-]*):(\d{2,5})(?=["'\s/;]|$)/g;

export function hosts(tree, report) {
  const stacks = composed(tree);
  const base = stacks.find(({ name }) => name === BASE)?.data;
  if (!base) return;
  const all = new Set(stacks.flatMap(({ data }) => hostsOf(data)));
  const remedy = "Name a service of the compose files, and a port that it listens on";
  const check = (file, place, host, port, data = merged(stacks)) => {
    report.count("addresses");
    if (LOCAL.test(host) || /\$|(^|\.)example\.(org|com)$/.test(host)) return;
    if (!all.has(host)) return report.finding(file, place, `${host} is no service`, remedy);
    if (port && !listens(data, host, port, tree))
      report.finding(file, place, `nothing says that ${host} listens on ${port}`, `${remedy}; \`expose\` says it`);
  };
  for (const [job, target] of scrapeTargets(tree)) {
    check("infra/prometheus/prometheus.yml", `job ${job}`, ...target.split(":"));
  }
  for (const file of tree.paths(CONFIGS)) {
    for (const text of texts(tree, file)) {
      for (const [, host, port, name, number] of text.matchAll(ADDRESS)) check(file, "", host ?? name, port ?? number);
    }
  }
  for (const { name, data } of stacks) {
    for (const [service, { environment = {}, command = [] }] of ownServices(data, base)) {
      for (const text of strings([environment, command]).map(withDefaults)) {
        for (const [, host, port] of text.matchAll(ADDRESS))
          if (host && !host.includes(".")) check(name, `service ${service}`, host, port, data);
      }
    }
  }
}

function texts(tree, file) {
  const data = tree.parsed(file);
  if (/\.ya?ml$/.test(file)) return strings(data).map((text) => text.replace(/\$\{env:\w+:-([^}]*)\}/g, "$1"));
  return tree.files[file].split("\n").map((line) => line.replace(/(^|\s)(#|\/\/ ).*/, ""));
}

const merged = (stacks) => ({ services: Object.assign({}, ...stacks.map(({ data }) => data.services).reverse()) });

// A port that the service publishes or exposes, or that stands in its settings or its configuration.
function listens(data, host, port, tree) {
  const services = Object.entries(data.services ?? {}).filter(([name, service]) =>
    hostsOf({ services: { [name]: service } }).includes(host),
  );
  const word = new RegExp(`(^|\\D)${port}(\\D|$)`);
  return services.some(([, { environment, command, healthcheck, ports, expose, build, volumes = [] }]) => {
    const said = withDefaults(JSON.stringify([environment, command, healthcheck, ports, expose]));
    const mounted = volumes.map((mount) => tree.files[join(FOLDER, sourceOf(mount))] ?? "");
    const image = build?.dockerfile ? (tree.files[join(FOLDER, build.context, build.dockerfile)] ?? "") : "";
    return [said, image, ...mounted].some((text) => word.test(text));
  });
}
