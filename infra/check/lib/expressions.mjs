// Every expression of the repository: { language, text, file, place, dashboard }.

import { labelOf } from "./tempo.mjs";

export const LANGUAGES = { prometheus: "promql", loki: "logql", tempo: "traceql" };

export function panelsOf(dashboard) {
  return (dashboard.panels ?? []).flatMap((panel) => [panel, ...(panel.panels ?? [])]);
}

export function dashboardsIn(tree) {
  return tree.all(/^infra\/grafana\/dashboards\/.*\.json$/);
}

export function expressionsIn(tree) {
  return [
    ...dashboardsIn(tree).flatMap(([file, dashboard]) => inDashboard(file, dashboard)),
    ...tree.all(/^infra\/grafana\/provisioning\/datasources\/.*\.ya?ml$/).flatMap(([file, data]) => inDataSources(file, data)),
    ...tree.all(/^infra\/prometheus\/rules\/.*\.ya?ml$/).flatMap(([file, data]) => inRules(file, data)),
    ...tree.paths(/\.md$/).flatMap((file) => inMarkdown(file, tree.files[file])),
  ];
}

function inDashboard(file, dashboard) {
  const found = [];
  const add = (place, source, query) => {
    const language = LANGUAGES[source?.type];
    if (language && query) found.push(...queries(language, query).map((text) => ({ language, text, file, place, dashboard })));
  };
  for (const panel of panelsOf(dashboard)) {
    for (const target of panel.targets ?? []) add(`panel "${panel.title}"`, target.datasource ?? panel.datasource, target);
    for (const { place, source, query } of inLinks(panel)) add(place, source, query);
  }
  for (const variable of dashboard.templating?.list ?? []) {
    if (variable.type === "query") add(`variable "${variable.name}"`, variable.datasource, asVariable(variable));
  }
  for (const annotation of dashboard.annotations?.list ?? []) {
    add(
      `annotation "${annotation.name}"`,
      annotation.datasource,
      annotation.target?.expr || annotation.target?.query ? annotation.target : annotation,
    );
  }
  return found;
}

function queries(language, query) {
  if (query.queryType === "serviceMap") {
    return [query.serviceMapQuery ?? ""]
      .flat()
      .filter(Boolean)
      .map((selector) => `traces_service_graph_request_total${selector}`);
  }
  const text = language === "traceql" ? query.query : query.expr;
  const isTraceId = language === "traceql" && /^(\$\{?\w+(:\w+)?\}?|[\da-f]{16,32})$/i.test(text?.trim() ?? "");
  return text && !isTraceId ? [text] : [];
}

// What a variable asks for, as an expression that asks for the same.
function asVariable({ query, datasource }) {
  if (datasource?.type === "tempo") return { query: query?.label && `{ ${query.label} != nil }` };
  if (datasource?.type === "loki" && typeof query === "object") {
    return { expr: query.label && `sum by (${query.label}) (count_over_time(${query.stream || '{service_name=~".+"}'} [5m]))` };
  }
  const text = typeof query === "object" ? query?.query : query;
  const [, values, label] = /^label_values\((?:(.*),)?\s*([\w$]+)\s*\)$/s.exec(text ?? "") ?? [];
  const counted = datasource?.type === "loki" ? `count_over_time(${values} [5m])` : (values ?? '{__name__=~".+"}');
  if (label) return { expr: `${datasource?.type === "loki" ? "sum" : "count"} by (${label}) (${counted})` };
  const [, inner] = /^query_result\((.*)\)$/s.exec(text ?? "") ?? [];
  const [, names] = /^metrics\((.*)\)$/s.exec(text ?? "") ?? [];
  return { expr: inner ?? (names ? `count({__name__=~"${names}"})` : /^label_names\(/.test(text ?? "") ? undefined : text) };
}

export function linksOf(panel) {
  const links = [...(panel.links ?? []), ...(panel.fieldConfig?.defaults?.links ?? []), ...(panel.options?.dataLinks ?? [])];
  const overridden = (panel.fieldConfig?.overrides ?? [])
    .flatMap(({ properties = [] }) => properties)
    .filter(({ id }) => id === "links");
  return [...links, ...overridden.flatMap(({ value }) => value ?? [])];
}

function inLinks(panel) {
  return linksOf(panel).flatMap(({ title, url = "", internal }) => {
    const place = `link "${title}" of panel "${panel.title}"`;
    if (internal?.query) return [{ place, source: internal.query.datasource ?? {}, query: internal.query }];
    return (panesOf(url) ?? []).flatMap(({ queries: list = [] }) =>
      list.map((query) => ({ place, source: query.datasource, query })),
    );
  });
}

// Links into Explore carry whole queries. Undefined where they cannot be read.
export function panesOf(url) {
  const [, panes] = /[?&](?:panes|left)=([^&]+)/.exec(url) ?? [];
  if (!panes) return [];
  try {
    const data = JSON.parse(decodeURIComponent(panes));
    return data.queries ? [data] : Object.values(data);
  } catch {
    return undefined;
  }
}

function inDataSources(file, { datasources = [] }) {
  const found = [];
  for (const { name, jsonData = {} } of datasources) {
    const { tracesToMetrics: metrics, tracesToLogsV2: logs } = jsonData;
    for (const query of metrics?.queries ?? []) {
      found.push({
        language: "promql",
        text: withTags(query.query, metrics.tags),
        file,
        place: `${name}, tracesToMetrics "${query.name}"`,
      });
    }
    if (logs?.query)
      found.push({ language: "logql", text: withTags(logs.query, logs.tags), file, place: `${name}, tracesToLogsV2` });
  }
  return found;
}

// Provisioning writes $ as $$; __tags becomes a matcher for each tag.
function withTags(query, tags = []) {
  const matchers = tags.map(({ key, value }) => `${value || labelOf(key)}="$value"`).join(", ");
  return query.replaceAll("$$", "$").replace(/\$\{__tags\}|\$__tags\b/g, () => matchers);
}

function inRules(file, { groups = [] }) {
  return (groups ?? []).flatMap(({ rules = [] }) =>
    rules.map(({ record, alert, expr }) => ({ language: "promql", text: String(expr), file, place: `rule ${record ?? alert}` })),
  );
}

// A fenced block holds an expression a line; one that is longer goes on in lines that are indented.
function inMarkdown(file, text) {
  const blocks = text.matchAll(/^( *)```(promql|logql|traceql)[^\n]*\n(.*?)^ *```/gms);
  return [...blocks].flatMap(({ 1: indent, 2: language, 3: block, index }) => {
    const place = `line ${text.slice(0, index).split("\n").length}`;
    return block
      .split(new RegExp(`^${indent}(?=\\S)`, "m"))
      .filter((part) => part.trim())
      .map((part) => ({ language, text: part, file, place }));
  });
}
