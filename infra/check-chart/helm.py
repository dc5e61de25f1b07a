"""Rendering, with Helm's own engine: a cluster is neither needed nor asked."""

import contextlib
import os
import sys
from pathlib import Path

import helm_python

import strict_yaml

CHART = Path(__file__).parent.parent / "helm" / "student-registration"
RELEASE = {"name": "demo", "namespace": "school"}


class Refused(Exception):
    """The values, by their schema or by the templates."""


def render(chart, values):
    """The objects that `helm install` would make, hooks and tests included."""
    with helm_python.Chart.load(chart) as loaded:
        try:
            loaded.validate_schema(values)
            files = loaded.render(values, **RELEASE)
        except (helm_python.HelmValuesError, helm_python.HelmRenderError) as error:
            raise Refused(str(error)) from error
    manifests = [text for path, text in files.items() if path.endswith(".yaml")]
    return [part for text in manifests for part in strict_yaml.load_all(text) if part is not None]


def merged(chart, values):
    """The values that the templates see."""
    with helm_python.Chart.load(chart) as loaded:
        return loaded.merge_values(values)


def package(chart, folder):
    """The chart as `helm package` packs it, unpacked again: links are files there."""
    with _quiet(), helm_python.Chart.load(chart) as loaded:
        archive = loaded.save(folder)
    helm_python.expand(folder / "package", archive)
    return folder / "package" / chart.name


@contextlib.contextmanager
def _quiet():
    """Helm tells of each link that it follows, past Python. What goes wrong it raises."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def lint(chart, values):
    """What `helm lint --strict` finds."""
    report = helm_python.lint(chart, values, strict=True)
    return [f"helm lint: {found['path']}: {found['error']}" for found in report["messages"] if found["severity"] > 1]
