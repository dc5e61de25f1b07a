"""Compose files, each overlay merged over the base by podman-compose: pinned, bounded, watched, and with files
and variables that exist. dclint holds each file against the specification."""

import re

import podman_compose
import yaml
from registry import options

BASE, ENV = "infra/compose.yaml", "infra/.env.example"
WITHOUT_HEALTH_CHECK = {"otel-collector", "migrate"}  # its image holds no program that could ask; ends by itself
PUBLIC_OR_WITH_PASSWORD = {"5000", "8080", "3000"}  # the form, through NGINX too; Grafana
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)")


def check(repo):
    for file in repo.paths("infra/compose*.yaml"):
        for name, service in repo.data(file)["services"].items():
            for port in service.get("ports", []):
                if "${" not in str(port):
                    yield f"{file}: service {name} publishes {port} without a variable"
                if "BIND_ADDRESS" in str(port) and port.rsplit(":", 1)[1] not in PUBLIC_OR_WITH_PASSWORD:
                    yield f"{file}: service {name} publishes {port} beyond 127.0.0.1, where it answers without a password"
    yield from _variables(repo)
    stacks = stacks_of(repo)
    for file, services in stacks.items():
        for name, service in services.items():
            yield from (f"{file}: service {name} {wrong}" for wrong in _service(repo, name, service, services))
    given = {file: services.get("api", {}).get("environment", {}) for file, services in stacks.items()}
    given["infra/api.env"] = re.findall(r"^(?:# )?([A-Z_]+)=", repo.text("infra/api.env"), re.MULTILINE)
    for file, names in given.items():
        yield from (f"{file}: service api: {name} is no option of the service" for name in names if name not in options(repo))


def stacks_of(repo):
    """By file the services as Compose sees them, without a .env."""
    return {file: _merged(repo, file) for file in repo.paths("infra/compose*.yaml")}


def _merged(repo, file):
    files = [file] if file == BASE or "name" in repo.data(file) else [BASE, file]
    services = podman_compose.rec_merge({}, *(_load(repo.text(one)) for one in files))["services"]
    for name, service in services.items():
        if "extends" in service:
            services[name] = podman_compose.rec_merge({}, _load(repo.text(BASE))["services"][name], service)
    return services


def _load(text):
    """A file with each variable's default; one that must be given is "given"."""
    default = lambda match: match[3] if match[2] == "-" else "given" if match[2] else ""
    return podman_compose.normalize(yaml.safe_load(re.sub(r"(?<!\$)\$\{(\w+)(?::?([-?])([^}]*))?\}", default, text)))


def _service(repo, name, service, services):
    image = service.get("image") or ""
    built = any("build" in one and one["image"] == image for one in services.values())
    if not built and not re.search(r"@sha256:[\da-f]{64}$|:[^:/@]*\d[^:/@]*$", image):
        yield f"has the image `{image}`, which is not pinned"
    if not service.get("mem_limit") and not service.get("deploy", {}).get("resources", {}).get("limits", {}).get("memory"):
        yield "has no memory limit"
    if not service.get("pids_limit"):
        yield "has no limit of processes"
    zones = set(service.get("networks", {}))
    if not zones:
        yield "is in no network of its zone"
    if {"front", "data"} <= zones and name != "api":
        yield "joins the networks front and data, as the service alone may"
    if not _has_health(service) and name not in WITHOUT_HEALTH_CHECK:
        yield "has no health check"
    for other, how in service.get("depends_on", {}).items():
        if other not in services:
            yield f"depends on {other}, which is no service"
        elif how.get("condition") == "service_healthy" and not _has_health(services[other]):
            yield f"waits for {other} to be healthy, which has no health check"
    mounts = [mount.split(":") for mount in service.get("volumes", [])]
    for path in [mount[0] for mount in mounts if mount[0].startswith(".")] + service.get("env_file", []):
        if not repo.exists(f"infra/{path}"):
            yield f"needs infra/{path}, which does not exist"
    if len({mount[1] for mount in mounts}) < len(mounts):
        yield "mounts two things in one place"


def _has_health(service):
    return bool(service.get("healthcheck", {}).get("test")) and not service["healthcheck"].get("disable")


def _variables(repo):
    documented = re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", repo.text(ENV), re.MULTILINE)
    used = {file: set(VARIABLE.findall(re.sub(r"(?m)^\s*#.*", "", repo.text(file)))) for file in repo.paths("infra/compose*.yaml")}
    for file, names in used.items():
        yield from (f"{file}: the variable {name} is not in {ENV}" for name in sorted(names - set(documented)))
    yield from (f"{ENV}: {name}: no compose file uses the variable" for name in documented if not any(name in names for names in used.values()))
    yield from (f"{ENV}: {name} is there twice" for name in documented if documented.count(name) > 1)
