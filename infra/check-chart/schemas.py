"""Rendered objects against the schemas of Kubernetes, strictly: an unknown field is a mistake."""

import functools
import itertools
import json
import subprocess
import tempfile
from pathlib import Path

import jsonschema
import kubernetes_validate
import yaml
from kubernetes_validate import utils

# The oldest that Chart.yaml allows, and the newest whose schemas there are.
VERSIONS = ["1.30", kubernetes_validate.latest_version().rpartition(".")[0]]

CUSTOM = json.loads((Path(__file__).parent / "custom-resources.json").read_text())

# Read once, not for each object.
utils.schema_contents = functools.cache(utils.schema_contents)


def mistakes(objects, versions):
    found = []
    for item, version in itertools.product(objects, versions):
        custom = CUSTOM.get(item["kind"])
        try:
            if custom:
                jsonschema.Draft7Validator(custom).validate(item)
            else:
                kubernetes_validate.validate(item, version, strict=True)
        except jsonschema.ValidationError as error:
            place = ".".join(map(str, error.absolute_path))
            found.append(f"Kubernetes {version}: {item['kind']} {item['metadata'].get('name')}: {place}: {error.message}")
        except kubernetes_validate.SchemaNotFoundError as error:
            found.append(error.message)
    return found


def promtool(objects):
    """What promtool finds in the rules."""
    found = []
    for item in objects:
        if item["kind"] != "PrometheusRule":
            continue
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            yaml.safe_dump(item["spec"], file)
            file.flush()
            try:
                done = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True)
            except FileNotFoundError:
                return ["promtool is missing: scripts/setup test"]
        if done.returncode:
            found.append(f"{item['metadata']['name']}: {done.stderr.strip() or done.stdout.strip()}")
    return found
