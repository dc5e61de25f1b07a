"""Whether the chart's objects find each other by selectors, ports and names, and which clients may reach them."""

from chart_pods import pod_templates

RELEASE = "demo"


def check(objects):
    pods = list(pod_templates(objects))
    services = {item["metadata"]["name"]: item for item in objects if item["kind"] == "Service"}
    for item in objects:
        name = f"{item['kind']} {item['metadata']['name']}"
        look = LOOKS.get(item["kind"], lambda *_: [])
        yield from (f"{name}: {wrong}" for wrong in look(item, item.get("spec"), objects, pods, services))
    for item, _, spec in pods:
        yield from (f"{item['kind']} {item['metadata']['name']}: {wrong}" for wrong in _references(item, spec, objects))
    names = [(item["kind"], item["metadata"]["name"]) for item in objects]
    yield from (f"{kind} {name} is there twice" for kind, name in set(names) if names.count((kind, name)) > 1)


def _hook(item):
    return item["metadata"].get("annotations", {}).get("helm.sh/hook", "")


def _selected(selector, pods):
    return [(item, spec) for item, labels, spec in pods if selector.items() <= labels.items()]


def _one(selector, pods, kind="Deployment"):
    """A selector must find exactly one object, of this kind."""
    kinds = [item["kind"] for item, _ in _selected(selector, pods)]
    if kinds != [kind]:
        yield f"selects {kinds or 'nothing'} instead of one {kind}"


def _deployment(item, spec, objects, pods, services):
    template = spec["template"]
    yield from _one(spec["selector"]["matchLabels"], pods)
    for spread in template["spec"].get("topologySpreadConstraints", []):
        yield from _one(spread["labelSelector"]["matchLabels"], pods)
    embedded = any("persistentVolumeClaim" in volume for volume in template["spec"].get("volumes", []))
    if embedded and spec["strategy"]["type"] != "Recreate":
        yield "two pods would share one SQLite file"
    if ("replicas" in spec) == any(other["kind"] == "HorizontalPodAutoscaler" for other in objects):
        yield "replicas and the autoscaler contradict each other"
    if not template["metadata"].get("annotations", {}).get("checksum/config"):
        yield "its pods stay when the ConfigMap changes"


def _service(item, spec, objects, pods, services):
    yield from _one(spec["selector"], pods)
    known = {port["name"] for _, pod in _selected(spec["selector"], pods) for port in pod["containers"][0].get("ports", [])}
    targets = {port["targetPort"] for port in spec["ports"]}
    if not targets <= known:
        yield f"asks for the ports {targets - known}, which the pods do not have"
    if "admin" in targets and (spec.get("type") != "ClusterIP" or len(targets) > 1):
        yield "exposes the admin listener"


def _ingress(item, spec, objects, pods, services):
    for backend in (path["backend"]["service"] for rule in spec["rules"] for path in rule["http"]["paths"]):
        ports = services.get(backend["name"], {"spec": {"ports": []}})["spec"]["ports"]
        if {port["name"]: port["targetPort"] for port in ports}.get(backend["port"].get("name")) != "http":
            yield f"leads to {backend}, which is not the application"


def _network_policy(item, spec, objects, pods, services):
    if sorted(spec["policyTypes"]) != ["Egress", "Ingress"]:
        yield f"restricts {spec['policyTypes']} alone"
    yield from _one(spec["podSelector"]["matchLabels"], pods, "Job" if _hook(item) else "Deployment")
    for rule in spec.get("ingress", []):
        if not rule.get("from"):
            yield f"admits every client: {rule}"
        if len(rule.get("ports", [])) != 1:
            yield f"opens more than one port, or all: {rule}"
        for peer in rule.get("from", []):
            if "namespaceSelector" not in peer and "podSelector" in peer:
                yield from _one(peer["podSelector"]["matchLabels"], pods, "Pod")
    ports = [port.get("port") for rule in spec.get("egress", []) for port in rule.get("ports", [])]
    if None in ports or 53 not in ports or not all(rule.get("ports") for rule in spec["egress"]):
        yield f"allows egress to the ports {ports}"


def _budget(item, spec, objects, pods, services):
    yield from _one(spec["selector"]["matchLabels"], pods)
    if spec.get("maxUnavailable") != 1:
        yield "may keep a node from being drained"


def _autoscaler(item, spec, objects, pods, services):
    target = spec["scaleTargetRef"]
    if not any((other["kind"], other["metadata"]["name"]) == (target["kind"], target["name"]) for other in objects):
        yield f"scales {target}, which does not exist"


def _monitor(item, spec, objects, pods, services):
    wanted = spec["selector"]["matchLabels"].items()
    ports = [port["targetPort"] for service in services.values() if wanted <= service["metadata"]["labels"].items() for port in service["spec"]["ports"]]
    if ports != ["admin"] or [endpoint["port"] for endpoint in spec["endpoints"]] != ["admin"]:
        yield f"scrapes the ports {ports}"
    labels = {rule["targetLabel"]: rule["replacement"] for rule in spec["endpoints"][0].get("relabelings", [])}
    if labels.get("job") != "student-registration" or not labels.get("environment"):
        yield f"adds the labels {labels}, which the rules do not use"


def _references(item, spec, objects):
    """ConfigMaps, claims and accounts that a pod names; a hook runs before the chart's own objects exist."""
    created = {(other["kind"], other["metadata"]["name"]) for other in objects if not _hook(other)}
    early, account = _hook(item).startswith("pre-"), ("ServiceAccount", spec.get("serviceAccountName"))
    if early and account in created:
        yield f"needs {account}, which does not exist yet"
    # One with another name is not the chart's.
    if not early and account not in created and account[1].startswith(f"{RELEASE}-"):
        yield f"needs {account}, which does not exist"
    for container in spec["containers"]:
        for config in (("ConfigMap", source["configMapRef"]["name"]) for source in container.get("envFrom", [])):
            if early or config not in created:
                yield f"needs {config}, which does not exist"
        mounts = {mount["name"] for mount in container.get("volumeMounts", [])}
        volumes = {volume["name"] for volume in spec.get("volumes", [])}
        if mounts != volumes:
            yield f"mounts {mounts}, and has the volumes {volumes}"


LOOKS = {
    "Deployment": _deployment,
    "Service": _service,
    "Ingress": _ingress,
    "NetworkPolicy": _network_policy,
    "PodDisruptionBudget": _budget,
    "HorizontalPodAutoscaler": _autoscaler,
    "ServiceMonitor": _monitor,
}
