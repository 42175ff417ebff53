"""Checks of arguments, as the exported dial writes them; the same in every language that reads it.

A check names a place and what a value there must be; where nothing is, all but `present` hold.
"""

from __future__ import annotations

import re
from math import isfinite

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ELEMENTS = "*"
_DEEPEST = 100
_LARGEST = 2**1023
"""Beyond it a number is none in languages that count in doubles."""
_LONGEST = 256
"""Characters of a text that a pattern is looked for in; a longer one is never sure."""
_MOST_REPEATS = 2


def is_json(value: object, depth: int = _DEEPEST) -> bool:
    """Whether JSON can say it: no NaN, no number out of range, no key that is no text."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return -_LARGEST < value < _LARGEST  # type: ignore[operator]
    if kind is float:
        return isfinite(value)  # type: ignore[arg-type]
    if depth <= 0:
        return False
    if isinstance(value, dict):
        return all(type(key) is str and is_json(item, depth - 1) for key, item in value.items())
    if isinstance(value, list):
        return all(is_json(item, depth - 1) for item in value)
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return type(value) in {int, float}


_KINDS: Mapping[str, Callable[[object], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: type(value) is bool,
    "number": _is_number,
    "integer": lambda value: type(value) is int or (type(value) is float and value.is_integer()),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def _equal(one: object, other: object) -> bool:
    """As JSON data: 1 is 1.0, and true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


def _bound(holds: Callable[[float, float], bool]) -> Callable[[object, object], bool]:
    return lambda value, limit: not _is_number(value) or holds(value, limit)  # type: ignore[arg-type]


def _size(
    kind: type[str | list[object] | dict[str, object]], holds: Callable[[int, int], bool]
) -> Callable[[object, object], bool]:
    size: Callable[[object], int] = kind.__len__  # type: ignore[assignment]  # of the kind itself, whatever a subclass says
    return lambda value, limit: not isinstance(value, kind) or holds(size(value), limit)  # type: ignore[arg-type]


def _found(value: object, pattern: object) -> bool:
    if not isinstance(value, str):
        return True
    if len(value) > _LONGEST:
        raise ValueError("a text too long to look through")
    return bool(pattern.search(value))  # type: ignore[attr-defined]


CHECKS: Mapping[str, Callable[[object, object], bool]] = {
    "present": lambda _value, _limit: True,
    "string": lambda value, _: isinstance(value, str),
    "number": lambda value, _: _is_number(value),
    "boolean": lambda value, _: type(value) is bool,
    "kind": lambda value, kinds: any(_KINDS[kind](value) for kind in kinds),  # type: ignore[attr-defined]
    "has": lambda value, key: not isinstance(value, dict) or dict.__contains__(value, key),
    "only": lambda value, keys: not isinstance(value, dict) or dict.keys(value) <= set(keys),  # type: ignore[call-overload]
    "one_of": lambda value, values: any(_equal(value, item) for item in values),  # type: ignore[attr-defined]
    "minimum": _bound(lambda value, limit: value >= limit),
    "maximum": _bound(lambda value, limit: value <= limit),
    "exclusiveMinimum": _bound(lambda value, limit: value > limit),
    "exclusiveMaximum": _bound(lambda value, limit: value < limit),
    "min_length": _size(str, lambda size, limit: size >= limit),
    "max_length": _size(str, lambda size, limit: size <= limit),
    "min_items": _size(list, lambda size, limit: size >= limit),
    "max_items": _size(list, lambda size, limit: size <= limit),
    "min_keys": _size(dict, lambda size, limit: size >= limit),
    "max_keys": _size(dict, lambda size, limit: size <= limit),
    "pattern": _found,
}


def compiled(document: Mapping[str, object]) -> Callable[[dict[str, object]], bool]:
    """The check as a function of arguments. Raises KeyError or ValueError where it is none."""
    holds, limit = CHECKS[str(document["is"])], document.get("value")
    if document["is"] == "pattern":
        limit = _pattern(str(limit))
    if "at" in document:
        place = _place(document["at"])
        if len(place) == 1 and place[0] != ELEMENTS:
            key = place[0]
            return lambda arguments: key not in arguments or holds(arguments[key], limit)
        return lambda arguments: all(holds(value, limit) for value in _values(arguments, place))
    key, if_absent = str(document["key"]), document["is"] != "present"
    return lambda arguments: holds(arguments[key], limit) if key in arguments else if_absent


def _pattern(text: str) -> re.Pattern[str]:
    """The pattern, where it ends soon on any text. Raises ValueError where that isn't sure.

    Groups that repeat, or many repeats in a row, can take longer than the agent lives.
    """
    plain = re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", "x", text)
    if re.search(r"\)[*+{]", plain) or len(re.findall(r"[*+]|\{", plain)) > _MOST_REPEATS:
        raise ValueError("a pattern whose time has no bound")
    # `$` is the very end in JSON Schema's language; in Python a line feed may follow.
    ends = re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]|\$", lambda m: r"\Z" if m[0] == "$" else m[0], text)
    return re.compile(ends)


def _place(steps: object) -> Sequence[str]:
    if not isinstance(steps, list) or not all(isinstance(step, str) for step in steps):
        raise ValueError("a place that is no list of keys")
    return tuple(steps)


def _values(value: object, place: Sequence[str]) -> list[object]:
    """Every value at the place; none where nothing is there."""
    level = [value]
    for step in place:
        if step == ELEMENTS:
            level = [
                item for node in level if isinstance(node, list) for item in list.__iter__(node)
            ]
        else:
            level = [
                dict.__getitem__(node, step)
                for node in level
                if isinstance(node, dict) and dict.__contains__(node, step)
            ]
    return level
