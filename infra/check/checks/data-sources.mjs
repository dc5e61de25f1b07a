// Provisioned data sources, and the ways between them.

import { LogLabels } from "../lib/logql.mjs";
import { readTelemetry } from "../lib/telemetry.mjs";
import { exemplarLabel } from "../lib/tempo.mjs";
import { usesVariable } from "../lib/variables.mjs";

const FILES = /^infra\/grafana\/provisioning\/datasources\/.*\.ya?ml$/;
const GONE = { tracesToLogs: "tracesToLogsV2", lokiSearch: "search" };

export function dataSourceUids(tree) {
  return tree.all(FILES).flatMap(([, { datasources = [] }]) => datasources.map(({ uid }) => uid));
}

export function dataSources(tree, report) {
  const uids = dataSourceUids(tree);
  const telemetry = readTelemetry(tree);
  const labels = new LogLabels(tree, telemetry);
  for (const [file, { datasources = [] }] of tree.all(FILES)) {
    for (const source of datasources) {
      report.count("data sources");
      const complain = (wrong, remedy) => report.finding(file, source.name, wrong, remedy);
      if (!source.uid) complain("has no uid", "Give it one: dashboards name it");
      if (uids.filter((uid) => uid === source.uid).length > 1)
        complain(`the uid ${source.uid} is used twice`, "Give each its own");
      for (const name of Object.keys(GONE).filter((old) => source.jsonData?.[old]))
        complain(`${name} is obsolete`, `Use ${GONE[name]}`);
      for (const uid of targets(source.jsonData).filter((one) => !uids.includes(one)))
        complain(`leads to the data source ${uid}, which is not provisioned`, "Name one that is");
      for (const text of strings(source)) {
        const [alone] = /(?<!\$)(?:\$\$)*\$(?!\$)\{?_*[a-z]\w*/.exec(text) ?? [];
        if (alone) complain(`a $ is not doubled at \`${alone}\``, "Write $$: a single one names a variable of the environment");
      }
      checkTags(source.jsonData ?? {}, telemetry, complain);
      const exemplars = (source.jsonData?.exemplarTraceIdDestinations ?? []).map(({ name }) => name);
      if (source.type === "prometheus" && !exemplars.includes(exemplarLabel(tree))) {
        complain(
          `no exemplar leads from the label ${exemplarLabel(tree)} to a trace`,
          "Name it in exemplarTraceIdDestinations, or set trace_id_label_name in Tempo",
        );
      }
      for (const { name, matcherType, matcherRegex } of source.jsonData?.derivedFields ?? []) {
        if (matcherType === "label" && !labels.metadata.has(matcherRegex) && !labels.streams.has(matcherRegex)) {
          complain(
            `the derived field ${name} looks for the label ${matcherRegex}, which no line has`,
            "Name a label or an attribute that Loki keeps",
          );
        }
      }
    }
  }
}

// That the labels exist in the metrics is seen where the queries are checked.
function checkTags({ tracesToMetrics: metrics, tracesToLogsV2: logs }, telemetry, complain) {
  const known = new Set([...telemetry.spanAttributes, ...telemetry.resourceAttributes]);
  for (const { key } of [...(metrics?.tags ?? []), ...(logs?.tags ?? [])].filter(({ key }) => !known.has(key))) {
    complain(`the tag ${key} is on no span`, "Name an attribute of a registry");
  }
  for (const queries of [(metrics?.queries ?? []).map(({ query }) => query), logs?.customQuery ? [logs.query ?? ""] : []]) {
    if (queries.length && !queries.some((query) => usesVariable(query.replaceAll("$$", "$"), "__tags"))) {
      complain("no query uses $$__tags", "Put it into the selectors, or remove the tags");
    }
  }
}

// Every uid that the settings name, however deep.
function targets(settings) {
  if (typeof settings !== "object" || settings === null) return [];
  return Object.entries(settings).flatMap(([key, value]) => (key === "datasourceUid" ? [value] : targets(value)));
}

export function strings(value) {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
}
