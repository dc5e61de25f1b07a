// Which labels the metrics have that Tempo's generator writes to Prometheus.

const TEMPO = "infra/tempo/tempo.yaml";
const OF_SPAN_METRICS = ["service", "span_name", "span_kind", "status_code", "le"];

// Gives a function from a metric's name and its labels in the registry to those that the configuration really makes.
export function spanMetricsLabels(tree) {
  const { metrics_generator: generator = {} } = tree.parsed(TEMPO) ?? {};
  const settings = (kind) => ({ ...generator.processor?.[kind], ...overridesOf(tree).processor?.[kind] });
  const [spans, graphs] = [settings("span_metrics"), settings("service_graphs")];
  const prefixes = graphs.enable_client_server_prefix ? ["client_", "server_"] : [""];
  const added = {
    traces_spanmetrics: [...dimensions(spans), ...(spans.enable_target_info ? ["job"] : [])],
    traces_service_graph: dimensions(graphs).flatMap((label) => prefixes.map((prefix) => prefix + label)),
  };
  const external = Object.entries(generator.registry?.external_labels ?? {}).map(([label, value]) => [label, new Set([value])]);
  return (name, registered) => {
    const isSpanMetric = name.startsWith("traces_spanmetrics");
    const more = added[isSpanMetric ? "traces_spanmetrics" : "traces_service_graph"];
    const kept = [...registered].filter(([label]) => !isSpanMetric || [...OF_SPAN_METRICS, ...more].includes(label));
    return new Map([...more.map((label) => [label, null]), ...kept, ...external]);
  };
}

// The label of an exemplar in which Tempo's generator writes the trace's id.
export const exemplarLabel = (tree) => overridesOf(tree).trace_id_label_name ?? "traceID";

const overridesOf = (tree) => tree.parsed(TEMPO)?.overrides?.defaults?.metrics_generator ?? {};
const dimensions = ({ dimensions: own = [], dimension_mappings: mapped = [] }) => [
  ...own.map(labelOf),
  ...mapped.map(({ name }) => name),
];

export const labelOf = (attribute) => attribute.replace(/\W/g, "_");
