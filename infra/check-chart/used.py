"""Every value of values.yaml has an effect: taken out of a set of values, it changes what is rendered."""

import copy

import helm
import strict_yaml


def mistakes(chart, value_sets):
    defaults = strict_yaml.load((chart / "values.yaml").read_text())
    rendered = [(values, _rendered(chart, values)) for values in value_sets]
    found = []
    for path in _leaves(defaults):
        setting = [pair for pair in rendered if _get(pair[0], path) not in (None, _get(defaults, path))]
        if not setting:
            found.append(f"check-chart/values: no set of values has another {'.'.join(path)} than the default")
        elif all(_rendered(chart, _without(values, path)) == before for values, before in setting):
            found.append(f"values.yaml: {'.'.join(path)} has no effect")
    return found


def _rendered(chart, values):
    try:
        return helm.render(chart, values)
    except helm.Refused as refused:
        return str(refused)


def _leaves(values, path=()):
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key)


def _get(values, path):
    for key in path:
        values = values.get(key) if isinstance(values, dict) else None
    return values


def _without(values, path):
    values = copy.deepcopy(values)
    inner = values
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return values
