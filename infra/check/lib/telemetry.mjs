// The registries, telemetry.toml: of the service's crates, and of the other programs in infra/.

// Those that the service's crates name: itself, and its page in the browser.
const OWN_SERVICES = ["student-registration-service", "student-registration-web"];
// Attributes whose values a metric's label bounds: where the registry has them.
const VALUES_OF = {
  "http.request.method": ["http_requests_total", "method"],
  "http.route": ["http_requests_total", "endpoint"],
  "http.response.status_code": ["http_requests_total", "status_code"],
  "db.query.summary": ["db_query_duration_seconds", "operation"],
  method: ["http_requests_total", "method"],
  route: ["http_requests_total", "endpoint"],
  status: ["http_requests_total", "status_code"],
};

export function readTelemetry(tree) {
  const entries = (table) =>
    tree.all(/^(crates\/[^/]+|infra)\/telemetry\.toml$/).flatMap(([, registry]) => registry[table] ?? []);
  const metrics = entries("metric").map((metric) => ({ ...metric, labels: labelsOf(metric) }));
  const spans = entries("span");
  const logs = entries("log");
  const attributes = entries("attribute");
  const of = (list) => new Set(list.flatMap(({ attributes = [] }) => attributes));
  const valuesOf = (attribute) => {
    const [name, label] = VALUES_OF[attribute] ?? [];
    return metrics.find((metric) => metric.name === name)?.labels.get(label) ?? null;
  };
  return {
    metrics,
    spans: new Set(spans.flatMap(({ name }) => expand(name, valuesOf))),
    spanAttributes: of(spans),
    resourceAttributes: new Set(attributes.filter(({ source }) => source === "resource").map(({ name }) => name)),
    attributes: new Set(attributes.map(({ name }) => name)),
    logs: new Set(logs.map(({ body }) => body)),
    logAttributes: of(logs),
    severities: new Set(["TRACE", "DEBUG", "INFO", "WARN", "ERROR"]),
    services: new Set([...OWN_SERVICES, ...entries("service").map(({ name }) => name)]),
    valuesOf,
  };
}

function labelsOf({ labels = [] }) {
  return new Map(
    labels.map((label) => {
      const { name, values } = typeof label === "string" ? { name: label } : label;
      return [name, values?.length ? new Set(values) : null];
    }),
  );
}

// `{http.request.method} {http.route}` stands for each method with each route.
function expand(template, valuesOf) {
  const placeholder = /\{([^}]+)\}/.exec(template);
  if (!placeholder) return [template];
  const values = [...(valuesOf(placeholder[1]) ?? [])];
  const [before, after] = [template.slice(0, placeholder.index), template.slice(placeholder.index + placeholder[0].length)];
  return expand(after, valuesOf).flatMap((rest) => values.map((value) => before + value + rest));
}
