"""How the stack's programs reach each other: hosts, ports, variables of configurations, pipelines of the collector."""

import re

from compose import stacks_of

COLLECTOR = "infra/collector/config.yaml"
# host:port in a URL, or alone; a name with a dot is another machine's.
ADDRESS = re.compile(r"""(?:[a-z+]+://(?:[^/@\s"']*@)?|(?:^|(?<=["'\s=\[])))([a-z][a-z0-9-]*):(\d{2,5})(?=["'\s/;,\]]|$)""", re.MULTILINE)
READ = re.compile(r"""(?<!\$)\$\{(?:env:)?([A-Z][A-Z0-9_]*)\}|\$__env\{(\w+)\}|sys\.env\("(\w+)"\)""")
SETTINGS = ("environment", "command", "healthcheck", "ports", "expose")


def check(repo):
    yield from _pipelines(repo)
    services = [(file, name, service) for file, stack in stacks_of(repo).items() for name, service in stack.items()]
    listening = {}
    for _, name, service in services:
        image = repo.text("infra/Dockerfile") if "build" in service else ""
        listening[name] = listening.get(name, "") + str([service.get(key) for key in SETTINGS]) + image + str(_mounted(repo, service))
    for file, name, service in services:
        own = (f"{file}: service {name}", str([service.get("environment"), service.get("command")]))
        for place, text in [own, *_mounted(repo, service)]:
            for host, port in ADDRESS.findall(text):
                if host != "localhost" and host not in listening:
                    yield f"{place}: {host} is no service"
                elif host != "localhost" and not re.search(rf"(?<!\d){port}(?!\d)", listening[host].replace(f"{host}:{port}", "")):
                    yield f"{place}: {host} does not listen on {port}"
        for path, text in _mounted(repo, service):
            wanted = {next(filter(None, names)) for names in READ.findall(text)} - service.get("environment", {}).keys()
            yield from (f"{file}: service {name}: {path} reads {variable}, which is not set" for variable in sorted(wanted))


def _mounted(repo, service):
    """(path, text without comments) of the configurations that are mounted."""
    sources = [mount.split(":")[0] for mount in service.get("volumes", []) if mount.startswith("./")]
    paths = [path for source in sources for path in repo.paths(f"infra/{source[2:]}", f"infra/{source[2:]}/**/*")]
    return [(path, re.sub(r"(?m)(^|\s)(#|//) .*", "", repo.text(path))) for path in paths if not re.search(r"/tests/|\.json$", path)]


def _pipelines(repo):
    base = repo.data(COLLECTOR)
    for file, own in repo.all("infra/collector/*.yaml"):
        connectors = base.get("connectors", {}) | own.get("connectors", {})
        for name, pipeline in own["service"]["pipelines"].items():
            pipeline = base["service"]["pipelines"].get(name, {}) | pipeline
            kinds = [processor.partition("/")[0] for processor in pipeline["processors"]]
            # Data from a connector has passed the memory_limiter of another pipeline.
            if not set(pipeline["receivers"]) <= connectors.keys() and kinds[0] != "memory_limiter":
                yield f"{file}: pipeline {name}: its first processor is not memory_limiter"
            if "batch" in kinds and "tail_sampling" in kinds[kinds.index("batch") :]:
                yield f"{file}: pipeline {name} batches before it samples"
