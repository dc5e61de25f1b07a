import assert from "node:assert/strict";
import { test } from "node:test";
import { expressions } from "../checks/expressions.mjs";
import { found, telemetry } from "./found.mjs";

const check = (text, more = {}) => found(expressions, { ...telemetry, ...more, "docs/a.md": `\`\`\`logql\n${text}\n\`\`\`\n` });
const service = '{service_name="student-registration-service"}';

const right = [
  `${service} |= "Request completed" | duration_ms > 100 | route="/register" | trace_id = "abc"`,
  `sum by (route) (count_over_time(${service} | severity_text=~"WARN|ERROR" [5m]))`,
  `quantile_over_time(0.95, ${service} != "Request" | unwrap duration_ms [5m]) by (route)`,
  `{service_name=~"$service", deployment_environment_name="$environment"} |~ "(?i)request" | detected_level="error"`,
  `${service} | label_format path=route | path != ""`,
];
for (const text of right) test(`right: ${text}`, () => assert.deepEqual(check(text), []));

const wrong = {
  [`${service} |= `]: /^docs\/a\.md: line 1: logql: (does not parse|ends too early)/,
  '{app="api"}': /`app` is not a label of a stream; known are `deployment_environment_name`/,
  '{service_name="api"}': /the value of `service_name` is not a known value: `api`/,
  [`${service} | path="/"`]: /`path` is not kept with the lines/,
  [`${service} | route="/registre"`]: /the value of `route` is not a known value/,
  [`${service} | severity_text="FATAL"`]: /the value of `severity_text` is not a known value/,
  [`${service} | duration > 5`]: /`duration` is not kept with the lines/,
  [`sum by (path) (rate(${service}[5m]))`]: /`path` is not kept with the lines/,
  [`${service} |= "Request done"`]: /the text of a log line is not a known value: `Request done`, known are `Request completed`/,
  [`${service} |~ "Request (done|ended)"`]: /the text of a log line matches none/,
  [`${service} | json`]: /`\| json` finds nothing: a line is its body/,
};
for (const [text, message] of Object.entries(wrong)) {
  test(`wrong: ${text}`, () => {
    const findings = check(text);
    assert.equal(findings.length, 1, findings.join("\n"));
    assert.match(findings[0], message);
  });
}

test("Loki's own settings say what is a label", () => {
  const settings =
    "limits_config: { otlp_config: { resource_attributes: { ignore_defaults: true, attributes_config: [{ action: index_label, attributes: [service.name] }] } } }";
  const findings = check('{service_namespace="student-registration"}', { "infra/loki/loki.yaml": settings });
  assert.match(findings.join(), /`service_namespace` is not a label of a stream; known are `service_name`/);
  assert.deepEqual(check(`${service} | service_namespace="student-registration"`, { "infra/loki/loki.yaml": settings }), []);
});
