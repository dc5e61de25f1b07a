"""What the pods' environment says: only what the service listens to, no secret, and times that fit."""

import re
from pathlib import Path

from pods import pod_templates

DOCS = Path(__file__).parents[2] / "docs"
SECRET = {"DATABASE_URL", "FORM_SECRET", "OTEL_EXPORTER_OTLP_HEADERS"}
# A password in a URL.
CREDENTIALS = re.compile(r"\w+://[^\s/@]*:[^\s/@]*@")


def _table(file, part):
    """The first column of a table that `make docs` writes: (name, rest of the line)."""
    text = (DOCS / file).read_text().partition(f"<!-- {part}: ")[2].partition("<!-- end")[0]
    return dict(re.findall(r"^\| `([A-Z_]+)`(.*)$", text, re.MULTILINE))


OPTIONS = _table("configuration.md", "options")
SWITCHES = _table("telemetry.md", "variables")
COMMANDS = set(re.findall(r"^\| `(\w+)`", (DOCS / "configuration.md").read_text().partition("## Commands")[2], re.MULTILINE))


def default(option):
    return OPTIONS[option].split("|")[2].strip(" `")


def mistakes(objects, values):
    found = []
    config_maps = {item["metadata"]["name"]: item["data"] for item in objects if item["kind"] == "ConfigMap"}
    for item in objects:
        name = f"{item['kind']} {item['metadata']['name']}"
        if item["kind"] == "Secret":
            found.append(f"{name}: the chart makes no Secrets")
        if CREDENTIALS.search(str(item)):
            found.append(f"{name}: has a password in it")
    for name, data in config_maps.items():
        found += [f"ConfigMap {name}: {secret} is a secret" for secret in SECRET & data.keys()]
    for item, _, spec in pod_templates(objects):
        for container in spec["containers"]:
            name = f"{item['kind']} {item['metadata']['name']}"
            found += [f"{name}: {mistake}" for mistake in _variables(container, config_maps)]
            if item["kind"] == "Deployment":
                settings = {**config_maps.get(container["envFrom"][0]["configMapRef"]["name"], {}), **_plain(container)}
                found += [f"{name}: {mistake}" for mistake in _service(spec, container, settings, values)]
    return found


def _plain(container):
    return {variable["name"]: variable["value"] for variable in container.get("env", []) if "value" in variable}


def _variables(container, config_maps):
    if not set(container.get("args", [])) <= COMMANDS:
        yield f"{container['args']} is not a command of the service"
    names = [variable["name"] for variable in container.get("env", [])]
    for source in container.get("envFrom", []):
        names += config_maps.get(source["configMapRef"]["name"], {})
    plain = _plain(container)
    named = set(re.findall(r"\$\((\w+)\)", " ".join(plain.values())))
    for name in names:
        if name not in OPTIONS and name not in SWITCHES and name not in named:
            yield f"{name} is no option of the service"
        if names.count(name) > 1:
            yield f"{name} is set twice"
    for name in named:
        # Kubernetes fills in what stands before.
        if name not in names[: names.index("OTEL_RESOURCE_ATTRIBUTES")]:
            yield f"$({name}) is not known yet"
    for name in SECRET & plain.keys():
        if not plain[name].startswith("sqlite:"):
            yield f"{name} is a secret"


def _service(spec, container, settings, values):
    def seconds(option):
        return float(settings.get(option, default(option)))

    # The service takes five seconds more for telemetry: docs/telemetry.md.
    drain = seconds("SHUTDOWN_DELAY") + seconds("SHUTDOWN_TIMEOUT") + 5
    if spec.get("terminationGracePeriodSeconds", 30) < drain:
        yield f"may take {drain} seconds to stop, and has {spec.get('terminationGracePeriodSeconds')}"
    # /health/ready waits a second longer than for a connection.
    if container["readinessProbe"].get("timeoutSeconds", 1) <= seconds("DATABASE_POOL_TIMEOUT") + 1:
        yield "its readiness probe does not wait for the answer"
    listens = settings.get("LISTEN_ADDR"), settings.get("ADMIN_LISTEN_ADDR")
    if listens != ("0.0.0.0:5000", "0.0.0.0:8000"):
        yield f"listens on {listens}"
    if settings.get("NO_PUBLIC_METRICS") != "true":
        yield "serves /metrics to the public"
    if settings.get("TRUSTED_PROXIES") != ("1" if values["ingress"]["enabled"] else "0"):
        yield "does not know its proxies"
    # Who migrates: the job, or where there is none for SQLite, the service.
    if settings.get("NO_MIGRATE") != ("false" if values["embedded"]["enabled"] else "true"):
        yield "migrates when it should not, or the other way round"
    resource = dict(pair.split("=", 1) for pair in settings["OTEL_RESOURCE_ATTRIBUTES"].split(","))
    expected = values["telemetry"]["environment"], "$(POD_NAME)"
    if (resource.get("deployment.environment.name"), resource.get("service.instance.id")) != expected:
        yield f"its resource is {resource}"
