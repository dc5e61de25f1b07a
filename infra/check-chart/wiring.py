"""Whether objects find each other: selectors, ports, names; and who may reach what."""

import helm
from pods import pod_templates


def mistakes(objects):
    found = []
    pods = list(pod_templates(objects))
    services = {item["metadata"]["name"]: item for item in objects if item["kind"] == "Service"}
    for item in objects:
        look = _LOOKS.get(item["kind"])
        if look:
            name = f"{item['kind']} {item['metadata']['name']}"
            found += [f"{name}: {mistake}" for mistake in look(item, objects, pods, services)]
    for item, _, spec in pods:
        name = f"{item['kind']} {item['metadata']['name']}"
        found += [f"{name}: {mistake}" for mistake in _references(item, spec, objects)]
    names = [(item["kind"], item["metadata"]["name"]) for item in objects]
    found += [f"{kind} {name} is there twice" for kind, name in set(names) if names.count((kind, name)) > 1]
    return found


def _hook(item):
    return item["metadata"].get("annotations", {}).get("helm.sh/hook")


def _selected(selector, pods):
    return [(item, spec) for item, labels, spec in pods if selector.items() <= labels.items()]


def _one(selector, pods, kind="Deployment"):
    """What is wrong with a selector that should find one thing, of this kind."""
    kinds = [item["kind"] for item, _ in _selected(selector, pods)]
    if kinds != [kind]:
        yield f"selects {kinds or 'nothing'} instead of one {kind}"


def _deployment(item, objects, pods, services):
    yield from _one(item["spec"]["selector"]["matchLabels"], pods)
    for spread in item["spec"]["template"]["spec"].get("topologySpreadConstraints", []):
        yield from _one(spread["labelSelector"]["matchLabels"], pods)
    embedded = any("persistentVolumeClaim" in volume for volume in item["spec"]["template"]["spec"].get("volumes", []))
    if embedded and item["spec"]["strategy"]["type"] != "Recreate":
        yield "two pods would have one SQLite file"
    scaled = any(other["kind"] == "HorizontalPodAutoscaler" for other in objects)
    if scaled == ("replicas" in item["spec"]):
        yield "replicas and the autoscaler are at odds"
    checksum = item["spec"]["template"]["metadata"].get("annotations", {}).get("checksum/config")
    if not checksum:
        yield "its pods stay when the ConfigMap changes"


def _service(item, objects, pods, services):
    selector = item["spec"]["selector"]
    yield from _one(selector, pods)
    known = {port["name"] for _, spec in _selected(selector, pods) for port in spec["containers"][0].get("ports", [])}
    targets = {port["targetPort"] for port in item["spec"]["ports"]}
    if not targets <= known:
        yield f"asks for the ports {targets - known}, which the pods have not"
    if "admin" in targets and (item["spec"].get("type") != "ClusterIP" or len(targets) > 1):
        yield "shows the admin listener to others"


def _ingress(item, objects, pods, services):
    for rule in item["spec"]["rules"]:
        for path in rule["http"]["paths"]:
            backend = path["backend"]["service"]
            service = services.get(backend["name"], {"spec": {"ports": []}})
            targets = {port["name"]: port["targetPort"] for port in service["spec"]["ports"]}
            if targets.get(backend["port"].get("name")) != "http":
                yield f"leads to {backend}, which is not the application"


def _network_policy(item, objects, pods, services):
    spec = item["spec"]
    if sorted(spec["policyTypes"]) != ["Egress", "Ingress"]:
        yield f"is about {spec['policyTypes']} alone"
    yield from _one(spec["podSelector"]["matchLabels"], pods, "Job" if _hook(item) else "Deployment")
    for rule in spec.get("ingress", []):
        if not rule.get("from"):
            yield f"lets everybody in: {rule}"
        if len(rule.get("ports", [])) != 1:
            yield f"opens more than one port, or all: {rule}"
        for peer in rule.get("from", []):
            if "namespaceSelector" not in peer and "podSelector" in peer:
                yield from _one(peer["podSelector"]["matchLabels"], pods, "Pod")
    ports = [port.get("port") for rule in spec.get("egress", []) for port in rule.get("ports", [])]
    if None in ports or 53 not in ports or not all(rule.get("ports") for rule in spec["egress"]):
        yield f"lets out to the ports {ports}"


def _budget(item, objects, pods, services):
    yield from _one(item["spec"]["selector"]["matchLabels"], pods)
    if item["spec"].get("maxUnavailable") != 1:
        yield "may keep a node from being drained"


def _autoscaler(item, objects, pods, services):
    target = item["spec"]["scaleTargetRef"]
    if not any((other["kind"], other["metadata"]["name"]) == (target["kind"], target["name"]) for other in objects):
        yield f"scales {target}, which is not there"


def _monitor(item, objects, pods, services):
    wanted = item["spec"]["selector"]["matchLabels"].items()
    matching = [service for service in services.values() if wanted <= service["metadata"]["labels"].items()]
    ports = [port["targetPort"] for service in matching for port in service["spec"]["ports"]]
    if ports != ["admin"] or [endpoint["port"] for endpoint in item["spec"]["endpoints"]] != ["admin"]:
        yield f"scrapes the ports {ports}"
    labels = {rule["targetLabel"]: rule["replacement"] for rule in item["spec"]["endpoints"][0].get("relabelings", [])}
    if labels.get("job") != "student-registration" or not labels.get("environment"):
        yield f"gives the labels {labels}, which the rules do not ask for"


def _references(item, spec, objects):
    """ConfigMaps, claims and accounts that a pod names; a hook runs before the chart's own are there."""
    made = {(other["kind"], other["metadata"]["name"]) for other in objects if not _hook(other)}
    early = (_hook(item) or "").startswith("pre-")
    account = ("ServiceAccount", spec.get("serviceAccountName"))
    if early and account in made:
        yield f"needs {account}, which is not there yet"
    # One of another name is somebody else's.
    if not early and account not in made and account[1].startswith(f"{helm.RELEASE['name']}-"):
        yield f"needs {account}, which is not there"
    for container in spec["containers"]:
        for source in container.get("envFrom", []):
            config = ("ConfigMap", source["configMapRef"]["name"])
            if early or config not in made:
                yield f"needs {config}, which is not there"
        mounts = {mount["name"] for mount in container.get("volumeMounts", [])}
        volumes = {volume["name"] for volume in spec.get("volumes", [])}
        if mounts != volumes:
            yield f"mounts {mounts}, and has {volumes}"


_LOOKS = {
    "Deployment": _deployment,
    "Service": _service,
    "Ingress": _ingress,
    "NetworkPolicy": _network_policy,
    "PodDisruptionBudget": _budget,
    "HorizontalPodAutoscaler": _autoscaler,
    "ServiceMonitor": _monitor,
}
