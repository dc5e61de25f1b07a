import assert from "node:assert/strict";
import { test } from "node:test";
import { alerts } from "../checks/alerts.mjs";
import { found, telemetry } from "./found.mjs";

const right = {
  ...telemetry,
  "infra/prometheus/rules/alerts.yml": `
groups:
  - name: alerts
    rules:
      - alert: ManyRequests
        expr: sum by (environment) (http_requests_in_flight) > 5
        labels: { severity: page }
        annotations:
          summary: "Many requests in {{ $labels.environment }}"
          description: They wait.
          runbook: docs/runbooks/ManyRequests.md
          dashboard: student-registration
`,
  "infra/prometheus/drills.toml": `
[[drill]]
alert = "ManyRequests"
fault = "latency"
meaning = "Answers take longer."
faults = "latency=1s"
stop = ""
lock = ""
load = true
`,
  "infra/prometheus/tests/alerts.yml": `
tests:
  - alert_rule_test:
      - { alertname: ManyRequests, eval_time: 10m, exp_alerts: [{ exp_labels: { severity: page, environment: test } }] }
      - { alertname: ManyRequests, eval_time: 1h30m }
  - alert_rule_test:
      - { alertname: ManyRequests, eval_time: 10m, exp_alerts: [] }
`,
  "docs/runbooks/ManyRequests.md": "# ManyRequests",
  "infra/grafana/dashboards/monitoring.json": '{"uid": "student-registration"}',
};
const [rules, drills, cases] = [
  "infra/prometheus/rules/alerts.yml",
  "infra/prometheus/drills.toml",
  "infra/prometheus/tests/alerts.yml",
];
const check = (file, one, other) => {
  assert.ok(right[file].includes(one), one);
  return found(alerts, { ...right, [file]: right[file].replaceAll(one, () => other) });
};

test("right alerts", () => {
  const counts = {};
  assert.deepEqual(found(alerts, right, counts), []);
  assert.deepEqual(counts, { alerts: 1, "recorded rules": 0, drills: 1, "cases of alerts": 3, runbooks: 1 });
});

const wrong = {
  "alert ManyRequests: its severity is warning": [rules, "severity: page", "severity: warning"],
  "has no summary": [rules, 'summary: "Many requests in {{ $labels.environment }}"', "a: b"],
  "has no description": [rules, "description", "a"],
  "has no runbook": [rules, "runbook", "a"],
  "its runbook docs/runbooks/Gone.md does not exist": [rules, "runbooks/ManyRequests", "runbooks/Gone"],
  "no dashboard has the uid gone": [rules, "dashboard: student-registration", "dashboard: gone"],
  "its summary names the label instance": [rules, "$labels.environment", "$labels.instance"],
  "has 0 drills": [drills, "[[drill]]", "[[other]]"],
  "drill FewRequests: there is no such alert": [drills, "ManyRequests", "FewRequests"],
  "lacks one of fault, meaning": [drills, 'fault = "latency"', ""],
  'no case sees it fire with severity="page"': [cases, "severity: page", "severity: ticket"],
  "no case sees that it does not fire": [cases, "- { alertname: ManyRequests, eval_time: 10m, exp_alerts: [] }", "[]"],
  "no case sees it resolve": [cases, "1h30m", "5m"],
  "infra/prometheus/tests/alerts.yml: FewRequests: there is no such alert": [cases, "ManyRequests", "FewRequests"],
};
for (const [message, change] of Object.entries(wrong)) {
  test(`wrong: ${message}`, () => {
    const findings = check(...change);
    assert.ok(
      findings.some((finding) => finding.includes(message)),
      findings.join("\n"),
    );
  });
}

test("a runbook of no alert is found", () => {
  const findings = found(alerts, { ...right, "docs/runbooks/Old.md": "# Old" });
  assert.deepEqual(findings, ["docs/runbooks/Old.md: there is no such alert. Name an alert that exists, or remove it."]);
});
