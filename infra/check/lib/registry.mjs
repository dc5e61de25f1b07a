// What can be observed: the registries of the service's crates, that of the other programs, the recorded rules, and
// what Prometheus, Tempo and Loki themselves add.

import { jobsOf, scrapeJobs } from "./scrape.mjs";
import { spanMetricsLabels } from "./tempo.mjs";
import { readTelemetry } from "./telemetry.mjs";

const SERVICE_JOB = "student-registration";
// Prometheus writes these for every target.
const OF_EVERY_TARGET = [
  "up",
  "scrape_duration_seconds",
  "scrape_samples_scraped",
  "scrape_samples_post_metric_relabeling",
  "scrape_series_added",
];
const SUFFIXES = { _bucket: ["histogram"], _sum: ["histogram", "summary"], _count: ["histogram", "summary"] };

export class Registry {
  constructor(tree) {
    this.tree = tree;
    this.telemetry = readTelemetry(tree);
    this.jobs = scrapeJobs(tree);
    this.rules = readRules(tree);
    this.generated = spanMetricsLabels(tree);
    this.labelsOfRules = new Map();
  }

  get metricNames() {
    const names = this.telemetry.metrics.flatMap(({ name, type }) => {
      const suffixes = Object.keys(SUFFIXES).filter((suffix) => SUFFIXES[suffix].includes(type));
      return type === "histogram" ? suffixes.map((suffix) => name + suffix) : [name, ...suffixes.map((suffix) => name + suffix)];
    });
    return new Set([...names, ...this.rules.recorded.keys(), ...OF_EVERY_TARGET, "ALERTS", "ALERTS_FOR_STATE"]);
  }

  // Gives { labels }, a map from names to the set of values or, where they are not bounded, null; { recorded }, the
  // rules that make the series; or { wrong }.
  metric(name) {
    if (this.rules.recorded.has(name)) return { recorded: this.rules.recorded.get(name) };
    if (OF_EVERY_TARGET.includes(name)) return { labels: this.#targetLabels([...this.jobs.keys()]) };
    if (name.startsWith("ALERTS")) return { labels: this.#alertLabels() };
    const suffix = Object.keys(SUFFIXES).find((ending) => name.endsWith(ending));
    const exact = this.telemetry.metrics.filter((metric) => metric.name === name);
    const base = suffix ? this.telemetry.metrics.filter((metric) => metric.name === name.slice(0, -suffix.length)) : [];
    const found = exact.length ? exact : base;
    if (found.length === 0) return { wrong: `the metric \`${name}\` is in no registry` };
    const types = found.map(({ type }) => type);
    if (found === exact && types.every((type) => type === "histogram")) {
      return { wrong: `\`${name}\` is a histogram: only _bucket, _sum and _count of it are stored` };
    }
    if (found === base && !types.some((type) => SUFFIXES[suffix].includes(type))) {
      return { wrong: `\`${name}\` has the suffix ${suffix}, but ${name.slice(0, -suffix.length)} is a ${types[0]}` };
    }
    return { labels: union(found.map((metric) => this.#labelsOf(metric, found === base ? suffix : undefined))) };
  }

  #labelsOf({ name, labels, buckets, source }, suffix) {
    const own = new Map(labels);
    if (suffix === "_bucket") own.set("le", buckets && new Set([...buckets.map(boundary), "+Inf"]));
    if (name.startsWith("traces_")) return this.generated(name, own);
    const jobs = jobsOf(this.tree, source ?? SERVICE_JOB);
    return new Map([...this.#targetLabels(jobs.length ? jobs : [...this.jobs.keys()]), ...own]);
  }

  #targetLabels(jobs) {
    return union([
      new Map([
        ["job", new Set(jobs)],
        ["instance", null],
      ]),
      ...jobs.map((job) => this.jobs.get(job)),
    ]);
  }

  #alertLabels() {
    const { alerts } = this.rules;
    const own = alerts.flatMap(({ labels }) =>
      Object.entries(labels ?? {}).map(([label, value]) => new Map([[label, new Set([value])]])),
    );
    const series = new Map(this.telemetry.metrics.flatMap(({ labels }) => [...labels.keys()].map((label) => [label, null])));
    const fixed = new Map([
      ["alertname", new Set(alerts.map(({ alert }) => alert))],
      ["alertstate", new Set(["pending", "firing"])],
    ]);
    return new Map([...series, ...this.#targetLabels([...this.jobs.keys()]), ...union(own), ...fixed]);
  }
}

// Prometheus 3 stores whole bounds with a decimal.
const boundary = (bound) => (Number.isInteger(bound) ? `${bound}.0` : String(bound));

function union(maps) {
  const all = new Map();
  for (const [label, values] of maps.flatMap((map) => [...map])) {
    const before = all.get(label);
    all.set(label, values === null || values === undefined || before === null ? null : new Set([...(before ?? []), ...values]));
  }
  return all;
}

function readRules(tree) {
  const recorded = new Map();
  const alerts = [];
  for (const [file, { groups }] of tree.all(/^infra\/prometheus\/rules\/[^/]+\.ya?ml$/)) {
    for (const rule of (groups ?? []).flatMap(({ rules }) => rules ?? [])) {
      if (rule.record) recorded.set(rule.record, [...(recorded.get(rule.record) ?? []), rule]);
      if (rule.alert) alerts.push({ file, ...rule });
    }
  }
  return { recorded, alerts };
}
