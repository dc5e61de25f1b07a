// The collector's configuration: present names, whole pipelines, memory bounded first.

const FOLDER = /^infra\/collector\/[^/]+\.ya?ml$/;
const BASE = "infra/collector/config.yaml";
const KINDS = ["receivers", "processors", "exporters", "connectors", "extensions"];
// What the collector removed, or knows by another name since.
const RENAMED = {
  receivers: { filelog: "file_log", hostmetrics: "host_metrics", prometheusremotewrite: "prometheus_remote_write" },
  processors: {
    spanmetrics: "the connector span_metrics",
    servicegraph: "the connector service_graph",
    k8sattributes: "k8s_attributes",
    resourcedetection: "resource_detection",
    memory_ballast: "memory_limiter",
  },
  exporters: {
    logging: "debug",
    loki: "otlp_http",
    otlp: "otlp_grpc",
    otlphttp: "otlp_http",
    jaeger: "otlp_grpc",
    jaeger_thrift: "otlp_grpc",
    loadbalancing: "load_balancing",
    prometheusremotewrite: "prometheus_remote_write",
    opencensus: "otlp_grpc",
  },
  connectors: { spanmetrics: "span_metrics", servicegraph: "service_graph" },
  extensions: { memory_ballast: "the variable GOMEMLIMIT", basicauth: "basic_auth", bearertokenauth: "bearer_token_auth" },
};
const FIELDS = { spanmetrics: "span_metrics", loglevel: "verbosity" };

export function collector(tree, report) {
  for (const [file, own] of tree.all(FOLDER)) {
    const data = own.receivers || file === BASE ? own : over(tree.parsed(BASE) ?? {}, own);
    const complain = (place, wrong, remedy) => report.finding(file, place, wrong, remedy);
    checkComponents(data, complain);
    checkPipelines(data, complain, report);
    const { metrics } = data.service?.telemetry ?? {};
    if (metrics?.address)
      complain("service.telemetry.metrics", "address is gone", "Use readers, with a pull exporter prometheus");
  }
}

// As the collector merges a second --config: mappings are joined, lists replaced.
function over(below, above) {
  const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isMap(below) || !isMap(above)) return above;
  return Object.fromEntries(
    [...new Set([...Object.keys(below), ...Object.keys(above)])].map((key) => [
      key,
      key in above ? over(below[key], above[key]) : below[key],
    ]),
  );
}

function used(data) {
  const pipelines = Object.values(data.service?.pipelines ?? {});
  const of = (part) => pipelines.flatMap((pipeline) => pipeline?.[part] ?? []);
  const [receivers, exporters] = [of("receivers"), of("exporters")];
  return {
    receivers,
    exporters,
    processors: of("processors"),
    extensions: data.service?.extensions ?? [],
    connectors: Object.keys(data.connectors ?? {}).filter((name) => receivers.includes(name) && exporters.includes(name)),
  };
}

function checkComponents(data, complain) {
  const inUse = used(data);
  for (const kind of KINDS) {
    for (const [name, settings] of Object.entries(data[kind] ?? {})) {
      const place = `${kind}.${name}`;
      const successor = RENAMED[kind][name.split("/")[0]];
      if (successor) complain(place, "is removed, or an old name that will be", `Use ${successor}`);
      for (const field of Object.keys(settings ?? {}).filter((one) => one in FIELDS))
        complain(place, `${field} is gone`, `Use ${FIELDS[field]}`);
      if (!inUse[kind].includes(name)) complain(place, "is defined and not used", "Use it, or remove it");
    }
  }
  for (const kind of ["receivers", "processors", "exporters", "extensions"]) {
    const defined = [data[kind], kind === "processors" || kind === "extensions" ? {} : data.connectors].flatMap((part) =>
      Object.keys(part ?? {}),
    );
    for (const name of inUse[kind].filter((one) => !defined.includes(one)))
      complain(`service`, `${name} is used and not among the ${kind}`, "Define it, or remove it");
  }
}

function checkPipelines(data, complain, report) {
  for (const [name, { processors = [], receivers = [], exporters = [] }] of Object.entries(data.service?.pipelines ?? {})) {
    report.count("pipelines of the collector");
    const place = `pipeline ${name}`;
    if (!receivers.length || !exporters.length) complain(place, "has no receiver or no exporter", "Give it both");
    // What comes from another pipeline has been through its memory_limiter.
    const isFirst = receivers.some((receiver) => !(receiver in (data.connectors ?? {})));
    if (isFirst && !/^memory_limiter(\/|$)/.test(processors[0] ?? ""))
      complain(place, "its first processor is not memory_limiter", "Put it first: what is refused early costs least");
    const [batch, sampling] = [/^batch(\/|$)/, /^tail_sampling(\/|$)/].map((pattern) =>
      processors.findIndex((one) => pattern.test(one)),
    );
    if (batch !== -1 && batch < sampling) complain(place, "batches before it samples", "Put batch after tail_sampling");
  }
}
