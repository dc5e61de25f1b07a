// Which labels the metrics have that Tempo's generator writes to Prometheus.

const OF_SPAN_METRICS = ["service", "span_name", "span_kind", "status_code", "status_message", "le"];
const OF_TARGET_INFO = ["job", "instance"];

// Gives a function from a metric's name and its labels in the registry to those that the configuration really makes.
export function spanMetricsLabels(tree) {
  const { metrics_generator: generator = {}, overrides = {} } = tree.parsed("infra/tempo/tempo.yaml") ?? {};
  const processor = overrides.defaults?.metrics_generator?.processor ?? {};
  const settings = (kind) => ({ ...generator.processor?.[kind], ...processor[kind] });
  const dimensions = (kind) => [
    ...(settings(kind).dimensions ?? []).map(labelOf),
    ...(settings(kind).dimension_mappings ?? []).map(({ name }) => name),
  ];
  const external = Object.entries(generator.registry?.external_labels ?? {}).map(([label, value]) => [label, new Set([value])]);
  return (name, registered) => {
    const kind = name.startsWith("traces_spanmetrics_") ? "span_metrics" : "service_graphs";
    const made = dimensions(kind);
    if (kind === "span_metrics") made.push(...OF_SPAN_METRICS, ...(settings(kind).enable_target_info ? OF_TARGET_INFO : []));
    const kept = [...registered].filter(([label]) => kind !== "span_metrics" || made.includes(label));
    return new Map([...made.filter((label) => dimensions(kind).includes(label)).map((label) => [label, null]), ...kept, ...external]);
  };
}

export const labelOf = (attribute) => attribute.replace(/\W/g, "_");
