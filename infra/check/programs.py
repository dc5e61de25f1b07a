"""Pipelines of the collector, and the labels that Loki is configured to make."""

from languages import brief
from registry import Registry, label_of

KINDS = ("receivers", "processors", "exporters", "connectors", "extensions")


def collector(repo):
    base = repo.data("infra/collector/config.yaml")
    for file, own in repo.all("infra/collector/*.yaml"):
        data = own if "receivers" in own else _over(base, own)
        yield from (f"{file}: {wrong}" for wrong in [*_components(data), *_pipelines(data)])


def _over(below, above):
    """As the collector merges a second --config: mappings are joined, lists replaced."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return below | {key: _over(below[key], value) if key in below else value for key, value in above.items()}


def _components(data):
    service = data["service"]
    used = {kind: {name for pipeline in service["pipelines"].values() for name in pipeline.get(kind, [])} for kind in KINDS}
    connectors = set(data.get("connectors") or {})
    used |= {"extensions": set(service.get("extensions", [])), "connectors": connectors & used["receivers"] & used["exporters"]}
    for kind in KINDS:
        defined = data.get(kind) or {}
        for name in defined:
            if name not in used[kind]:
                yield f"{kind}.{name} is defined and not used"
        for name in used[kind] - set(defined) - (connectors if kind in ("receivers", "exporters") else set()):
            yield f"{name} is used and not among the {kind}"


def _pipelines(data):
    for name, pipeline in data["service"]["pipelines"].items():
        processors, receivers = [one.split("/")[0] for one in pipeline.get("processors", [])], pipeline.get("receivers")
        if not receivers or not pipeline.get("exporters"):
            yield f"pipeline {name} has no receiver or no exporter"
        # What comes from another pipeline has passed its memory_limiter.
        elif not set(receivers) <= set(data.get("connectors") or {}) and processors[:1] != ["memory_limiter"]:
            yield f"pipeline {name}: its first processor is not memory_limiter"
        if {"batch", "tail_sampling"} <= set(processors) and processors.index("batch") < processors.index("tail_sampling"):
            yield f"pipeline {name} batches before it samples"


def log_labels(repo):
    """The registry's labels of streams are the resource attributes that Loki is configured to index."""
    settings = repo.data("infra/loki/loki.yaml")["limits_config"]["otlp_config"]["resource_attributes"]
    indexed = {label_of(name) for one in settings["attributes_config"] if one["action"] == "index_label" for name in one["attributes"]}
    if not settings["ignore_defaults"] or indexed != Registry(repo).stream_labels.keys():
        yield f"infra/loki/loki.yaml: the labels {brief(indexed)} are not those of infra/telemetry.toml: {brief(Registry(repo).stream_labels)}"
