"""Each alert has a runbook, a dashboard, a drill, and promtool cases in which it fires, stays silent and resolves."""

import re

from expressions import dashboards_in
from registry import Registry

DRILLS = "infra/prometheus/drills.toml"
FIELDS = {"alert": str, "fault": str, "meaning": str, "faults": str, "stop": str, "lock": str, "pause": str, "setting": str, "load": bool}
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}


def check(repo):
    registry = Registry(repo)
    uids = {dashboard.get("uid") for _, dashboard in dashboards_in(repo)}
    drills = repo.data(DRILLS).get("drill", [])
    cases = list(_cases(repo))
    names = {rule["alert"] for rule in registry.alerts}
    for rule in registry.alerts:
        for look in _annotations(rule, repo, uids), _tested(rule, cases):
            yield from (f"{rule['file']}: alert {rule['alert']} {wrong}" for wrong in look)
        count = sum(drill.get("alert") == rule["alert"] for drill in drills)
        if count != 1:
            yield f"{rule['file']}: alert {rule['alert']} has {count} drills in {DRILLS}, and must have one"
    for drill in drills:
        if drill.get("alert") not in names:
            yield f"{DRILLS}: {drill.get('alert')}: there is no such alert"
        if any(type(drill.get(key)) is not kind for key, kind in FIELDS.items()) or not drill["meaning"] or not drill["fault"]:
            yield f"{DRILLS}: {drill.get('alert')} lacks one of {', '.join(FIELDS)}"
    yield from (f"{file}: {name}: there is no such alert" for file, _, name, _, _ in cases if name not in names)
    for file in repo.paths("docs/runbooks/*.md"):
        if (name := re.search(r"(\w+)\.md$", file)[1]) not in names | {"README"}:
            yield f"{file}: {name}: there is no such alert"


def _annotations(rule, repo, uids):
    annotations, severity = rule.get("annotations", {}), rule.get("labels", {}).get("severity")
    if severity not in ("page", "ticket"):
        yield f"has the severity {severity}, neither page nor ticket"
    yield from (f"has no {name}" for name in ("summary", "description", "runbook", "dashboard") if not annotations.get(name))
    runbook, dashboard = annotations.get("runbook"), annotations.get("dashboard")
    if runbook and (runbook != f"docs/runbooks/{rule['alert']}.md" or not repo.exists(runbook)):
        yield f"has the runbook {runbook}, which does not exist or has another name"
    if dashboard and dashboard not in uids:
        yield f"has the dashboard {dashboard}, which does not exist"


def _cases(repo):
    """(file, test, alert, time, labels of those that fire): alert_rule_test, or an expression over ALERTS."""
    for file, data in repo.all("infra/prometheus/tests/*.yml"):
        for number, test in enumerate(data.get("tests", [])):
            for one in test.get("alert_rule_test", []):
                yield file, (file, number), one["alertname"], _seconds(one), [alert.get("exp_labels", {}) for alert in one.get("exp_alerts") or []]
            for one in test.get("promql_expr_test", []):
                name = re.search(r'ALERTS\{[^}]*alertname="(\w+)"', one["expr"])
                if name and 'alertstate="firing"' in one["expr"]:
                    samples = one.get("exp_samples") or []
                    yield file, (file, number), name[1], _seconds(one), [dict(re.findall(r'(\w+)="([^"]*)"', sample["labels"])) for sample in samples]


def _seconds(case):
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhdwy])", str(case["eval_time"])))


def _tested(rule, cases):
    """Rules that share a name are told apart by their labels; each must be tested."""
    fixed = {name: value for name, value in rule.get("labels", {}).items() if "{{" not in str(value)}
    own = [case for case in cases if case[2] == rule["alert"]]
    is_this = lambda labels: fixed.keys() & labels.keys() and all(labels.get(name, value) == value for name, value in fixed.items())
    fires = [case for case in own if any(map(is_this, case[4]))]
    resolves = lambda case: any(fire[1] == case[1] and fire[3] < case[3] for fire in fires)
    silent = [resolves(case) for case in own if case not in fires]
    which = ", ".join(f'{name}="{value}"' for name, value in fixed.items())
    for is_missing, what in (not fires, "it fires"), (False not in silent, "it stays silent"), (True not in silent, "it resolves"):
        if is_missing:
            yield f"has no case in infra/prometheus/tests in which {what}, with {which}"
