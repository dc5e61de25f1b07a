// Runs a check over a few made-up files.

import { Report } from "../lib/report.mjs";
import { Tree } from "../lib/tree.mjs";

// Gives the findings; `counts` is filled with what was counted.
export function found(check, files, counts = {}) {
  const report = new Report();
  check(new Tree(files), report);
  Object.assign(counts, report.counts);
  return report.findings;
}

// A registry with a little of everything, and what scrapes it.
export const telemetry = {
  "crates/api/telemetry.toml": `
[[metric]]
name = "http_requests_total"
type = "counter"
labels = [
  { name = "method", values = ["GET", "POST"] },
  { name = "endpoint", values = ["/", "/register"] },
  { name = "status_code", values = ["200", "201", "500"] },
]
[[metric]]
name = "http_request_duration_seconds"
type = "histogram"
buckets = [0.25, 1]
labels = [{ name = "method", values = ["GET", "POST"] }]
[[metric]]
name = "http_requests_in_flight"
type = "gauge"
[[span]]
name = "{http.request.method} {http.route}"
attributes = ["http.request.method", "http.route", "http.response.status_code"]
[[log]]
body = "Request completed"
severity = "INFO"
attributes = ["route", "duration_ms"]
[[attribute]]
name = "exception.type"
`,
  "infra/telemetry.toml": `
[[metric]]
name = "traces_spanmetrics_calls_total"
type = "counter"
source = "tempo"
labels = [{ name = "service", values = ["student-registration-service", "student-registration-web"] }, "span_name", "http_route"]
[[metric]]
name = "mysql_up"
type = "gauge"
source = "mysqld-exporter"
[[attribute]]
name = "service.name"
source = "resource"
[[attribute]]
name = "service.namespace"
source = "resource"
[[attribute]]
name = "deployment.environment.name"
source = "resource"
`,
  "infra/prometheus/prometheus.yml": `
scrape_configs:
  - job_name: student-registration
    static_configs: [{ targets: ["api:8000"], labels: { environment: development } }]
  - job_name: mariadb
    static_configs: [{ targets: ["mysqld-exporter:9104"] }]
`,
};
