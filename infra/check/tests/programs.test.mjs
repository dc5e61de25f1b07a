// The collector, Tempo, and what is true of every file.

import assert from "node:assert/strict";
import { test } from "node:test";
import { collector } from "../checks/collector.mjs";
import { markdown } from "../checks/markdown.mjs";
import { syntax } from "../checks/syntax.mjs";
import { tempo } from "../checks/tempo.mjs";
import { found } from "./found.mjs";

const config = `
receivers: { otlp: {} }
processors: { memory_limiter: {}, batch: {}, tail_sampling: {} }
exporters: { otlp_grpc/tempo: {}, debug: { verbosity: basic } }
connectors: { span_metrics: {} }
extensions: { health_check: {} }
service:
  extensions: [health_check]
  pipelines:
    traces: { receivers: [otlp], processors: [memory_limiter, tail_sampling, batch], exporters: [otlp_grpc/tempo, span_metrics] }
    metrics: { receivers: [span_metrics], processors: [memory_limiter], exporters: [debug] }
`;
const tempoConfig = `
server: {}
metrics_generator: { processor: {} }
overrides: { defaults: { metrics_generator: { processors: [span-metrics] } } }
`;
const page =
  "# A page\n\nSee [below](#the-end), [another](../docs/b.md#b-1) and `[code](gone.md)`.\n\n```\n[code](gone.md)\n```\n\n## The end\n";
const right = {
  "infra/collector/config.yaml": config,
  "infra/tempo/tempo.yaml": tempoConfig,
  "docs/a.md": page,
  "docs/b.md": "# B\n# B\n",
  "infra/a.json": '{"a": 1}',
  "infra/b.toml": "a = 1",
  "infra/helm/x/templates/a.yaml": "{{ if }}: :",
};

for (const check of [collector, tempo, markdown, syntax])
  test(`right: ${check.name}`, () => assert.deepEqual(found(check, right), []));

const file = { collector: "infra/collector/config.yaml", tempo: "infra/tempo/tempo.yaml", markdown: "docs/a.md" };
const wrong = [
  [collector, "debug", "logging", "exporters.logging: is removed, or an old name that will be. Use debug"],
  [collector, "otlp_grpc/tempo", "otlp/tempo", "exporters.otlp/tempo: is removed, or an old name that will be. Use otlp_grpc"],
  [collector, "verbosity", "loglevel", "loglevel is gone"],
  [collector, "exporters: [debug]", "exporters: [debug/two]", "service: debug/two is used and not among the exporters"],
  [collector, "exporters: [debug]", "exporters: [span_metrics]", "exporters.debug: is defined and not used"],
  [collector, "extensions: [health_check]", "extensions: []", "extensions.health_check: is defined and not used"],
  [collector, "receivers: [span_metrics]", "receivers: [otlp]", "connectors.span_metrics: is defined and not used"],
  [
    collector,
    "[memory_limiter, tail_sampling, batch]",
    "[tail_sampling, memory_limiter, batch]",
    "pipeline traces: its first processor is not memory_limiter",
  ],
  [collector, "tail_sampling, batch]", "batch, tail_sampling]", "pipeline traces: batches before it samples"],
  [collector, "service:\n", "service:\n  telemetry: { metrics: { address: a } }\n", "address is gone"],
  [tempo, "server: {}", "ingester: {}", "ingester: Tempo 3 has no such block"],
  [tempo, "server: {}", "compactor: {}", "compactor: Tempo 3 has no such block"],
  [tempo, "[span-metrics]", "[local-blocks]", "processor local-blocks: Tempo 3 has no such processor"],
  [tempo, "[span-metrics]", "[]", "is empty, and so no metrics are made"],
  [tempo, "{ defaults:", "{ max_traces_per_user: 1, defaults:", "overrides.max_traces_per_user: Tempo 3 has no such override"],
  [tempo, "processor: {}", "processor: { local_blocks: {} }", "processor local_blocks"],
  [markdown, "b.md#b-1", "c.md", "docs/a.md: line 3: there is no docs/c.md"],
  [markdown, "b.md#b-1", "b.md#c", "docs/a.md: line 3: docs/b.md has no heading #c"],
  [markdown, "(#the-end)", "(#end)", "docs/a.md: line 3: docs/a.md has no heading #end"],
];
for (const [check, one, other, message] of wrong) {
  test(`wrong: ${message}`, () => {
    const path = file[check.name];
    assert.ok(right[path].includes(one), one);
    const findings = found(check, { ...right, [path]: right[path].replaceAll(one, () => other) });
    assert.ok(
      findings.some((finding) => finding.includes(message)),
      findings.join("\n"),
    );
  });
}

test("the overlay of the collector is checked over its base", () => {
  const overlay =
    "service: { pipelines: { traces: { receivers: [otlp], processors: [batch], exporters: [otlp_grpc/tempo, span_metrics] } } }";
  const findings = found(collector, { ...right, "infra/collector/tail-sampling.yaml": overlay });
  assert.match(findings.join("\n"), /tail-sampling\.yaml: pipeline traces: its first processor is not memory_limiter/);
});

const broken = {
  "infra/a.yaml": "a: 1\na: 2\n",
  "infra/b.yaml": "a: [1\n",
  "infra/c.json": '{"a": 1, "a": 2}',
  "infra/d.json": "{a: 1}",
  "infra/e.toml": "a = 1\na = 2",
};
for (const [path, text] of Object.entries(broken)) {
  test(`wrong: ${path}`, () =>
    assert.ok(
      found(syntax, { [path]: text })
        .join()
        .startsWith(`${path}: `),
    ));
}
