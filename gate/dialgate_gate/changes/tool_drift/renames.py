"""Which tool that is gone a new tool probably is: by arguments, description and name.

A guess, and said to be one: what a rename breaks is the same, only the reader is helped.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from dialgate_evals.files.json_text import canonical_json
from dialgate_gate.changes.tool_drift.keywords import is_same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_evals.suite.tools import Tool

SIMILARITY = 0.75
"""From here on a new tool counts as an old one renamed."""

_WORD = re.compile(r"\w+")
_MOST_PAIRS = 10_000
_MOST_READ = 4_000


def find_renames(*, gone: Sequence[Tool], new: Sequence[Tool]) -> dict[str, tuple[str, float]]:
    """New name to old name and likeness, each tool once, the most alike first."""
    if len(gone) * len(new) > _MOST_PAIRS:
        return {}
    scored = sorted(
        (-likeness(before, now), before.name, now.name) for before in gone for now in new
    )
    found: dict[str, tuple[str, float]] = {}
    taken: set[str] = set()
    for score, before, now in scored:
        if -score >= SIMILARITY and now not in found and before not in taken:
            found[now] = (before, -score)
            taken.add(before)
    return found


def likeness(before: Tool, now: Tool) -> float:
    """How alike two tools are, from 0 to 1: arguments half, description more than name."""
    arguments = _arguments_likeness(before.parameters, now.parameters)
    name = SequenceMatcher(a=before.name.lower(), b=now.name.lower(), autojunk=False).ratio()
    if not before.description and not now.description:
        return 0.7 * arguments + 0.3 * name
    words = _shared(*(_words(tool.description) for tool in (before, now)))
    return 0.5 * arguments + 0.3 * words + 0.2 * name


def _words(description: str) -> set[str]:
    return set(_WORD.findall(description[:_MOST_READ].lower()))


def _arguments_likeness(before: Mapping[str, object], now: Mapping[str, object]) -> float:
    if is_same(dict(before), dict(now)):
        return 1.0
    return _shared(_arguments(before), _arguments(now))


def _arguments(parameters: Mapping[str, object]) -> set[str]:
    properties = parameters.get("properties")
    listed = properties.items() if isinstance(properties, dict) else ()
    return {
        f"{name} {canonical_json(schema.get('type') if isinstance(schema, dict) else None)}"
        for name, schema in listed
    }


def _shared(before: set[str], now: set[str]) -> float:
    """Jaccard's index; of two empty sets it says nothing."""
    return len(before & now) / len(before | now) if before | now else 0.5
