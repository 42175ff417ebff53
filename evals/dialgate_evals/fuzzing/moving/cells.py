"""Between which values of a number the suite's rules can't tell apart: the cells of a line.

The bounds are those of the action classes' conditions and the tools' schemas, by key, and the
numbers that the prompts name: within a cell no rule changes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_evals.fuzzing.relation import Surroundings

_BOUNDS = {
    "minimum": True,
    "exclusiveMaximum": True,
    "maximum": False,
    "exclusiveMinimum": False,
}
"""Whether the bound itself belongs to what lies above it."""

_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:\.\d+)?(?![\w]|[.,]\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A number at which a rule may change."""

    value: float
    to_upper: bool | None
    # whether the number itself is of the cell above; None: nobody knows
    is_of_class: bool = False
    # a bound of a class's condition: the others only keep a number in its cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One key of the tools' arguments, whose values are numbers."""

    key: str
    step: float
    # between neighbouring values
    bounds: tuple[Bound, ...]
    # sorted

    def edges(self, value: float) -> list[float]:
        """The outermost values of the cell that holds the value, at bounds of classes."""
        if any(bound.value == value and bound.to_upper is None for bound in self.bounds):
            return []
        below = [b for b in self.bounds if b.value < value or (b.value == value and b.to_upper)]
        above = [b for b in self.bounds if b not in below]
        found = []
        if below and below[-1].is_of_class:
            low = below[-1]
            found += [low.value] if low.to_upper else [low.value + self.step]
            found += [low.value + self.step] if low.to_upper else []
        if above and above[0].is_of_class:
            high = above[0]
            found += [high.value - self.step]
            found += [high.value] if high.to_upper is False else []
        return [
            round(edge, 6) for edge in dict.fromkeys(found) if self._is_inside(edge, below, above)
        ]

    def _is_inside(self, edge: float, below: list[Bound], above: list[Bound]) -> bool:
        is_low = not below or edge > below[-1].value or bool(below[-1].to_upper)
        is_high = not above or edge < above[0].value or above[0].to_upper is False
        return is_low and is_high and edge > 0


def lines_of(around: Surroundings) -> list[Line]:
    """Every key on which a class's condition sets a bound."""
    named = [float(text) for text in _NUMBER.findall(around.rules)]
    found = []
    for key in dict.fromkeys(key for key, _ in _conditions(around)):
        of_class = {found for name, found in _conditions(around) if name == key}
        known = of_class | {found for name, found in _schemas(around) if name == key}
        values = {value for value, _ in known}
        bounds = [
            Bound(value=value, to_upper=up, is_of_class=(value, up) in of_class)
            for value, up in known
        ]
        bounds += [Bound(value=v, to_upper=None) for v in dict.fromkeys(named) if v not in values]
        bounds.sort(key=lambda bound: (bound.value, bool(bound.to_upper)))
        step = 1.0 if _is_whole(key, around) else 0.01
        found.append(Line(key=key, step=step, bounds=tuple(bounds)))
    return found


def _conditions(around: Surroundings) -> Iterator[tuple[str, tuple[float, bool]]]:
    for item in around.actions.classes:
        yield from _bounds_in(item.when or {})


def _schemas(around: Surroundings) -> Iterator[tuple[str, tuple[float, bool]]]:
    for tool in around.tools:
        yield from _bounds_in(tool.parameters)


def _bounds_in(schema: Mapping[str, Any]) -> Iterator[tuple[str, tuple[float, bool]]]:
    properties = schema.get("properties")
    for key, item in properties.items() if isinstance(properties, dict) else ():
        for word, to_upper in _BOUNDS.items() if isinstance(item, dict) else ():
            value = item.get(word)
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield key, (float(value), to_upper)


def _is_whole(key: str, around: Surroundings) -> bool:
    kinds = {
        item.get("type")
        for tool in around.tools
        for name, item in (tool.parameters.get("properties") or {}).items()
        if name == key and isinstance(item, dict)
    }
    return kinds == {"integer"}
