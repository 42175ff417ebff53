"""On which side of a check each key of suite.toml is, and which change of it harms nothing.

Declared once, in the schema: `x-side` says whose value counts (the base's for the judge's keys),
`x-harmless` which change the judge need not know of. Leaves comparing values to `gate`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.schema_validation import file_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Side(StrEnum):
    """Whose value of a key counts."""

    JUDGE = "judge"
    # the base's
    RELEASE = "release"
    # the change's


class Harmless(StrEnum):
    """Which change of a judge's key weakens nothing."""

    NEVER = "never"
    ALWAYS = "always"
    RAISED = "raised"
    LOWERED = "lowered"
    WITHDRAWN = "withdrawn"
    # true becomes false
    COMPARED = "compared"
    # entry by entry, by a rule of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySide:
    """One key: `agent.target`, its side and the change of it that is harmless."""

    key: tuple[str, ...]
    side: Side
    harmless: Harmless
    description: str


@cache
def key_sides(schema: str = "suite") -> tuple[KeySide, ...]:
    """Every key of the file, in the schema's order. Raises KeyError where one has no side."""
    return tuple(_sides_in(file_schema(schema)["properties"], ()))


def _sides_in(properties: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[KeySide]:
    for name, node in properties.items():
        key = (*above, name)
        if "x-side" not in node and node.get("type") == "object":
            yield from _sides_in(node["properties"], key)
            continue
        yield KeySide(
            key=key,
            side=Side(node["x-side"]),
            harmless=Harmless(node.get("x-harmless", "never")),
            description=node.get("description", ""),
        )
