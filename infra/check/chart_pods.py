"""What every pod of the chart must be, and what it may not do."""


def pod_templates(objects):
    """Each object that creates pods, with the pod's labels and its spec."""
    for item in objects:
        pod = item if item["kind"] == "Pod" else item.get("spec", {}).get("template")
        if pod:
            yield item, pod["metadata"].get("labels", {}), pod["spec"]


def check(objects):
    for item, _, spec in pod_templates(objects):
        name = f"{item['kind']} {item['metadata']['name']}"
        yield from (f"{name}: {wrong}" for wrong, is_wrong in _pod(spec).items() if is_wrong)
        for container in spec["containers"] + spec.get("initContainers", []):
            yield from (f"{name}: {container['name']}: {wrong}" for wrong, is_wrong in _container(container).items() if is_wrong)
        if item["kind"] == "Deployment":
            yield from (f"{name}: {wrong}" for wrong in _service(spec))


def _pod(spec):
    security = spec.get("securityContext", {})
    return {
        "does not run as user 10001": not security.get("runAsNonRoot") or security.get("runAsUser") != 10001,
        "has no seccomp profile": security.get("seccompProfile") != {"type": "RuntimeDefault"},
        "mounts a service account's token": spec.get("automountServiceAccountToken") is not False,
        "gets variables of other Services": spec.get("enableServiceLinks") is not False,
        "mounts a path of the node": any("hostPath" in volume for volume in spec.get("volumes", [])),
    } | {f"has {shared}": spec.get(shared) for shared in ("hostNetwork", "hostPID", "hostIPC")}


def _container(container):
    security, resources, name = container.get("securityContext", {}), container.get("resources", {}), container["image"].rpartition("/")[2]
    return {
        "its root file system is writable": security.get("readOnlyRootFilesystem") is not True,
        "may gain privileges": security.get("allowPrivilegeEscalation") is not False or security.get("privileged"),
        "keeps capabilities": security.get("capabilities") != {"drop": ["ALL"]},
        "runs as another user than its pod": security.get("runAsUser", 10001) != 10001,
        "has no resources": not {"cpu", "memory"} <= resources.get("requests", {}).keys() or "memory" not in resources.get("limits", {}),
        f"has the image {container['image']}, which is not pinned": "@sha256:" not in name and (":" not in name or name.endswith(":latest")),
    }


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
