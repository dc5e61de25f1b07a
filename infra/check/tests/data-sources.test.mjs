import assert from "node:assert/strict";
import { test } from "node:test";
import { dataSources } from "../checks/data-sources.mjs";
import { expressions } from "../checks/expressions.mjs";
import { found, telemetry } from "./found.mjs";

const file = "infra/grafana/provisioning/datasources/all.yaml";
const right = `
datasources:
  - name: Prometheus
    uid: prometheus
    type: prometheus
    jsonData: { exemplarTraceIdDestinations: [{ name: traceID, datasourceUid: tempo }] }
  - name: Tempo
    uid: tempo
    type: tempo
    jsonData:
      tracesToLogsV2:
        datasourceUid: loki
        customQuery: true
        tags: [{ key: service.name, value: service_name }]
        query: '{$\${__tags}} | trace_id = "$\${__trace.traceId}"'
      tracesToMetrics:
        datasourceUid: prometheus
        tags: [{ key: service.name, value: service }]
        queries: [{ name: Rate, query: 'sum(rate(traces_spanmetrics_calls_total{$$__tags}[5m]))' }]
  - name: Loki
    uid: loki
    type: loki
    jsonData: { derivedFields: [{ name: trace, matcherType: label, matcherRegex: trace_id, datasourceUid: tempo, url: '$\${__value.raw}' }] }
`;
const check = (one, other, checks = dataSources) => {
  assert.ok(right.includes(one), one);
  return found(checks, { ...telemetry, [file]: right.replace(one, () => other) });
};

test("right data sources", () => {
  assert.deepEqual(check("", ""), []);
  assert.deepEqual(check("", "", expressions), []);
});

const wrong = {
  "Tempo: leads to the data source lokki": ["datasourceUid: loki\n", "datasourceUid: lokki\n"],
  "Loki: the uid tempo is used twice": ["uid: loki\n", "uid: tempo\n"],
  "Loki: has no uid": ["    uid: loki\n", ""],
  "a $ is not doubled at `${__tags`": ["$${__tags}", "${__tags}"],
  "the tag service is on no span": ["{ key: service.name, value: service }", "{ key: service, value: service }"],
  "no query uses $$__tags": ["{$$__tags}", ""],
  "looks for the label traceid, which no line has": ["matcherRegex: trace_id", "matcherRegex: traceid"],
  "tracesToLogs is obsolete. Use tracesToLogsV2": ["tracesToLogsV2", "tracesToLogs"],
  "no exemplar leads from the label traceID": ["name: traceID", "name: trace_id"],
};
for (const [message, [one, other]] of Object.entries(wrong)) {
  test(`wrong: ${message}`, () => {
    const findings = check(one, other);
    assert.ok(
      findings.some((finding) => finding.includes(message)),
      findings.join("\n"),
    );
  });
}

test("a tag must be a label of the metric that is asked", () => {
  const findings = check(
    "tags: [{ key: service.name, value: service }]",
    "tags: [{ key: http.route, value: http_route }]",
    expressions,
  );
  assert.match(
    findings.join(),
    /Tempo, tracesToMetrics "Rate": promql: `traces_spanmetrics_calls_total` has no label `http_route`/,
  );
});

test("a tag must be a label of the streams", () => {
  const findings = check("value: service_name", "value: service", expressions);
  assert.match(findings.join(), /Tempo, tracesToLogsV2: logql: `service` is not a label of a stream/);
});
