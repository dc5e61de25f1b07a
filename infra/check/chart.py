"""The Helm chart, rendered by Helm's own engine with each of values/*.yaml, without a cluster: valid for Kubernetes,
as golden/ shows it, and in agreement with the service's options. UPDATE_GOLDEN=1 writes golden/ anew."""

import difflib
import functools
import itertools
import json
import os
import re
from pathlib import Path

import helm_python
import jsonschema
import kubernetes_validate
import yaml
from kubernetes_validate import utils
from registry import SECRET, options
from repository import ROOT, Loader, Repository, load_yaml

HERE = Path(__file__).parent
CHART = ROOT / "infra/helm/student-registration"
# The oldest version that Chart.yaml allows, and the newest with schemas.
OPTIONS = options(Repository())
VERSIONS = ["1.30", kubernetes_validate.latest_version().rpartition(".")[0]]
CUSTOM = json.loads((HERE / "custom-resources.json").read_text())
# Decided by the chart itself, or taken from a Secret.
NOT_IN_CONFIG = SECRET | {f"{name}_FILE" for name in SECRET} | {"LISTEN_ADDR", "ADMIN_LISTEN_ADDR", "NO_MIGRATE", "OTEL_EXPORTER_OTLP_ENDPOINT",
                                      "OTEL_RESOURCE_ATTRIBUTES", "OTEL_CONFIG_FILE"}
PASSWORD_IN_URL = re.compile(r"\w+://[^\s/@]*:[^\s/@]*@")
utils.schema_contents = functools.cache(utils.schema_contents)


class RefusedError(Exception):
    """The chart's schema or its templates refuse the values."""


def render(chart, values):
    """The objects that `helm install` creates, hooks and tests included."""
    with helm_python.Chart.load(chart) as loaded:
        try:
            loaded.validate_schema(values)
            files = loaded.render(values, name="demo", namespace="school")
        except (helm_python.HelmValuesError, helm_python.HelmRenderError) as error:
            raise RefusedError(str(error)) from error
    return [part for path, text in files.items() if path.endswith(".yaml") for part in yaml.load_all(text, Loader) if part]


@functools.cache
def value_sets():
    return {path.stem: load_yaml(path.read_text()) for path in sorted(HERE.glob("values/*.yaml"))}


def check(chart, versions=VERSIONS):
    """Everything that is wrong with the chart, what is quick to find first."""
    yield from _same_as_elsewhere(chart)
    rendered = {name: (values, render(chart, values)) for name, values in value_sets().items()}
    for name, (values, objects) in rendered.items():
        found = _environment(objects), _golden(name, objects), _rules(objects), _schemas(objects, versions), _lint(chart, values)
        yield from (f"values/{name}.yaml: {wrong}" for wrong in itertools.chain.from_iterable(found))


def _golden(name, objects):
    """The rules' text is left out, which is infra/prometheus/rules."""
    file = HERE / f"golden/{name}.yaml"
    shown = [item if item["kind"] != "PrometheusRule" else item | {"spec": {}} for item in objects]
    text = yaml.dump(shown, Dumper=yaml.CSafeDumper, width=1000)
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text)
    golden = file.read_text()
    if text != golden:
        difference = list(difflib.unified_diff(golden.splitlines(), text.splitlines(), lineterm="", n=0))[3:]
        yield f"renders otherwise than golden/{name}.yaml: {' | '.join(difference)}"


def _environment(objects):
    """Pods get only options of the service, no secret as text, and enough time to stop."""
    config = {item["metadata"]["name"]: item["data"] for item in objects if item["kind"] == "ConfigMap"}
    for item in objects:
        if item["kind"] == "Secret" or PASSWORD_IN_URL.search(str(item)):
            yield f"{item['kind']} {item['metadata']['name']} contains a secret"
        spec = item.get("spec", {}).get("template", {}).get("spec", {})
        for container in spec.get("containers", []):
            plain = {one["name"]: one["value"] for one in container.get("env", []) if "value" in one}
            settings = {key: value for source in container.get("envFrom", []) for key, value in config.get(source["configMapRef"]["name"], {}).items()}
            names = [one["name"] for one in container.get("env", [])] + list(settings)
            known = OPTIONS.keys() | set(re.findall(r"\$\((\w+)\)", str(plain)))
            yield from (f"{name} is no option of the service" for name in names if name not in known)
            yield from (f"{name} is set twice" for name in names if names.count(name) > 1)
            yield from (f"{name} is a secret" for name in SECRET & (plain.keys() | settings.keys()) if not plain.get(name, "").startswith("sqlite:"))
            if item["kind"] == "Deployment":
                seconds = lambda option, settings=settings: float(settings.get(option, OPTIONS[option].split("|")[2].strip(" `")))
                # 5 s more for telemetry: docs/telemetry.md.
                drain, grace = seconds("SHUTDOWN_DELAY") + seconds("SHUTDOWN_TIMEOUT") + 5, spec["terminationGracePeriodSeconds"]
                if grace < drain:
                    yield f"may take {drain} s to stop, and has {grace}"
                # /health/ready waits 1 s longer than for a connection.
                if container["readinessProbe"]["timeoutSeconds"] <= seconds("DATABASE_POOL_TIMEOUT") + 1:
                    yield "its readiness probe does not wait for the answer"


def _lint(chart, values):
    report = helm_python.lint(chart, values, strict=True)
    return [f"helm lint: {found['path']}: {found['error']}" for found in report["messages"] if found["severity"] > 1]


def _same_as_elsewhere(chart):
    """What the chart shares with the rest of the repository."""
    repo = Repository()
    metadata, version = load_yaml((chart / "Chart.yaml").read_text()), repo.data("Cargo.toml")["workspace"]["package"]["version"]
    yield from (f"Chart.yaml: {key} is {metadata[key]}, the program's {version}" for key in ("version", "appVersion") if metadata[key] != version)
    named = json.loads((chart / "values.schema.json").read_text())["properties"]["config"]["properties"].keys()
    real = OPTIONS.keys() - NOT_IN_CONFIG
    yield from (f"values.schema.json: config has {name}, which is no option of the service" for name in sorted(named - real))
    yield from (f"values.schema.json: config has no {name}" for name in sorted(real - named))


def _schemas(objects, versions):
    """Strictly: an unknown field is an error."""
    for item, version in itertools.product(objects, versions):
        try:
            if item["kind"] in CUSTOM:
                jsonschema.Draft7Validator(CUSTOM[item["kind"]]).validate(item)
            else:
                kubernetes_validate.validate(item, version, strict=True)
        except jsonschema.ValidationError as error:
            place = ".".join(map(str, error.absolute_path))
            yield f"Kubernetes {version}: {item['kind']} {item['metadata'].get('name')}: {place}: {error.message}"
        except kubernetes_validate.SchemaNotFoundError as error:
            yield error.message


def _rules(objects):
    # Helm reads files of the chart's own folder alone: rules is a symbolic link, which `helm package` follows.
    ours = [rules for _, rules in Repository().all("infra/prometheus/rules/*.yml")]
    found = [item["spec"] for item in objects if item["kind"] == "PrometheusRule"]
    if found not in ([], ours):
        yield f"has other rules than infra/prometheus/rules: {found}"
