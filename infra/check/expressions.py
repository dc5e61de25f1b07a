"""Every expression of the repository: of dashboards, data sources, rules and pages."""

import json
import re
from typing import NamedTuple
from urllib.parse import unquote

from languages import VARIABLE, check_expression
from registry import Registry, label_of

LANGUAGES = {"prometheus": "promql", "loki": "logql", "tempo": "traceql"}
BUILT_IN = {"__auto": "5m", "__interval": "5m", "__rate_interval": "5m", "__range": "1h", "__interval_ms": "60000",
            "__range_ms": "3600000", "__range_s": "3600", "__from": "0", "__to": "0"}
ALL_STREAMS, ALL_SERIES = '{service_name=~".+"}', '{__name__=~".+"}'
VARIABLES = re.compile(r'\$\{([a-z_]\w*)(?:\.[\w.[\]"]+)?(?::[^}]*)?\}|\$([a-z_]\w*)|\[\[([a-z_]\w*)(?::\w+)?\]\]', re.IGNORECASE)


class Expression(NamedTuple):
    language: str
    text: str
    file: str
    place: str
    dashboard: dict = None

    def literal(self, unknown=lambda name: None):
        """The expression without variables. On a page and in a data source any variable may stand."""
        values = variables_of(self.dashboard) if self.dashboard else {"value": VARIABLE}

        def value(match):
            name = next(filter(None, match.groups()))
            if self.dashboard and name not in values and not name.startswith("__"):
                unknown(name)
            return values.get(name, BUILT_IN.get(name, VARIABLE))

        return VARIABLES.sub(value, self.text)


def variables_in(text):
    return {next(filter(None, match.groups())) for match in VARIABLES.finditer(text)}


def variables_of(dashboard):
    """A value for each of a dashboard's variables that parses wherever the variable does."""
    values = {}
    for variable in dashboard.get("templating", {}).get("list", []):
        first = str(variable.get("query") or "").split(",")[0].strip()
        literal = variable["type"] in ("custom", "constant", "textbox") and re.fullmatch(r"[\d.]+[a-z]*", first)
        values[variable["name"]] = "5m" if variable["type"] == "interval" else first if literal else VARIABLE
    return values


def panels_of(dashboard):
    return [inner for panel in dashboard.get("panels", []) for inner in (panel, *panel.get("panels", []))]


def links_of(panel):
    config = panel.get("fieldConfig", {})
    overridden = [one.get("value") or [] for override in config.get("overrides", []) for one in override.get("properties", []) if one["id"] == "links"]
    return [*panel.get("links", []), *config.get("defaults", {}).get("links", []), *panel.get("options", {}).get("dataLinks", []), *sum(overridden, [])]


def panes_of(url):
    """The queries of a link into Explore; a ValueError where they cannot be read."""
    panes = re.search(r"[?&](?:panes|left)=([^&]+)", url)
    data = json.loads(unquote(panes[1])) if panes else {}
    return [data] if "queries" in data else list(data.values())


def dashboards_in(repo):
    return repo.all("infra/grafana/dashboards/*.json")


def data_sources_in(repo):
    return [(file, source) for file, data in repo.all("infra/grafana/provisioning/datasources/*.y*ml") for source in data.get("datasources", [])]


def expressions_in(repo):
    for file, dashboard in dashboards_in(repo):
        for place, source, query in queries_of(dashboard):
            language = LANGUAGES.get(source.get("type")) if isinstance(source, dict) else None
            text = language and _text(language, query)
            if text:
                yield Expression(language, text, file, place, dashboard)
    for file, source in data_sources_in(repo):
        metrics, logs = (source.get("jsonData", {}).get(key, {}) for key in ("tracesToMetrics", "tracesToLogsV2"))
        for query in metrics.get("queries", []):
            yield Expression("promql", _with_tags(query["query"], metrics), file, f"{source['name']}, tracesToMetrics {query['name']}")
        if "query" in logs:
            yield Expression("logql", _with_tags(logs["query"], logs), file, f"{source['name']}, tracesToLogsV2")
    for file, data in repo.all("infra/prometheus/rules/*.yml"):
        for rule in (rule for group in data["groups"] for rule in group["rules"]):
            yield Expression("promql", str(rule["expr"]), file, f"rule {rule.get('record', rule.get('alert'))}")
    for file in repo.paths("docs/**/*.md", "infra/**/*.md", "*.md"):
        # A fenced block holds an expression a line; one that is longer continues in indented lines.
        for block in re.finditer(r"^( *)```(promql|logql|traceql)[^\n]*\n(.*?)^ *```", repo.text(file), re.MULTILINE | re.DOTALL):
            for part in re.split(rf"^{block[1]}(?=\S)", block[3], flags=re.MULTILINE):
                if part.strip():
                    yield Expression(block[2], part, file, f"line {repo.text(file)[: block.start()].count(chr(10)) + 1}")


def queries_of(dashboard):
    """(place, data source, query) of panels, links, variables and annotations."""
    for panel in panels_of(dashboard):
        place = f'panel "{panel.get("title")}"'
        for target in panel.get("targets", []):
            yield place, target.get("datasource") or panel.get("datasource"), target
        for link in links_of(panel):
            query = link.get("internal", {}).get("query")
            try:
                queries = [query] if query else [query for pane in panes_of(link.get("url", "")) for query in pane.get("queries", [])]
            except ValueError:
                queries = []  # the check of dashboards reports it
            for query in queries:
                yield f'link "{link["title"]}" of {place}', query.get("datasource"), query
    for variable in dashboard.get("templating", {}).get("list", []):
        if variable["type"] == "query":
            yield f'variable "{variable["name"]}"', variable.get("datasource"), _of_variable(variable)
    for annotation in dashboard.get("annotations", {}).get("list", []):
        target = annotation.get("target", {})
        yield f'annotation "{annotation["name"]}"', annotation.get("datasource"), target if target.get("expr") or target.get("query") else annotation


def _text(language, query):
    if query.get("queryType") == "serviceMap":
        return f"traces_service_graph_request_total{query['serviceMapQuery']}" if query.get("serviceMapQuery") else None
    text = query.get("query" if language == "traceql" else "expr")
    is_trace_id = language == "traceql" and re.fullmatch(r"\$\{?\w+(:\w+)?\}?|[\da-f]{16,32}", (text or "").strip())
    return None if is_trace_id else text


def _of_variable(variable):
    """A variable's query as an expression that asks for the same."""
    query, kind = variable.get("query"), dict(variable.get("datasource", {})).get("type") if isinstance(variable.get("datasource"), dict) else None
    if kind == "tempo":
        return {"query": f"{{ {query['label']} != nil }}"}
    if kind == "loki":
        return {"expr": f"sum by ({query['label']}) (count_over_time({query.get('stream') or ALL_STREAMS} [5m]))"}
    text = query.get("query") if isinstance(query, dict) else query
    values = re.fullmatch(r"label_values\((?:(.*),)?\s*([\w$]+)\s*\)", text or "", re.DOTALL)
    if values:
        return {"expr": f"count by ({values[2]}) ({values[1] or ALL_SERIES})"}
    inner = re.fullmatch(r"query_result\((.*)\)", text or "", re.DOTALL)
    return {"expr": inner[1] if inner else text}


def _with_tags(query, settings):
    """Provisioning writes $ as $$; __tags becomes a matcher for each tag."""
    matchers = ", ".join(f'{tag.get("value") or label_of(tag["key"])}="$value"' for tag in settings.get("tags", []))
    return re.sub(r"\$\{__tags\}|\$__tags\b", lambda _: matchers, query.replace("$$", "$"))


def check(repo):
    registry = Registry(repo)
    for expression in expressions_in(repo):
        found = []
        text = expression.literal(lambda name, found=found: found.append(f"the variable ${name} is not defined"))
        found += check_expression(expression.language, text, registry)
        yield from (f"{expression.file}: {expression.place}: {expression.language}: {wrong}" for wrong in found)


def as_json(repo):
    """For make test-stack: PromQL of panels and recording rules, with every variable at All, and the program whose
    metrics it asks for. Alerts are left out, whose result is empty while nothing is wrong."""
    sources = {name: found[0].get("source") for name, found in Registry(repo).metrics.items()}
    for expression in expressions_in(repo):
        is_panel, is_recorded = expression.place.startswith("panel "), re.match(r"rule [^:]+:", expression.place)
        if expression.language == "promql" and (is_panel or is_recorded):
            names = {re.sub("_(bucket|sum|count)$", "", name) if name not in sources else name for name in re.findall(r"[a-zA-Z_:][\w:]*", expression.text)}
            text = re.sub(r"\$(__rate_interval|__interval|__range)|\$\{__[a-z_]+\}", "5s", expression.text)
            yield {"place": f"{expression.file}: {expression.place}", "recorded": bool(is_recorded),
                   "text": VARIABLES.sub(".*", text), "programs": sorted({sources[name] for name in names if sources.get(name)})}
