// Dashboards: panels that Grafana still has, in places of their own, from data sources that are provisioned.

import { expressionsIn, dashboardsIn, linksOf, panelsOf, panesOf } from "../lib/expressions.mjs";
import { usesVariable } from "../lib/variables.mjs";
import { dataSourceUids } from "./data-sources.mjs";

const REQUIRED = [
  "student-registration-dashboard",
  "student-registration",
  "student-registration-slo",
  "student-registration-tracing",
  "student-registration-database",
  "student-registration-telemetry",
];
const PANELS = [
  "alertlist",
  "annolist",
  "barchart",
  "bargauge",
  "candlestick",
  "canvas",
  "dashlist",
  "flamegraph",
  "gauge",
  "geomap",
  "heatmap",
  "histogram",
  "logs",
  "news",
  "nodeGraph",
  "piechart",
  "row",
  "stat",
  "state-timeline",
  "status-history",
  "table",
  "text",
  "timeseries",
  "traces",
  "trend",
  "xychart",
];
const SUCCESSORS = {
  graph: "timeseries",
  singlestat: "stat",
  "table-old": "table",
  worldmap: "geomap",
  "grafana-worldmap-panel": "geomap",
  "grafana-piechart-panel": "piechart",
  "heatmap-new": "heatmap",
  "graph-old": "timeseries",
  trace: "traces",
};
const BUILT_IN = ["-- Grafana --", "-- Mixed --", "-- Dashboard --", "grafana", "__expr__"];
const WIDTH = 24;

export function dashboards(tree, report) {
  const all = dashboardsIn(tree);
  const uids = all.map(([, { uid }]) => uid);
  const sources = [...dataSourceUids(tree), ...BUILT_IN];
  const asked = expressionsIn(tree);
  for (const [file, dashboard] of all) {
    report.count("dashboards");
    const complain = (place, wrong, remedy) => report.finding(file, place, wrong, remedy);
    checkHead(dashboard, uids, complain);
    checkVariables(
      dashboard,
      asked.filter((expression) => expression.dashboard === dashboard),
      complain,
    );
    checkSources(dashboard, sources, complain);
    checkLinks(dashboard, uids, complain);
    checkPlaces(dashboard.panels ?? [], complain);
    const ids = panelsOf(dashboard).map(({ id }) => id);
    for (const panel of panelsOf(dashboard)) {
      report.count("panels");
      checkPanel(panel, ids, complain);
    }
  }
  for (const uid of REQUIRED.filter((wanted) => !uids.includes(wanted))) {
    report.finding(
      "infra/grafana/dashboards",
      "",
      `no dashboard has the uid ${uid}`,
      "Write it, or give it back its uid: people have links to it",
    );
  }
}

function checkHead(dashboard, uids, complain) {
  if (dashboard.dashboard || dashboard.spec) complain("", "the dashboard is wrapped", "Keep only what is inside the wrapper");
  if (dashboard.id !== null && dashboard.id !== undefined)
    complain("id", `is ${dashboard.id}`, "Make it null: Grafana gives out its own");
  if (!dashboard.uid || !dashboard.title) complain("", "has no uid or no title", "Give it both");
  if (uids.filter((uid) => uid === dashboard.uid).length > 1)
    complain("uid", `${dashboard.uid} is another dashboard's as well`, "Give each its own");
  const { schemaVersion: version } = dashboard;
  if (!(version >= 41)) complain("schemaVersion", `is ${version}`, "Write 41 or above, for which Grafana need not migrate it");
}

function checkVariables(dashboard, expressions, complain) {
  const names = (dashboard.templating?.list ?? []).map(({ name }) => name);
  const asked = expressions.filter(({ language }) => language === "promql");
  if (asked.length && !names.includes("environment"))
    complain("templating", "has no variable `environment`", "Add it, so that one environment's figures are seen");
  if (asked.length && !asked.some(({ text }) => usesVariable(text, "environment"))) {
    complain("templating", "no query uses the variable `environment`", 'Put environment="$environment" into the selectors');
  }
  const everything = JSON.stringify({ ...dashboard, templating: undefined });
  const others = JSON.stringify(dashboard.templating?.list?.map(({ query, stream }) => [query, stream]) ?? []);
  for (const name of names.filter((one) => !usesVariable(everything, one) && !usesVariable(others, one))) {
    complain(`variable "${name}"`, "is not used", "Use it, or remove it");
  }
}

function checkSources(dashboard, known, complain) {
  const check = (place, source) => {
    const remedy = 'Write { "type": …, "uid": … } with a uid of infra/grafana/provisioning/datasources';
    if (typeof source !== "object" || source === null)
      return complain(place, "names no data source, or names it by its title", remedy);
    if (!known.includes(source.uid)) complain(place, `the data source ${source.uid} is not provisioned`, remedy);
  };
  for (const panel of panelsOf(dashboard)) {
    const place = `panel "${panel.title}"`;
    const targets = panel.targets ?? [];
    if (targets.length) check(place, panel.datasource);
    for (const target of targets) {
      check(`${place}, query ${target.refId}`, target.datasource);
      const { type, uid } = panel.datasource ?? {};
      if (uid !== "-- Mixed --" && target.datasource?.type !== "__expr__" && type !== target.datasource?.type) {
        complain(
          place,
          `query ${target.refId} asks another data source than the panel`,
          "Make them the same, or the panel's `-- Mixed --`",
        );
      }
    }
    const refs = targets.map(({ refId }) => refId);
    if (new Set(refs).size < refs.length) complain(place, "two queries have the same refId", "Name them A, B, C");
  }
  for (const variable of dashboard.templating?.list ?? []) {
    if (variable.type === "query") check(`variable "${variable.name}"`, variable.datasource);
  }
  for (const annotation of dashboard.annotations?.list ?? []) check(`annotation "${annotation.name}"`, annotation.datasource);
}

function checkLinks(dashboard, uids, complain) {
  const links = [...(dashboard.links ?? []), ...panelsOf(dashboard).flatMap(linksOf)];
  for (const { title, url = "" } of links) {
    const [, uid] = /\/d\/([^/?#]+)/.exec(url) ?? [];
    if (uid && !uid.includes("$") && !uids.includes(uid))
      complain(`link "${title}"`, `no dashboard has the uid ${uid}`, "Lead it to one that exists");
    if (!panesOf(url)) complain(`link "${title}"`, "its queries cannot be read", "Write them as JSON, percent-encoded");
  }
}

function checkPanel(panel, ids, complain) {
  const place = `panel "${panel.title}"`;
  if (panel.type in SUCCESSORS) complain(place, `Grafana has no panel ${panel.type} any more`, `Use ${SUCCESSORS[panel.type]}`);
  else if (!PANELS.includes(panel.type)) complain(place, `Grafana has no panel ${panel.type}`, "Use one of its own panels");
  if (ids.filter((id) => id === panel.id).length > 1 || !Number.isInteger(panel.id)) {
    complain(place, `its id ${panel.id} is missing or another panel's as well`, "Number the panels");
  }
  if (!panel.title) complain(`panel ${panel.id}`, "has no title", "Say what it shows");
  if (panel.type !== "row" && !panel.description)
    complain(place, "has no description", "Say how to read it, and what to do when it looks bad");
  const expectsQueries = !["row", "text", "dashlist", "alertlist", "annolist", "news"].includes(panel.type);
  if (expectsQueries && !panel.targets?.length) complain(place, "asks nothing", "Give it a query, or remove it");
}

// Panels of a collapsed row share their places with what is below it.
function checkPlaces(panels, complain) {
  const free = ({ x, y, w, h }) => x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= WIDTH;
  const apart = (a, b) => a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
  panels.forEach((panel, index) => {
    const place = `panel "${panel.title}"`;
    if (!panel.gridPos || !free(panel.gridPos))
      complain(place, "its gridPos is missing, or leaves the 24 columns", "Place it within them");
    for (const other of panels.slice(index + 1)) {
      if (panel.gridPos && other.gridPos && !apart(panel.gridPos, other.gridPos)) {
        complain(place, `lies over panel "${other.title}"`, "Move one of them");
      }
    }
    if (panel.panels?.length) checkPlaces(panel.panels, complain);
  });
}
