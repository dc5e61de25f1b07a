"""Dashboards: panels that Grafana has, each in its own place, with data sources that are provisioned."""

import json
import re

from expressions import dashboards_in, data_sources_in, expressions_in, links_of, panels_of, panes_of, queries_of, variables_in

SLUGS = ("-dashboard", "", "-slo", "-tracing", "-database", "-telemetry")
PANELS = set("""alertlist annolist barchart bargauge candlestick canvas dashlist flamegraph gauge geomap heatmap histogram logs news nodeGraph
    piechart row stat state-timeline status-history table text timeseries traces trend xychart""".split())
WITHOUT_QUERY = {"row", "text", "dashlist", "alertlist", "annolist", "news"}
BUILT_IN = {"-- Grafana --", "-- Mixed --", "-- Dashboard --", "grafana", "__expr__"}


def check(repo):
    every = dashboards_in(repo)
    uids = [dashboard.get("uid") for _, dashboard in every]
    sources = {source.get("uid") for _, source in data_sources_in(repo)} | BUILT_IN
    asked = list(expressions_in(repo))
    for file, dashboard in every:
        queries = [one.text for one in asked if one.file == file and one.language == "promql"]
        for look in _head(dashboard, uids), _variables(dashboard, queries), _sources(dashboard, sources), _links(dashboard, uids), _panels(dashboard):
            yield from (f"{file}: {wrong}" for wrong in look)
    for slug in SLUGS:
        if f"student-registration{slug}" not in uids:
            yield f"infra/grafana/dashboards: no dashboard has the uid student-registration{slug}, which links elsewhere use"


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

