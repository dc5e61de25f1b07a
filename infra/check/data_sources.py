"""Provisioned data sources, and the links between them."""

import re

from expressions import data_sources_in, variables_in
from languages import brief
from registry import Registry, label_of
from repository import leaves

OBSOLETE = {"tracesToLogs": "tracesToLogsV2", "lokiSearch": "search"}


def check(repo):
    registry = Registry(repo)
    uids = [source.get("uid") for _, source in data_sources_in(repo)]
    yield from _streams(repo)
    for file, source in data_sources_in(repo):
        for wrong in _source(source, source.get("jsonData", {}), uids, registry):
            yield f"{file}: {source['name']}: {wrong}"


def _source(source, settings, uids, registry):
    if not source.get("uid"):
        yield "has no uid, by which dashboards name it"
    elif uids.count(source["uid"]) > 1:
        yield f"the uid {source['uid']} is used twice"
    yield from (f"{name} is obsolete: use {new}" for name, new in OBSOLETE.items() if name in settings)
    yield from (f"leads to the data source {uid}, which is not provisioned" for key, uid in leaves(settings) if key == "datasourceUid" and uid not in uids)
    for _, text in leaves(source):
        alone = re.search(r"(?<!\$)(?:\$\$)*\$(?!\$)\{?_*[a-z]\w*", text)
        if alone:
            yield f"a $ is not doubled at `{alone[0]}`: a single one names an environment variable"
    metrics, logs = settings.get("tracesToMetrics", {}), settings.get("tracesToLogsV2", {})
    for tag in metrics.get("tags", []) + logs.get("tags", []):
        if tag["key"] not in registry.span_attributes | registry.resource_attributes:
            yield f"the tag {tag['key']} is on no span"
    for queries in [query["query"] for query in metrics.get("queries", [])], [logs["query"]] if logs.get("customQuery") else []:
        if queries and not any("__tags" in variables_in(query.replace("$$", "$")) for query in queries):
            yield "no query uses $$__tags"
    exemplars = [one["name"] for one in settings.get("exemplarTraceIdDestinations", [])]
    if source["type"] == "prometheus" and registry.exemplar_label not in exemplars:
        yield f"no exemplar leads from the label {registry.exemplar_label} to a trace"
    for field in settings.get("derivedFields", []):
        if field.get("matcherType") == "label" and field["matcherRegex"] not in registry.line_labels | registry.stream_labels:
            yield f"the derived field {field['name']} looks for the label {field['matcherRegex']}, which no line has"


def _streams(repo):
    """The registry's labels of streams are the resource attributes that Loki is configured to index."""
    settings = repo.data("infra/loki/loki.yaml")["limits_config"]["otlp_config"]["resource_attributes"]
    indexed = {label_of(name) for one in settings["attributes_config"] if one["action"] == "index_label" for name in one["attributes"]}
    if not settings["ignore_defaults"] or indexed != Registry(repo).stream_labels.keys():
        yield f"infra/loki/loki.yaml: the labels {brief(indexed)} are not those of infra/telemetry.toml: {brief(Registry(repo).stream_labels)}"
