"""What every pod of the chart must be, and must not be allowed to do."""


def pod_templates(objects):
    """Each object that makes pods, with the pod's labels and its spec."""
    for item in objects:
        if item["kind"] == "Pod":
            yield item, item["metadata"].get("labels", {}), item["spec"]
        elif "template" in item.get("spec", {}):
            template = item["spec"]["template"]
            yield item, template["metadata"].get("labels", {}), template["spec"]


def mistakes(objects):
    found = []
    for item, _, spec in pod_templates(objects):
        name = f"{item['kind']} {item['metadata']['name']}"
        found += [f"{name}: {mistake}" for mistake in _pod(spec)]
        for container in spec["containers"] + spec.get("initContainers", []):
            found += [f"{name}: {container['name']}: {mistake}" for mistake in _container(container)]
        if item["kind"] == "Deployment":
            found += [f"{name}: {mistake}" for mistake in _service(spec)]
    return found


def _pod(spec):
    security = spec.get("securityContext", {})
    if not security.get("runAsNonRoot") or security.get("runAsUser") != 10001:
        yield "does not run as user 10001"
    if security.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield "has no seccomp profile"
    if spec.get("automountServiceAccountToken") is not False:
        yield "has a token"
    if spec.get("enableServiceLinks") is not False:
        yield "gets variables of other Services"
    for shared in "hostNetwork", "hostPID", "hostIPC":
        if spec.get(shared):
            yield f"has {shared}"
    if any("hostPath" in volume for volume in spec.get("volumes", [])):
        yield "mounts a path of the node"


def _container(container):
    security = container.get("securityContext", {})
    if security.get("readOnlyRootFilesystem") is not True:
        yield "its root file system can be written"
    if security.get("allowPrivilegeEscalation") is not False or security.get("privileged"):
        yield "may gain privileges"
    if security.get("capabilities") != {"drop": ["ALL"]}:
        yield "keeps capabilities"
    if security.get("runAsUser", 10001) != 10001:
        yield "runs as another user than its pod"
    resources = container.get("resources", {})
    if not {"cpu", "memory"} <= resources.get("requests", {}).keys() or "memory" not in resources.get("limits", {}):
        yield "has no resources"
    name = container["image"].rpartition("/")[2]
    if "@sha256:" not in name and (":" not in name or name.endswith(":latest")):
        yield f"nobody can say what {container['image']} is"


def _service(spec):
    container = spec["containers"][0]
    ports = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
    if ports != {"http": 5000, "admin": 8000}:
        yield f"has the ports {ports}"
    for probe, path in ("startup", "live"), ("liveness", "live"), ("readiness", "ready"):
        asked = container.get(f"{probe}Probe", {}).get("httpGet", {})
        if asked != {"path": f"/health/{path}", "port": "admin"}:
            yield f"its {probe} probe asks {asked}"
    keys = {spread["topologyKey"] for spread in spec.get("topologySpreadConstraints", [])}
    if not keys >= {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}:
        yield f"is spread over {keys}"
