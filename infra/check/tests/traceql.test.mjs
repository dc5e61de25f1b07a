import assert from "node:assert/strict";
import { test } from "node:test";
import { expressions } from "../checks/expressions.mjs";
import { found, telemetry } from "./found.mjs";

const check = (text) => found(expressions, { ...telemetry, "docs/a.md": `\`\`\`traceql\n${text}\n\`\`\`\n` });

const right = [
  '{ resource.service.name = "student-registration-service" && name = "POST /register" && status = error && kind = server }',
  '{ span.http.route = "$route" && duration > 200ms } | select(span.http.response.status_code)',
  "{ span.http.response.status_code >= 500 } | rate() by (span.http.route)",
  '{ .http.route = "/" } >> { name =~ "GET .*" } | quantile_over_time(duration, 0.95) with(most_recent=true)',
  '{ event.exception.type != nil && rootServiceName =~ "student-registration-.*" }',
];
for (const text of right) test(`right: ${text}`, () => assert.deepEqual(check(text), []));

const wrong = {
  "{ status = }": /^docs\/a\.md: line 1: traceql: (does not parse|ends too early)/,
  '{ span.http.method = "GET" }': /no span has the attribute `http\.method`; known are `http\.request\.method`/,
  '{ resource.host.name = "a" }': /no resource has the attribute `host\.name`/,
  '{ .route = "/" }': /no span or resource has the attribute `route`/,
  '{ name = "POST /students" }': /the value of `name` is not a known value/,
  '{ name =~ "PUT .*" }': /the value of `name` matches none/,
  '{ resource.service.name = "api" }': /the value of `service\.name` is not a known value/,
  '{ span.http.route = "/registre" }': /the value of `http\.route` is not a known value/,
  "{ span.http.response.status_code = 418 }": /the value of `http\.response\.status_code` is not a known value/,
  '{ status = "error" }': /`status` is compared with a string; write it without quotes/,
  '{ event.message = "a" }': /no event has the attribute `message`/,
  "{ } | rate() by (span.route)": /no span has the attribute `route`/,
};
for (const [text, message] of Object.entries(wrong)) {
  test(`wrong: ${text}`, () => {
    const findings = check(text);
    assert.equal(findings.length, 1, findings.join("\n"));
    assert.match(findings[0], message);
  });
}
