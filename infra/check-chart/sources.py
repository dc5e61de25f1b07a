"""What the chart shares with the rest of the repository, each with one source."""

import json
import re
import tomllib
from pathlib import Path

import environment
import strict_yaml

ROOT = Path(__file__).parents[2]
# What the chart itself decides, or takes from a Secret.
NOT_IN_CONFIG = environment.SECRET | {
    "LISTEN_ADDR",
    "ADMIN_LISTEN_ADDR",
    "NO_MIGRATE",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_CONFIG_FILE",
}


def mistakes(chart):
    return [*_versions(chart), *_options(chart), *_rules(chart)]


def _versions(chart):
    metadata = strict_yaml.load((chart / "Chart.yaml").read_text())
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    for key in "version", "appVersion":
        if metadata[key] != version:
            yield f"Chart.yaml: {key} is {metadata[key]}, the program's {version}"


def _options(chart):
    schema = json.loads((chart / "values.schema.json").read_text())
    named = schema["properties"]["config"]["properties"].keys()
    real = (environment.OPTIONS.keys() | environment.SWITCHES.keys()) - NOT_IN_CONFIG
    for name in sorted(named - real):
        yield f"values.schema.json: config has {name}, which is no option of the service"
    for name in sorted(real - named):
        yield f"values.schema.json: config has no {name}"


def _rules(chart):
    """Helm takes in files of the chart's own folder alone: rules is a link, which it follows."""
    ours = {file.name: file.read_bytes() for file in (ROOT / "infra/prometheus/rules").glob("*.yml")}
    packed = {file.name: file.read_bytes() for file in (chart / "rules").glob("*.yml")}
    if not ours or packed != ours:
        yield f"rules: {sorted(packed)} are not the same as infra/prometheus/rules: {sorted(ours)}"
