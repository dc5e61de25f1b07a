import assert from "node:assert/strict";
import { test } from "node:test";
import { compose } from "../checks/compose.mjs";
import { hosts } from "../checks/hosts.mjs";
import { settings } from "../checks/settings.mjs";
import { found } from "./found.mjs";

const right = {
  "infra/compose.yaml": `
name: test
services:
  api:
    image: example/api:\${API_VERSION:-1.2.3}
    mem_limit: 64m
    ports: ["\${API_PORT:-5000}:5000"]
    expose: ["8000"]
    environment: { DATABASE_URL: "mysql://user:secret@mariadb:3306/db", NAME: "a" }
    healthcheck: { test: [CMD, healthcheck] }
    depends_on: { mariadb: { condition: service_healthy } }
  mariadb:
    image: mariadb:11.8
    mem_limit: 512m
    expose: ["3306"]
    volumes: ["./mariadb/my.cnf:/etc/my.cnf:ro"]
    healthcheck: { test: [CMD, check] }
  prometheus:
    # The image has no program for a health check.
    image: prom/prometheus:v3.14.0
    deploy: { resources: { limits: { memory: 256m } } }
`,
  "infra/compose.more.yaml": `
services:
  api:
    environment: { NAME: "b" }
    ports: !reset []
  nginx:
    image: nginx:1.29
    mem_limit: 32m
    healthcheck: { test: [CMD, check] }
`,
  "infra/.env.example": "API_VERSION=1.2.3\n# The form's port.\n#API_PORT=5000\n",
  "infra/mariadb/my.cnf": "",
  "infra/prometheus/prometheus.yml": 'scrape_configs: [{ job_name: api, static_configs: [{ targets: ["api:8000"] }] }]',
  "infra/tempo/tempo.yaml": "url: http://prometheus:9090/api/v1/write",
};
const [base, overlay] = ["infra/compose.yaml", "infra/compose.more.yaml"];
right[base] += '    command: ["--web.listen-address=:9090"]\n';
const check = (checks, file, one, other) => {
  assert.ok(right[file].includes(one), one);
  return found(checks, { ...right, [file]: right[file].replaceAll(one, () => other) });
};

test("right compose files", () => {
  const counts = {};
  assert.deepEqual(found(compose, right, counts), []);
  assert.deepEqual(counts, { "compose files": 2, services: 5, variables: 2 });
  assert.deepEqual(found(hosts, right, counts), []);
  assert.ok(counts.addresses >= 3);
});

const wrong = {
  "services.api: must NOT have additional properties": [base, "mem_limit: 64m", "memory_limit: 64m"],
  "service api: has no memory limit": [base, "mem_limit: 64m", "init: true"],
  "its image `mariadb:latest` is not pinned": [base, "mariadb:11.8", "mariadb:latest"],
  "its image `mariadb` is not pinned": [base, "mariadb:11.8", "mariadb"],
  "its image `example/api:${API_VERSION}` is not pinned": [base, ":-1.2.3", ""],
  "service mariadb: has no health check": [base, "healthcheck: { test: [CMD, check] }", "init: true"],
  "waits for mariadb to be healthy, which has no health check": [base, "healthcheck: { test: [CMD, check] }", "init: true"],
  "service prometheus: has no health check": [base, "# The image has no program for a health check.", ""],
  "depends on mysql, which is no service": [base, "depends_on: { mariadb:", "depends_on: { mysql:"],
  "publishes 5000:5000 without a variable": [base, "${API_PORT:-5000}:5000", "5000:5000"],
  "API_VERSION: the variable is not in infra/.env.example": ["infra/.env.example", "API_VERSION=", "API_REVISION="],
  "API_REVISION: no compose file uses the variable": ["infra/.env.example", "API_VERSION=", "API_REVISION="],
  "there is no infra/mariadb/gone.cnf": [base, "my.cnf:", "gone.cnf:"],
  "infra/compose.yaml with infra/compose.more.yaml: service nginx: has no memory limit": [overlay, "    mem_limit: 32m\n", ""],
  "infra/compose.yaml with infra/compose.more.yaml: service api: publishes 80:80": [overlay, "!reset []", '["80:80"]'],
};
for (const [message, change] of Object.entries(wrong)) {
  test(`wrong: ${message}`, () => {
    const findings = check(compose, ...change);
    assert.ok(
      findings.some((finding) => finding.includes(message)),
      findings.join("\n"),
    );
  });
}

const lost = {
  "job api: app is no service": ["infra/prometheus/prometheus.yml", "api:8000", "app:8000"],
  "job api: nothing says that api listens on 8001": ["infra/prometheus/prometheus.yml", "api:8000", "api:8001"],
  "infra/tempo/tempo.yaml: mimir is no service": ["infra/tempo/tempo.yaml", "//prometheus:", "//mimir:"],
  "infra/tempo/tempo.yaml: nothing says that prometheus listens on 9091": ["infra/tempo/tempo.yaml", "9090", "9091"],
  "service api: database is no service": [base, "@mariadb:3306", "@database:3306"],
};
for (const [message, change] of Object.entries(lost)) {
  test(`wrong: ${message}`, () => {
    const findings = check(hosts, ...change);
    assert.ok(
      findings.some((finding) => finding.includes(message)),
      findings.join("\n"),
    );
  });
}

test("a configuration that reads what it is not given is found", () => {
  const files = { ...right, "infra/mariadb/my.cnf": "a = ${PASSWORD}\nb = ${env:NAME:-none}\nc = $${LATER}\n" };
  assert.deepEqual(found(settings, files), [
    "infra/compose.yaml: service mariadb: infra/mariadb/my.cnf reads PASSWORD, which it is not given. Add it to `environment`.",
  ]);
  assert.deepEqual(found(settings, right), []);
});
