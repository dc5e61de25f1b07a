"""Grafana: dashboards whose panels exist and are described; data sources that are provisioned, and the links between them."""

import json
import re

from expressions import dashboards_in, data_sources_in, expressions_in, links_of, panels_of, panes_of, queries_of, variables_in
from languages import brief
from registry import Registry, label_of
from repository import leaves

SLUGS = ("-dashboard", "", "-slo", "-tracing", "-database", "-telemetry", "-desk")
PANELS = set("""alertlist annolist barchart bargauge candlestick canvas dashlist flamegraph gauge geomap heatmap histogram logs news nodeGraph
    piechart row stat state-timeline status-history table text timeseries traces trend xychart""".split())
WITHOUT_QUERY = {"row", "text", "dashlist", "alertlist", "annolist", "news"}
BUILT_IN = {"-- Grafana --", "-- Mixed --", "-- Dashboard --", "grafana", "__expr__"}

OBSOLETE = {"tracesToLogs": "tracesToLogsV2", "lokiSearch": "search"}


def check(repo):
    every = dashboards_in(repo)
    uids = [dashboard.get("uid") for _, dashboard in every]
    registry, own = Registry(repo), [source.get("uid") for _, source in data_sources_in(repo)]
    asked = list(expressions_in(repo))
    for file, dashboard in every:
        queries = [one.text for one in asked if one.file == file and one.language == "promql"]
        for look in _head(dashboard, uids), _variables(dashboard, queries), _sources(dashboard, {*own, *BUILT_IN}), _links(dashboard, uids), _panels(dashboard):
            yield from (f"{file}: {wrong}" for wrong in look)
    for slug in SLUGS:
        if f"student-registration{slug}" not in uids:
            yield f"infra/grafana/dashboards: no dashboard has the uid student-registration{slug}, which links elsewhere use"
    for file, source in data_sources_in(repo):
        yield from (f"{file}: {source['name']}: {wrong}" for wrong in _data_source(source, source.get("jsonData", {}), own, registry))
    yield from _streams(repo)


def _head(dashboard, uids):
    if not dashboard.get("uid") or not dashboard.get("title"):
        yield "has no uid or no title"
    if uids.count(dashboard.get("uid")) > 1:
        yield f"uid {dashboard['uid']} is another dashboard's as well"


def _variables(dashboard, queries):
    variables = dashboard.get("templating", {}).get("list", [])
    if queries and not any(variable["name"] == "environment" for variable in variables):
        yield "has no variable `environment`"
    if queries and not any("environment" in variables_in(text) for text in queries):
        yield "no query uses the variable `environment`"
    used = variables_in(json.dumps({**dashboard, "templating": [variable.get("query") for variable in variables]}))
    yield from (f'variable "{variable["name"]}" is not used' for variable in variables if variable["name"] not in used)


def _sources(dashboard, known):
    for place, source, _ in queries_of(dashboard):
        if not isinstance(source, dict):
            yield f"{place} names no data source, or names it by its title"
        elif source.get("uid") not in known:
            yield f"{place}: the data source {source.get('uid')} is not provisioned"
    for panel in panels_of(dashboard):
        place, own, targets = f'panel "{panel.get("title")}"', panel.get("datasource"), panel.get("targets", [])
        kinds = {one["datasource"].get("type") for one in [panel, *targets] if isinstance(one.get("datasource"), dict)} - {"__expr__"}
        if len(kinds) > 1 and own.get("uid") != "-- Mixed --":
            yield f"{place}: a query asks another data source than the panel"
        if len({target["refId"] for target in targets}) < len(targets):
            yield f"{place}: two queries have the same refId"


def _links(dashboard, uids):
    for link in [*dashboard.get("links", []), *(link for panel in panels_of(dashboard) for link in links_of(panel))]:
        uid = re.search(r"/d/([^/?#]+)", link.get("url", ""))
        if uid and "$" not in uid[1] and uid[1] not in uids:
            yield f'link "{link.get("title")}": no dashboard has the uid {uid[1]}'
        if link.get("type") == "dashboards" and not set(link["tags"]) <= set(dashboard.get("tags", [])):
            yield f'is not among the dashboards that the link "{link["title"]}" lists: it lacks one of the tags {link["tags"]}'
        try:
            panes_of(link.get("url", ""))
        except ValueError:
            yield f'link "{link.get("title")}": its queries are not percent-encoded JSON'


def _panels(dashboard):
    ids = [panel.get("id") for panel in panels_of(dashboard)]
    for panel in panels_of(dashboard):
        place = f'panel "{panel.get("title") or panel.get("id")}"'
        if panel["type"] not in PANELS:
            yield f"{place}: Grafana has no panel {panel['type']}"
        if not isinstance(panel.get("id"), int) or ids.count(panel["id"]) > 1:
            yield f"{place}: its id {panel.get('id')} is missing or another panel's as well"
        if not panel.get("title"):
            yield f"{place} has no title"
        if panel["type"] != "row" and not panel.get("description"):
            yield f"{place} has no description: say how to read it, and what to do when it looks bad"
        if panel["type"] not in WITHOUT_QUERY and not panel.get("targets"):
            yield f"{place} has no query"
        for target in panel.get("targets", []):
            if panel["type"] == "table" and target.get("queryType") == "traceql" and "most_recent=true" not in target["query"]:
                yield f"{place} shows any traces that match: end its query in `with (most_recent=true)`"


def _data_source(source, settings, uids, registry):
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
