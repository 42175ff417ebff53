"""Which action class a call belongs to, where only few calls are to be looked at one by one.

A class's `when` mostly looks at a few named arguments: calls of a tool that agree in those are in
the same class. Knows which arguments those are; leaves classifying to `actions.action_classes`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.actions.action_classes import ActionRegistry

SEPARATOR = "\x1f"
"""Between the values of a key: it can't stand in JSON text."""
ABSENT = "-"
"""The value of an argument that a call doesn't have; no JSON text."""

_NAME = re.compile(r"[A-Za-z0-9_-]+")
"""Names that need no escape in a path, in any database."""

# Keywords beside which a schema's answer depends on the named properties only.
_NAMED_ONLY = {"properties", "required", "type", "title", "description", "$comment", "$schema"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassKeys:
    """Per tool with a condition: the arguments that decide its class; None: all of them."""

    arguments: Mapping[str, tuple[str, ...] | None]

    @classmethod
    def of(cls, actions: ActionRegistry) -> ClassKeys:
        """The keys of a suite's classes."""
        found: dict[str, tuple[str, ...] | None] = {}
        for item in actions.classes:
            if item.when is None:
                continue
            names = _named_arguments(item.when)
            for tool in item.tools:
                known = found.get(tool, ())
                found[tool] = (
                    None if names is None or known is None else tuple(sorted({*known, *names}))
                )
        return cls(arguments=found)

    def class_of(self, tool: str, key: str, actions: ActionRegistry) -> str:
        """The name of the class of calls with that tool and key."""
        return actions.classify(tool, self._arguments(tool, key)).name

    def key_of(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """The key of a call, as the database would write it; equal keys are in one class."""
        names = self.arguments.get(tool, ())
        if names is None:
            return json.dumps(arguments)
        return SEPARATOR.join(
            json.dumps(arguments[name]) if name in arguments else ABSENT for name in names
        )

    def _arguments(self, tool: str, key: str) -> dict[str, Any]:
        names = self.arguments.get(tool, ())
        if names is None:
            whole: dict[str, Any] = parse_json(key.encode())
            return whole
        values = key.split(SEPARATOR) if names else []
        return {
            name: parse_json(text.encode())
            for name, text in zip(names, values, strict=True)
            if text != ABSENT
        }


def _named_arguments(when: Mapping[str, Any]) -> tuple[str, ...] | None:
    text = json.dumps(when)
    names = {*when.get("properties", {}), *when.get("required", ())}
    if set(when) - _NAMED_ONLY or 'ef"' in text or not all(map(_NAME.fullmatch, names)):
        return None
    return tuple(sorted(names))
