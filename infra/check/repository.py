"""The repository's files, parsed strictly: a repeated key is an error."""

import functools
import json
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


class Loader(yaml.CSafeLoader):
    """YAML as Kubernetes reads it, with Compose's !reset and !override as plain values."""

    def construct_mapping(self, node, deep=False):
        keys = [(key.tag, key.value) for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        repeated = {value for tag, value in keys if keys.count((tag, value)) > 1}
        if repeated:
            raise yaml.constructor.ConstructorError(None, None, f"repeated key {', '.join(repeated)}", node.start_mark)
        return super().construct_mapping(node, deep)

    def tagged(self, _tag, node):
        build = {yaml.MappingNode: self.construct_mapping, yaml.SequenceNode: self.construct_sequence}
        return build[type(node)](node, deep=True) if type(node) in build else None


Loader.add_multi_constructor("!", Loader.tagged)


def load_yaml(text):
    return yaml.load(text, Loader)


@functools.cache
def _parse(ending, text):
    if ending == ".json":
        json.loads(text)  # and then as YAML, which rejects a repeated key
    return tomllib.loads(text) if ending == ".toml" else load_yaml(text)


class Repository:
    """Files below a folder; the results of parsing are shared and must not be changed."""

    def __init__(self, root=ROOT):
        self.root = Path(root)

    def paths(self, *patterns):
        found = {path for pattern in patterns for path in self.root.glob(pattern) if path.is_file()}
        return sorted(str(path.relative_to(self.root)) for path in found)

    def exists(self, path):
        return (self.root / path).exists()

    def text(self, path):
        return (self.root / path).read_text() if (self.root / path).is_file() else ""

    def data(self, path):
        return _parse(Path(path).suffix, self.text(path)) or {}

    def all(self, *patterns):
        return [(path, self.data(path)) for path in self.paths(*patterns)]


def leaves(value, key=None):
    """(key, text) of every string inside a value."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else ((key, one) for one in value)
        return [leaf for name, one in pairs for leaf in leaves(one, name)]
    return [(key, value)] if isinstance(value, str) else []


def syntax(repo):
    """YAML, JSON and TOML parse. Templates of the chart are YAML only after Helm."""
    for path in repo.paths(*(f"{folder}/**/*.{ending}" for folder in ("infra", "docs", "crates/*")
                             for ending in ("yml", "yaml", "json", "toml"))):
        if "/templates/" not in path:
            try:
                repo.data(path)
            except (yaml.YAMLError, ValueError) as error:
                yield f"{path}: {str(error).splitlines()[0]}, {str(error).splitlines()[-1].strip()}"
