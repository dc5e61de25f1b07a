import assert from "node:assert/strict";
import { test } from "node:test";
import { dashboards } from "../checks/dashboards.mjs";
import { expressions } from "../checks/expressions.mjs";
import { found, telemetry } from "./found.mjs";

const prometheus = { type: "prometheus", uid: "prometheus" };
const sources = {
  "infra/grafana/provisioning/datasources/all.yaml": "datasources: [{ name: Prometheus, uid: prometheus, type: prometheus }]",
};
const panel = (id, more = {}) => ({
  id,
  type: "timeseries",
  title: `Panel ${id}`,
  description: "What to do.",
  gridPos: { x: 0, y: id, w: 24, h: 1 },
  datasource: prometheus,
  targets: [{ refId: "A", datasource: prometheus, expr: 'http_requests_in_flight{environment="$environment"}' }],
  ...more,
});
const dashboard = (more = {}) => ({
  id: null,
  uid: "student-registration",
  title: "Monitoring",
  schemaVersion: 41,
  panels: [panel(1), panel(2)],
  templating: { list: [{ type: "query", name: "environment", datasource: prometheus, query: "label_values(up, environment)" }] },
  ...more,
});
const six = ["-dashboard", "", "-slo", "-tracing", "-database", "-telemetry"].map((end) => `student-registration${end}`);
// Six dashboards, of which `more` changes one.
const check = (more, checks = dashboards) => {
  const files = six.map((uid) => [
    `infra/grafana/dashboards/${uid}.json`,
    JSON.stringify(dashboard(uid === "student-registration" ? more : { uid })),
  ]);
  return found(checks, { ...telemetry, ...sources, ...Object.fromEntries(files) });
};

test("right dashboards", () => {
  assert.deepEqual(check({}), []);
  assert.deepEqual(check({}, expressions), []);
});

const other = { type: "loki", uid: "loki" };
const wrong = {
  "has the uid student-registration": { uid: "another" },
  "uid: student-registration-slo is another dashboard's": { uid: "student-registration-slo" },
  "id: is 7": { id: 7 },
  "the dashboard is wrapped": { dashboard: {} },
  "schemaVersion: is 36": { schemaVersion: 36 },
  "Grafana has no panel graph any more. Use timeseries": { panels: [panel(1, { type: "graph" })] },
  "Grafana has no panel my-panel": { panels: [panel(1, { type: "my-panel" })] },
  "its id 1 is missing or another panel's": { panels: [panel(1), panel(2, { id: 1 })] },
  "has no title": { panels: [panel(1, { title: "" })] },
  "has no description": { panels: [panel(1, { description: "" })] },
  "asks nothing": { panels: [panel(1), panel(2, { targets: [] })] },
  "lies over panel": { panels: [panel(1), panel(2, { gridPos: { x: 23, y: 1, w: 1, h: 1 } })] },
  "leaves the 24 columns": { panels: [panel(1, { gridPos: { x: 20, y: 0, w: 12, h: 4 } })] },
  "names no data source, or names it by its title": { panels: [panel(1, { datasource: "Prometheus" })] },
  "the data source loki is not provisioned": {
    panels: [panel(1), panel(2, { datasource: other, targets: [{ refId: "A", datasource: other, expr: "{}" }] })],
  },
  "asks another data source than the panel": {
    panels: [panel(1), panel(2, { targets: [{ refId: "A", datasource: other, expr: "{}" }] })],
  },
  "two queries have the same refId": { panels: [panel(1, { targets: [...panel(1).targets, ...panel(1).targets] })] },
  'annotation "Deploys": the data source x is not provisioned': {
    annotations: { list: [{ name: "Deploys", datasource: { uid: "x" } }] },
  },
  "has no variable `environment`": { templating: { list: [] } },
  "no query uses the variable `environment`": {
    panels: [panel(1, { targets: [{ refId: "A", datasource: prometheus, expr: "up" }] })],
  },
  'variable "route": is not used': { templating: { list: [...dashboard().templating.list, { name: "route", type: "custom" }] } },
  "no dashboard has the uid gone": { links: [{ title: "Gone", url: "/d/gone/title" }] },
  "its queries cannot be read": { panels: [panel(1, { links: [{ title: "Explore", url: "/explore?panes={" }] })] },
};
for (const [message, more] of Object.entries(wrong)) {
  test(`wrong: ${message}`, () => {
    const findings = check(more);
    assert.ok(
      findings.some((finding) => finding.includes(message)),
      findings.join("\n"),
    );
  });
}

const rowed = {
  type: "row",
  id: 9,
  title: "Row",
  gridPos: { x: 0, y: 9, w: 24, h: 1 },
  panels: [panel(3, { targets: [{ refId: "A", datasource: prometheus, expr: "gone_total" }] })],
};
const panes = encodeURIComponent(JSON.stringify({ a: { queries: [{ datasource: prometheus, expr: "gone_total" }] } }));
const asked = {
  'panel "Panel 3"': { panels: [rowed] },
  'link "Explore" of panel "Panel 1"': {
    panels: [panel(1, { links: [{ title: "Explore", url: `/explore?schemaVersion=1&panes=${panes}` }] })],
  },
  'annotation "Deploys"': { annotations: { list: [{ name: "Deploys", datasource: prometheus, expr: "gone_total" }] } },
  'variable "pool"': {
    templating: {
      list: [
        ...dashboard().templating.list,
        { name: "pool", type: "query", datasource: prometheus, query: { query: "label_values(gone_total, pool)" } },
      ],
    },
  },
};
for (const [place, more] of Object.entries(asked)) {
  test(`expressions are found in ${place}`, () => {
    const [finding] = check(more, expressions);
    assert.ok(finding?.includes(`${place}: promql: the metric \`gone_total\` is in no registry`), finding);
  });
}

test("a variable that nobody defines is found", () => {
  const more = { panels: [panel(1, { targets: [{ refId: "A", datasource: prometheus, expr: 'up{job="$job"}' }] })] };
  assert.match(check(more, expressions).join(), /the variable \$job is not defined/);
});
