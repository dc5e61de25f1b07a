"""The environment of the chart's pods: only options of the service, no secret, and times that fit."""

import re

from chart_pods import pod_templates
from repository import ROOT

SECRET = {"DATABASE_URL", "FORM_SECRET", "OTEL_EXPORTER_OTLP_HEADERS"}
PASSWORD_IN_URL = re.compile(r"\w+://[^\s/@]*:[^\s/@]*@")


def _table(file, part):
    """A table that `make docs` writes: the first column, and the rest of the line."""
    text = (ROOT / "docs" / file).read_text().partition(f"<!-- {part}: ")[2].partition("<!-- end")[0]
    return dict(re.findall(r"^\| `([A-Z_]+)`(.*)$", text, re.MULTILINE))


OPTIONS, SWITCHES = _table("configuration.md", "options"), _table("telemetry.md", "switches")
COMMANDS = set(re.findall(r"^\| `(\w+)`", (ROOT / "docs/configuration.md").read_text().partition("## Commands")[2], re.MULTILINE))


def check(objects, values):
    config_maps = {item["metadata"]["name"]: item["data"] for item in objects if item["kind"] == "ConfigMap"}
    for item in objects:
        name = f"{item['kind']} {item['metadata']['name']}"
        if item["kind"] == "Secret":
            yield f"{name}: the chart creates no Secrets"
        if PASSWORD_IN_URL.search(str(item)):
            yield f"{name} contains a password"
    for name, data in config_maps.items():
        yield from (f"ConfigMap {name}: {secret} is a secret" for secret in SECRET & data.keys())
    for item, _, spec in pod_templates(objects):
        for container in spec["containers"]:
            name = f"{item['kind']} {item['metadata']['name']}"
            yield from (f"{name}: {wrong}" for wrong in _variables(container, config_maps))
            if item["kind"] == "Deployment":
                settings = config_maps.get(container["envFrom"][0]["configMapRef"]["name"], {}) | _plain(container)
                yield from (f"{name}: {wrong}" for wrong in _service(spec, container, settings, values))


def _plain(container):
    return {variable["name"]: variable["value"] for variable in container.get("env", []) if "value" in variable}


def _variables(container, config_maps):
    if not set(container.get("args", [])) <= COMMANDS:
        yield f"{container['args']} is not a command of the service"
    plain, names = _plain(container), [variable["name"] for variable in container.get("env", [])]
    for source in container.get("envFrom", []):
        names += config_maps.get(source["configMapRef"]["name"], {})
    referenced = set(re.findall(r"\$\((\w+)\)", " ".join(plain.values())))
    for name in names:
        if name not in OPTIONS.keys() | SWITCHES.keys() | referenced:
            yield f"{name} is no option of the service"
        if names.count(name) > 1:
            yield f"{name} is set twice"
    # Kubernetes fills in variables that are defined before.
    yield from (f"$({name}) is not defined yet" for name in referenced - set(names[: names.index("OTEL_RESOURCE_ATTRIBUTES")] if referenced else []))
    yield from (f"{name} is a secret" for name in SECRET & plain.keys() if not plain[name].startswith("sqlite:"))


def _service(spec, container, settings, values):
    def seconds(option):
        return float(settings.get(option, OPTIONS[option].split("|")[2].strip(" `")))

    # 5 s more for telemetry: docs/telemetry.md.
    drain, grace = seconds("SHUTDOWN_DELAY") + seconds("SHUTDOWN_TIMEOUT") + 5, spec.get("terminationGracePeriodSeconds", 30)
    if grace < drain:
        yield f"may take {drain} s to stop, and has {grace}"
    # /health/ready waits 1 s longer than for a connection.
    if container["readinessProbe"].get("timeoutSeconds", 1) <= seconds("DATABASE_POOL_TIMEOUT") + 1:
        yield "its readiness probe does not wait for the answer"
    resource = dict(pair.split("=", 1) for pair in settings["OTEL_RESOURCE_ATTRIBUTES"].split(","))
    expected = {
        "LISTEN_ADDR": "0.0.0.0:5000", "ADMIN_LISTEN_ADDR": "0.0.0.0:8000", "NO_PUBLIC_METRICS": "true",
        "TRUSTED_PROXIES": "1" if values["ingress"]["enabled"] else "0",
        # The job migrates; with SQLite, where there is none, the service does.
        "NO_MIGRATE": "false" if values["embedded"]["enabled"] else "true",
    }
    yield from (f"{name} is {settings.get(name)}, not {value}" for name, value in expected.items() if settings.get(name) != value)
    wanted = {"deployment.environment.name": values["telemetry"]["environment"], "service.instance.id": "$(POD_NAME)"}
    if not wanted.items() <= resource.items():
        yield f"its resource is {resource}"
