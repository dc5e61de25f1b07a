"""Checks the Helm chart without a cluster: make check-chart.

Renders each of values/*.yaml with Helm's own engine and holds the result against the schemas of
Kubernetes (schemas.py), our rules (pods.py, environment.py, wiring.py) and the rest of the repository (sources.py). Then
sees that values which cannot work are refused (refusals.toml), and that each check finds what it is
for (breakages.toml): a check that nobody saw fail is none.
"""

import functools
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path

import yaml

import environment
import helm
import pods
import schemas
import sources
import strict_yaml
import used
import wiring

HERE = Path(__file__).parent


@functools.cache
def value_sets():
    return {path.stem: strict_yaml.load(path.read_text()) for path in sorted(HERE.glob("values/*.yaml"))}


def mistakes(chart, versions):
    """Everything that is wrong with the chart, what is quick to find first."""
    yield from sources.mistakes(chart)
    rendered = {name: (values, helm.render(chart, values)) for name, values in value_sets().items()}
    for check in (
        lambda values, objects: pods.mistakes(objects),
        lambda values, objects: wiring.mistakes(objects),
        lambda values, objects: environment.mistakes(objects, helm.merged(chart, values)),
        lambda values, objects: schemas.mistakes(objects, versions),
        lambda values, objects: schemas.promtool(objects),
        lambda values, objects: helm.lint(chart, values),
    ):
        for name, (values, objects) in rendered.items():
            yield from (f"values/{name}.yaml: {mistake}" for mistake in check(values, objects))
    yield from used.mistakes(chart, value_sets().values())


def check_refusals(chart):
    """Values that should have been refused, or were for another reason."""
    refusals = tomllib.loads((HERE / "refusals.toml").read_text())["refusal"]
    wrong = []
    for refusal in refusals:
        try:
            helm.render(chart, refusal["values"])
            wrong.append(f"not refused: {refusal['values']}")
        except helm.Refused as refused:
            if refusal["says"] not in str(refused):
                wrong.append(f"{refusal['values']} is refused with {refused}, not {refusal['says']!r}")
    return wrong, len(refusals)


def check_breakages(whole, scratch):
    """Breakages that no check saw."""
    wrong = []
    broken = tomllib.loads((HERE / "breakages.toml").read_text())["breakage"]
    for number, breakage in enumerate(broken):
        chart = scratch / str(number) / whole.name
        shutil.copytree(whole, chart)
        for replace in breakage["replace"]:
            file = chart / replace["file"]
            text = file.read_text()
            if replace["old"] not in text:
                wrong.append(f"breakages.toml: {replace['file']} has no {replace['old']!r}")
            file.write_text(text.replace(replace["old"], replace["new"]))
        found = []
        if not any(breakage["says"] in mistake for mistake in _remembered(chart, found)):
            wrong.append(f"nobody saw {breakage['replace']}; found: {found}")
    return wrong, len(broken)


def _remembered(chart, found):
    """The mistakes of a broken chart, one at a time: whoever has seen enough may stop."""
    try:
        # One version will do.
        for mistake in mistakes(chart, schemas.VERSIONS[-1:]):
            found.append(mistake)
            yield mistake
    except (helm.Refused, yaml.YAMLError) as refused:
        found.append(str(refused))
        yield str(refused)


def main():
    with tempfile.TemporaryDirectory() as scratch:
        chart = helm.package(helm.CHART, Path(scratch))
        wrong = list(mistakes(chart, schemas.VERSIONS))
        unrefused, refusals = check_refusals(chart)
        wrong += unrefused
        if not wrong:
            wrong, broken = check_breakages(chart, Path(scratch))
    for mistake in wrong:
        print(f"chart: {mistake}", file=sys.stderr)
    if wrong:
        return 1
    print(
        f"chart: {len(value_sets())} sets of values are valid for Kubernetes {' and '.join(schemas.VERSIONS)}, "
        f"{refusals} are refused, {broken} breakages are seen"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
