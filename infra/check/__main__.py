"""Checks infra/ without starting it. Usage: check stack|chart|breakages|expressions

stack and chart print every finding and fail on any; breakages plants each of breakages.toml in a copy of the
repository and fails where its finding does not appear; expressions prints what make test-stack asks Prometheus."""

import json
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import alerts
import chart
import compose
import expressions
import grafana
import programs
import yaml
from languages import check_expression
from registry import Registry
from repository import ROOT, Repository, syntax

HERE = Path(__file__).parent
CHECKS = {"syntax": syntax} | {module.__name__: module.check for module in (alerts, compose, expressions, grafana, programs)}
TOOLS = {
    "lychee": "lychee --offline --include-fragments --no-progress --quiet --exclude-path docs/configuration.md docs/**/*.md infra/**/*.md *.md",
    "yamllint": "yamllint --strict --config-file infra/check/yamllint.yaml infra",
    "hadolint": "hadolint infra/Dockerfile",
    "dclint": "dclint infra --quiet --config infra/check/dclint.json",
    "promtool": "promtool test rules infra/prometheus/tests/*.yml",
    "promtool-rules": "promtool check config --lint=all --lint-fatal infra/prometheus/prometheus.yml",
}


def run_tool(name, root):
    """A kept tool's output where it fails."""
    words = [word for text in shlex.split(TOOLS[name]) for word in (Repository(root).paths(text) if "*" in text else [text])]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True)
    return [f"{name}: {done.stdout}{done.stderr}"] if done.returncode else []


def stack(repo):
    if found := list(syntax(repo)):
        return found, ""
    found = [wrong for check in CHECKS.values() for wrong in check(repo)]
    found += [wrong for name in TOOLS for wrong in run_tool(name, repo.root)]
    counts = {language: sum(one.language == language for one in expressions.expressions_in(repo)) for language in ("promql", "logql", "traceql")}
    counts |= {"dashboards": len(expressions.dashboards_in(repo)), "alerts": len(Registry(repo).alerts)}
    found += [f"no {kind} were found: look where they are, and where the check looks" for kind, count in counts.items() if not count]
    return found, ", ".join(f"{count} {kind}" for kind, count in counts.items())


def check_chart():
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(chart.CHART, Path(folder) / chart.CHART.name)
        return list(chart.check(copy)), f"chart: {len(chart.value_sets())} sets of values, Kubernetes {' and '.join(chart.VERSIONS)}"


def plant(root, changes):
    """Changes files of a copy, whose files are links to the repository's. MARK is the end of a page."""
    for path, old, new in changes:
        for file in sorted((root / path).rglob("*.yml")) if (root / path).is_dir() else [root / path]:
            text = file.read_text() if file.exists() else ""
            changed = text + f"\n{new}\n" if old in ("MARK", "") else text.replace(old, new)
            file.unlink(missing_ok=True)
            file.write_text(changed)
            if changed == text:
                yield f"breakages.toml: {path} has no {old!r}"


def observe(section, row, file, folder):
    """What is found where a breakage is planted, one finding at a time."""
    if section in ("promql", "logql", "traceql"):
        yield from check_expression(section, row[0], Registry(Repository()))
        return
    if section == "refusals":
        chart.render(shutil.copytree(chart.CHART, folder / chart.CHART.name), row[0])
        return
    changes = [row[at : at + 3] for at in range(0, len(row), 3)] if len(row) > 2 else [[file, *row]]
    if section == "chart":
        root = shutil.copytree(chart.CHART, folder / chart.CHART.name)
        yield from plant(root, changes)
        yield from chart.check(root, chart.VERSIONS[-1:])
        return
    for path in Repository().paths("infra/**/*", "docs/**/*", "crates/*/telemetry.toml", "*.md", "Cargo.toml"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).hardlink_to(ROOT / path)
    yield from plant(folder, changes)
    yield from CHECKS[section](Repository(folder)) if section in CHECKS else run_tool(section, folder)


def breakages():
    sections = tomllib.loads((HERE / "breakages.toml").read_text())
    wrong, rows = [], [(name, section[0], row) for name, section in sections.items() for row in section if isinstance(row, list)]
    for name, file, (expected, *row) in rows:
        seen = []
        with tempfile.TemporaryDirectory() as folder:
            try:
                for finding in observe(name, row, file, Path(folder)):
                    seen.append(finding)
                    if expected and expected in finding:
                        break
            except (chart.RefusedError, yaml.YAMLError, ValueError) as error:
                seen.append(str(error))
        if not any(expected in finding for finding in seen) if expected else seen:
            wrong.append(f"{name}: expected {expected!r} of {row}, found {seen[:5]}")
    return wrong, f"{len(rows)} breakages are found"


def main(task):
    if task == "expressions":
        print(json.dumps(list(expressions.as_json(Repository()))))
        return 0
    found, summary = {"stack": lambda: stack(Repository()), "chart": check_chart, "breakages": breakages}[task]()
    print(*found, sep="\n", file=sys.stderr)
    print(f"{len(found)} findings" if found else summary)
    return bool(found)


sys.exit(main(*sys.argv[1:]))
