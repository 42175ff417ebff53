"""actions.toml: the action classes and the rules by which arguments are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import ActionRegistry, parse_classes
from dialgate_evals.actions.argument_rules import parse_rules
from dialgate_evals.files.file_reading import (
    Problems,
    read_toml,
    toml_place,
)
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.files.schema_validation import schema_defects

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read_actions(path: Path, problems: Problems) -> tuple[ActionRegistry, Mapping[str, Any]] | None:
    """The action classes and the values they were read from, or None with every problem."""
    document = read_toml(path, "actions", problems)
    if document is None:
        return None
    defects = [
        Problem(
            file=show_path(path),
            place=toml_place(document)(("class", name, "when")),
            found=f"a schema that can't be used: {defect}",
            expected="JSON Schema 2020-12 without outside references",
        )
        for name, item in document.values["class"].items()
        for defect in schema_defects(item.get("when", True))
    ]
    problems.extend(defects)
    if defects:
        return None
    registry = ActionRegistry(
        classes=parse_classes(document.values),
        rules={
            tool: parse_rules(rules) for tool, rules in document.values.get("arguments", {}).items()
        },
    )
    return registry, document.values
