// Tempo 3 does not start with blocks of Tempo 2.

const FILES = /^infra\/tempo\/.*\.ya?ml$/;
const BLOCKS = [
  "target",
  "multitenancy_enabled",
  "shutdown_delay",
  "stream_over_http_enabled",
  "http_api_prefix",
  "enable_go_runtime_metrics",
  "memory",
  "server",
  "internal_server",
  "distributor",
  "live_store_client",
  "querier",
  "query_frontend",
  "metrics_generator",
  "ingest",
  "block_builder",
  "storage",
  "overrides",
  "memberlist",
  "usage_report",
  "cache",
  "backend_scheduler",
  "backend_scheduler_client",
  "backend_worker",
  "live_store",
];
const OVERRIDES = ["defaults", "per_tenant_override_config", "per_tenant_override_period", "user_configurable_overrides"];
const PROCESSORS = /^(service-graphs(-(request|latency|connection-info))?|span-metrics(-(latency|count|size))?|host-info)$/;

export function tempo(tree, report) {
  for (const [file, data] of tree.all(FILES)) {
    report.count("configurations of Tempo");
    const complain = (place, wrong) =>
      report.finding(file, place, wrong, "See what Tempo 3 takes in its place; `tempo-cli migrate config` helps");
    for (const name of Object.keys(data).filter((one) => !BLOCKS.includes(one))) complain(name, "Tempo 3 has no such block");
    for (const name of Object.keys(data.overrides ?? {}).filter((one) => !OVERRIDES.includes(one)))
      complain(`overrides.${name}`, "Tempo 3 has no such override");
    const { processors = [] } = data.overrides?.defaults?.metrics_generator ?? {};
    for (const name of processors.filter((one) => !PROCESSORS.test(one)))
      complain(`processor ${name}`, "Tempo 3 has no such processor");
    for (const name of ["local_blocks", "local-blocks"].filter((one) => data.metrics_generator?.processor?.[one]))
      complain(`processor ${name}`, "Tempo 3 has no such processor");
    if (data.metrics_generator && !processors.length)
      complain("overrides.defaults.metrics_generator.processors", "is empty, and so no metrics are made");
  }
}
