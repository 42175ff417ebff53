"""What a team has beside a suite: the owners of its files, a CI workflow, what editors know."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING

from dialgate_evals.files.schema_validation import file_schema

if TYPE_CHECKING:
    from dialgate.scaffold.surroundings import Surroundings

SCHEMAS = {
    "suite": "suites/*/suite.toml",
    "release": "suites/**/release*.toml",
    "actions": "suites/*/actions.toml",
    "policy": "suites/*/policy.toml",
    "runbook": "suites/*/runbook.toml",
    "dial": "suites/*/dial.toml",
}
"""The files of TOML that people write, by the name of their schema."""
_FOLDER = ".schemas/dialgate"


def team_files(around: Surroundings) -> dict[str, bytes]:
    """The files by name; those of GitHub only where no other CI is there."""
    root = resources.files(__package__) / "templates/team"
    files = {
        "golden/my-agent/reviewer/README.md": (root / "reviewer.md").read_bytes(),
        ".github/CODEOWNERS": (root / "CODEOWNERS").read_bytes(),
        ".taplo.toml": _taplo((root / "taplo.toml").read_text("utf-8")),
        ".vscode/settings.json": _settings(),
        **{f"{_FOLDER}/{name}.json": _schema(name) for name in (*SCHEMAS, "tools")},
    }
    if not around.has_gitlab:
        files[".github/workflows/dialgate.yml"] = (root / "workflow.yml").read_bytes()
    return files


def _taplo(head: str) -> bytes:
    rules = [
        f'\n[[rule]]\ninclude = ["{glob}"]\n[rule.schema]\npath = "{_FOLDER}/{name}.json"\n'
        for name, glob in SCHEMAS.items()
    ]
    return (head + "".join(rules)).encode("utf-8")


def _settings() -> bytes:
    tools = {"fileMatch": ["suites/*/tools.json"], "url": f"./{_FOLDER}/tools.json"}
    return f"{json.dumps({'json.schemas': [tools]}, indent=2)}\n".encode()


def _schema(name: str) -> bytes:
    return f"{json.dumps(file_schema(name), indent=1, ensure_ascii=False)}\n".encode()
