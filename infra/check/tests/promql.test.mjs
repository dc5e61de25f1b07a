import assert from "node:assert/strict";
import { test } from "node:test";
import { expressions } from "../checks/expressions.mjs";
import { found, telemetry } from "./found.mjs";

const rules = `
groups:
  - name: recorded
    rules:
      - { record: "requests:rate5m", expr: "sum by (environment) (rate(http_requests_total[5m]))", labels: { window: 5m } }
      - { alert: TooMany, expr: "requests:rate5m > 5", labels: { severity: page } }
`;
const check = (text, more = {}) =>
  found(expressions, {
    ...telemetry,
    "infra/prometheus/rules/slo.yml": rules,
    ...more,
    "docs/a.md": `\`\`\`promql\n${text}\n\`\`\`\n`,
  });

const right = [
  'sum by (le) (rate(http_request_duration_seconds_bucket{le="0.25", method="POST", environment="$environment"}[$__rate_interval]))',
  'histogram_quantile(0.95, sum by (le, method) (rate(http_request_duration_seconds_bucket{le=~"1.0|.Inf"}[5m])))',
  'http_request_duration_seconds_count{method!=""} / http_request_duration_seconds_sum',
  'sum by (endpoint) (http_requests_total{status_code=~"5.."}) / ignoring (endpoint) group_left () sum(http_requests_total)',
  "topk(3, sum by (endpoint) (http_requests_total)) and on () http_requests_in_flight > 1",
  'label_replace(up{job="mariadb"}, "name", "$1", "instance", "(.*):.*") * on (name) group_left (x) label_replace(label_replace(mysql_up, "x", "", "", ""), "name", "", "", "")',
  'requests:rate5m{window="5m", environment="development"}',
  'ALERTS{alertname="TooMany", alertstate="firing", severity=~"page"}',
  'count({__name__=~"http_.*"}) or vector(0)',
  'sum(rate(traces_spanmetrics_calls_total{service="student-registration-web", span_name=~".+"}[5m]))',
  "time() - 5 * 60",
];
for (const text of right) test(`right: ${text}`, () => assert.deepEqual(check(text), []));

const wrong = {
  "sum(rate(http_requests_total[5m])": /^docs\/a\.md: line 1: promql: (does not parse|ends too early)/,
  http_request_total: /the metric `http_request_total` is in no registry/,
  http_request_duration_seconds: /is a histogram: only _bucket, _sum and _count/,
  http_requests_in_flight_count: /has the suffix _count, but http_requests_in_flight is a gauge/,
  'http_requests_total{path="/"}':
    /`http_requests_total` has no label `path`; it has `endpoint`, `environment`, `instance`, `job`, `method`, `status_code`/,
  'http_requests_total{endpoint="/registre"}':
    /the value of `endpoint` in `http_requests_total` is not a known value: `\/registre`, known are `\/`, `\/register`/,
  'http_requests_total{status_code=~"4.."}': /matches none of the known values: `4\.\.`/,
  'http_requests_total{status_code=~"500|503"}': /matches none of the known values: `503`/,
  'http_requests_total{status_code=~"4("}': /is not a regular expression/,
  'http_requests_total{status_code=~"5\\."}': /has an escape that is none/,
  'http_request_duration_seconds_bucket{le="1"}': /is not a known value: `1`, known are `\+Inf`, `0\.25`, `1\.0`/,
  'up{job="api"}': /the value of `job` in `up` is not a known value/,
  'mysql_up{environment="development"}': /`mysql_up` has no label `environment`/,
  "sum by (path) (http_requests_total)": /`sum` has no label `path`/,
  "sum by (method) (sum by (endpoint) (http_requests_total))": /`sum` has no label `method`; it has `endpoint`/,
  "sum without (path) (http_requests_total)": /`sum` has no label `path`/,
  "http_requests_total * on (method) mysql_up": /`on\(\) of \*` has no label `method`; it has `instance`, `job`/,
  "http_requests_total * on (job) group_left (version) mysql_up": /`group_left\(\) or group_right\(\)` has no label `version`/,
  "sum by (endpoint) (http_requests_total) / sum(http_requests_total)":
    /nothing on one side of `\/` has the labels of the other: `endpoint`/,
  "histogram_quantile(0.9, sum(http_request_duration_seconds_bucket))": /`histogram_quantile` has no label `le`; it has none/,
  'label_replace(up, "a", "$1", "host", "(.*)")': /`label_replace` has no label `host`/,
  '{__name__=~"nginx_.*"}': /the metric's name matches none/,
  'requests:rate5m{endpoint="/"}': /`requests:rate5m` has no label `endpoint`; it has `environment`, `window`/,
  'requests:rate5m{window="1h"}': /is not a known value: `1h`/,
  'ALERTS{alertname="TooFew"}': /the value of `alertname` in `ALERTS` is not a known value/,
  "sum by (http_route) (traces_spanmetrics_calls_total)": /`sum` has no label `http_route`/,
  'traces_spanmetrics_calls_total{environment="development"}': /has no label `environment`/,
};
for (const [text, message] of Object.entries(wrong)) {
  test(`wrong: ${text}`, () => {
    const findings = check(text);
    assert.equal(findings.length, 1, findings.join("\n"));
    assert.match(findings[0], message);
    assert.match(findings[0], /Mend the expression, or enter into a telemetry.toml/);
  });
}

test("a dimension of Tempo's span metrics is a label", () => {
  const tempo = "metrics_generator: { processor: { span_metrics: { dimensions: [http.route] } } }";
  assert.deepEqual(check("sum by (http_route) (traces_spanmetrics_calls_total)", { "infra/tempo/tempo.yaml": tempo }), []);
});

test("rules are checked as well", () => {
  const broken = rules.replace("http_requests_total", "http_request_total");
  assert.match(
    check("up", { "infra/prometheus/rules/slo.yml": broken }).join(),
    /slo\.yml: rule requests:rate5m: promql: the metric `http_request_total`/,
  );
});
