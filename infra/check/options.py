"""The service's options, from the tables that `make docs` writes."""

import re

from repository import Repository

SECRET = {"DATABASE_URL", "FORM_SECRET", "OTEL_EXPORTER_OTLP_HEADERS"}


def _table(file, part):
    """The first column, and the rest of the line."""
    text = Repository().text(f"docs/{file}").partition(f"<!-- {part}: ")[2].partition("<!-- end")[0]
    return dict(re.findall(r"^\| `([A-Z_]+)`(.*)$", text, re.MULTILINE))


OPTIONS, SWITCHES = _table("configuration.md", "options"), _table("telemetry.md", "variables")


def default(option):
    return OPTIONS[option].split("|")[2].strip(" `")
