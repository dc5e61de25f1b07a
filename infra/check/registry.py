"""What can be observed: crates/*/telemetry.toml, infra/telemetry.toml, the recording rules, and what Prometheus, Tempo
and Loki add. Labels map names to the set of their values, or to None where values are not bounded."""

import re
from collections import defaultdict

SERVICE_JOB = "student-registration"
SERVICES = {"student-registration-service", "student-registration-web"}
TARGET_METRICS = {"up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling", "scrape_series_added"}
SUFFIXES = {"_bucket": {"histogram"}, "_sum": {"histogram", "summary"}, "_count": {"histogram", "summary"}}
# Attributes whose values are those of a metric's label.
VALUES_OF = {
    "http.request.method": ("http_requests_total", "method"), "method": ("http_requests_total", "method"),
    "http.route": ("http_requests_total", "endpoint"), "route": ("http_requests_total", "endpoint"),
    "http.response.status_code": ("http_requests_total", "status_code"), "status": ("http_requests_total", "status_code"),
    "db.query.summary": ("db_query_duration_seconds", "operation"),
}


# Options of the service whose values are secret.
SECRET = {"DATABASE_URL", "FORM_SECRET", "OTEL_EXPORTER_OTLP_HEADERS"}


def documented(repo, file, part):
    """A table that `make docs` writes: the first column, and the rest of the line."""
    text = repo.text(f"docs/{file}").partition(f"<!-- {part}: ")[2].partition("<!-- end")[0]
    return dict(re.findall(r"^\| `([A-Za-z_]+)`(.*)$", text, re.MULTILINE))


def options(repo):
    """The service's options, and the variables of OpenTelemetry that it reads."""
    return documented(repo, "configuration.md", "options") | documented(repo, "telemetry.md", "variables")


def label_of(attribute):
    return re.sub(r"\W", "_", attribute)


def union(maps):
    result = {}
    for label, values in (pair for one in maps for pair in one.items()):
        before = result.get(label, set())
        result[label] = None if values is None or before is None else before | values
    return result


class Registry:
    def __init__(self, repo):
        tables = [data for _, data in repo.all("crates/*/telemetry.toml", "infra/telemetry.toml")]
        entries = {kind: [entry for table in tables for entry in table.get(kind, [])] for kind in ("metric", "span", "log", "attribute", "service", "label")}
        self.metrics = defaultdict(list)
        # Labels whose values the code supplies: the table that `make docs` writes has them.
        values_in = lambda row: dict(re.findall(r"`(\w+)`: ([^;]+)", row.split("|")[2].strip()))
        values = {name: values_in(row) for name, row in documented(repo, "telemetry.md", "metrics").items()}
        for metric in entries["metric"]:
            for label in metric.get("labels", []):
                if isinstance(label, dict) and "values" not in label:
                    label["values"] = values[metric["name"]][label["name"]].split(", ")
            self.metrics[metric["name"]].append(metric)
        named = lambda kind: {name for entry in entries[kind] for name in entry.get("attributes", [])}
        self.span_attributes, log_attributes = named("span"), named("log")
        self.attributes = {entry["name"] for entry in entries["attribute"]}
        self.resource_attributes = {entry["name"] for entry in entries["attribute"] if entry.get("source") == "resource"}
        self.services = SERVICES | {entry["name"] for entry in entries["service"]}
        self.spans = {name for entry in entries["span"] for name in self._expand(entry["name"])}
        self.bodies = {entry["body"] for entry in entries["log"]}
        self._read_scrape(repo)
        self.recorded, self.alerts, self.recorded_labels = defaultdict(list), [], {}
        for path, data in repo.all("infra/prometheus/rules/*.yml"):
            for rule in (rule for group in data["groups"] for rule in group["rules"]):
                if "record" in rule:
                    self.recorded[rule["record"]].append(rule)
                else:
                    self.alerts.append(rule | {"file": path})
        tempo = repo.data("infra/tempo/tempo.yaml")
        self.exemplar_label = tempo["overrides"]["defaults"]["metrics_generator"].get("trace_id_label_name", "traceID")
        dimensions = tempo["metrics_generator"]["processor"]["span_metrics"]
        self.span_dimensions = dict.fromkeys([*map(label_of, dimensions["dimensions"]), *(one["name"] for one in dimensions["dimension_mappings"])])
        of_loki = {label["name"]: set(label["values"]) or None for label in entries["label"] if label["source"] == "loki"}
        of_resources = {label_of(name): self.values_of(name) for name in self.resource_attributes}
        self.stream_labels = {name: values for name, values in of_loki.items() if name in of_resources}
        self.line_labels = of_resources | {label_of(name): self.values_of(name) for name in log_attributes} | of_loki

    def values_of(self, attribute):
        metric, label = VALUES_OF.get(attribute, (None, None))
        return union(map(own_labels, self.metrics.get(metric, []))).get(label)

    def _expand(self, template):
        """`{http.request.method} {http.route}` is each method with each route."""
        before, found, after = re.fullmatch(r"([^{]*)(?:\{([^}]+)\})?(.*)", template).groups()
        if not found:
            return [template]
        return [before + value + rest for value in self.values_of(found) or [] for rest in self._expand(after)]

    def _read_scrape(self, repo):
        self.jobs, self.targets = {}, []
        for job in repo.data("infra/prometheus/prometheus.yml").get("scrape_configs", []):
            labels = union({label: None if label == "environment" else {value}} for config in job.get("static_configs", [])
                           for label, value in config.get("labels", {}).items())
            relabelled = job.get("relabel_configs", []) + job.get("metric_relabel_configs", [])
            labels |= {rule["target_label"]: None for rule in relabelled if "target_label" in rule}
            self.jobs[job["job_name"]] = labels
            self.targets += [(job["job_name"], target) for config in job.get("static_configs", []) for target in config["targets"]]

    @property
    def metric_names(self):
        plain = {name for name, found in self.metrics.items() if found[0]["type"] != "histogram"}
        parts = {name + suffix for name, found in self.metrics.items() for suffix, types in SUFFIXES.items() if found[0]["type"] in types}
        return plain | parts | set(self.recorded) | TARGET_METRICS | {"ALERTS", "ALERTS_FOR_STATE"}

    def metric(self, name):
        """The labels of a metric's series, or a string that says why there are none."""
        if name in TARGET_METRICS:
            return self._target_labels(self.jobs)
        if name in ("ALERTS", "ALERTS_FOR_STATE"):
            return self._alert_labels()
        suffix = next((ending for ending in SUFFIXES if name.endswith(ending)), "")
        base = name.removesuffix(suffix) if name not in self.metrics else name
        found = self.metrics.get(base)
        if not found:
            return f"the metric `{name}` is in no registry"
        kind = found[0]["type"]
        if base == name and kind == "histogram":
            return f"`{name}` is a histogram: only its _bucket, _sum and _count are stored"
        if base != name and kind not in SUFFIXES[suffix]:
            return f"`{name}` has the suffix {suffix}, but {base} is a {kind}"
        return union(self._labels(metric, suffix if base != name else "") for metric in found)

    def _labels(self, metric, suffix):
        own = own_labels(metric)
        if suffix == "_bucket":
            # Prometheus 3 stores whole boundaries with a decimal.
            bounds = {f"{bound:.1f}" if bound == int(bound) else str(bound) for bound in metric.get("buckets", [])}
            own["le"] = bounds | {"+Inf"} if bounds else None
        if metric["name"].startswith("traces_"):
            return own | (self.span_dimensions if metric["name"].startswith("traces_spanmetrics") else {})
        program = metric.get("source", SERVICE_JOB)
        jobs = {job for job, target in self.targets if program in (job, target.split(":")[0])}
        return self._target_labels(jobs or self.jobs) | own

    def _target_labels(self, jobs):
        return union([{"job": set(jobs), "instance": None}, *(self.jobs[job] for job in jobs)])

    def _alert_labels(self):
        series = {label: None for found in self.metrics.values() for metric in found for label in own_labels(metric)}
        own = union({label: {value}} for alert in self.alerts for label, value in alert.get("labels", {}).items())
        names = {"alertname": {alert["alert"] for alert in self.alerts}, "alertstate": {"pending", "firing"}}
        return series | self._target_labels(self.jobs) | own | names


def own_labels(metric):
    pairs = [(label, None) if isinstance(label, str) else (label["name"], label.get("values")) for label in metric.get("labels", [])]
    return {name: set(values) if values else None for name, values in pairs}
