"""Checks of arguments, as the exported dial writes them; the same in every language that reads it.

A check names a place and what a value there must be; where nothing is, all but `present` hold.
"""

from __future__ import annotations

import re
from math import isfinite

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Test = Callable[[object], bool]
    Holds = Callable[[dict[str, object]], bool]

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
        return -_LARGEST < value < _LARGEST  # type: ignore[operator]  # its type was looked at
    if kind is float:
        return isfinite(value)  # type: ignore[arg-type]  # as above
    if depth <= 0:
        return False
    if isinstance(value, dict):
        return all(type(key) is str and is_json(item, depth - 1) for key, item in value.items())
    if isinstance(value, list):
        return all(is_json(item, depth - 1) for item in value)
    return isinstance(value, str)


_NUMBERS = frozenset({int, float})
_TYPES: Mapping[str, frozenset[type]] = {
    "null": frozenset({type(None)}),
    "boolean": frozenset({bool}),
    "number": _NUMBERS,
    "integer": frozenset({int}),
    "string": frozenset({str}),
    "array": frozenset({list}),
    "object": frozenset({dict}),
}


def _kind(kinds: object) -> Test:
    """Of one of these kinds; a subclass is of its kind, and 1.0 is an integer."""
    named = _names(kinds)
    types = frozenset().union(*(_TYPES[kind] for kind in named))
    others = tuple({"string": str, "array": list, "object": dict}[k] for k in named if k in _BASES)
    whole = "integer" in named

    def holds(value: object) -> bool:
        if type(value) in types or (whole and type(value) is float and value.is_integer()):
            return True
        return isinstance(value, others)

    return holds


_BASES = frozenset({"string", "array", "object"})


def _names(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("no list of names")
    return value


def _one_of(values: object) -> Test:
    """Equal as JSON data: 1 is 1.0, and true is not 1."""
    if not isinstance(values, list):
        raise TypeError("no list of values")
    known = [(isinstance(value, bool), value) for value in values]
    return lambda value: any(
        is_bool is isinstance(value, bool) and value == item for is_bool, item in known
    )


def _number(limit: object) -> float:
    if type(limit) not in _NUMBERS:
        raise TypeError("no number")
    return limit  # type: ignore[return-value]  # it is one


def _minimum(limit: object) -> Test:
    least = _number(limit)
    return lambda value: type(value) not in _NUMBERS or value >= least  # type: ignore[operator]  # a number here


def _maximum(limit: object) -> Test:
    most = _number(limit)
    return lambda value: type(value) not in _NUMBERS or value <= most  # type: ignore[operator]  # a number here


def _over(limit: object) -> Test:
    bound = _number(limit)
    return lambda value: type(value) not in _NUMBERS or value > bound  # type: ignore[operator]  # a number here


def _under(limit: object) -> Test:
    bound = _number(limit)
    return lambda value: type(value) not in _NUMBERS or value < bound  # type: ignore[operator]  # a number here


def _least(kind: type, size: Callable[[object], int]) -> Callable[[object], Test]:
    def made(limit: object) -> Test:
        least = _number(limit)
        return lambda value: not isinstance(value, kind) or size(value) >= least

    return made


def _most(kind: type, size: Callable[[object], int]) -> Callable[[object], Test]:
    def made(limit: object) -> Test:
        most = _number(limit)
        return lambda value: not isinstance(value, kind) or size(value) <= most

    return made


def _has(key: object) -> Test:
    # Of the kind itself, whatever a subclass says.
    return lambda value: not isinstance(value, dict) or dict.__contains__(value, key)


def _only(keys: object) -> Test:
    known = frozenset(_names(keys))
    return lambda value: not isinstance(value, dict) or dict.keys(value) <= known


def _matches(text: object) -> Test:
    search = _pattern(str(text)).search

    def holds(value: object) -> bool:
        if not isinstance(value, str):
            return True
        if len(value) > _LONGEST:
            raise ValueError("a text too long to look through")
        return bool(search(value))

    return holds


_TEXT: Callable[[object], int] = str.__len__  # type: ignore[assignment]  # asked of texts only
_LIST: Callable[[object], int] = list.__len__  # type: ignore[assignment]  # of lists only
_DICT: Callable[[object], int] = dict.__len__  # type: ignore[assignment]  # of dicts only
CHECKS: Mapping[str, Callable[[object], Test]] = {
    "string": lambda _: _kind(["string"]),
    "number": lambda _: _kind(["number"]),
    "boolean": lambda _: _kind(["boolean"]),
    "kind": _kind,
    "has": _has,
    "only": _only,
    "one_of": _one_of,
    "minimum": _minimum,
    "maximum": _maximum,
    "exclusiveMinimum": _over,
    "exclusiveMaximum": _under,
    "min_length": _least(str, _TEXT),
    "max_length": _most(str, _TEXT),
    "min_items": _least(list, _LIST),
    "max_items": _most(list, _LIST),
    "min_keys": _least(dict, _DICT),
    "max_keys": _most(dict, _DICT),
    "pattern": _matches,
}


def compiled(documents: Iterable[Mapping[str, object]]) -> tuple[Holds, ...]:
    """The checks as functions of arguments, one a place, all of which must hold.

    Raises KeyError, TypeError or ValueError where one is none that is known here.
    """
    by_place: dict[tuple[str, ...], list[Test]] = {}
    asked: dict[str, None] = {}
    for document in documents:
        place = _place(document["at"]) if "at" in document else (str(document["key"]),)
        tests = by_place.setdefault(place, [])
        if document["is"] == "present" and "at" not in document:
            asked[place[0]] = None
        else:
            tests.append(CHECKS[str(document["is"])](document.get("value")))
    return tuple(
        _at_key(place[0], tests, if_absent=place[0] not in asked)
        if len(place) == 1 and place[0] != ELEMENTS
        else _at_place(place, tests)
        for place, tests in by_place.items()
    )


def _at_key(key: str, tests: Sequence[Test], *, if_absent: bool) -> Holds:
    def holds(arguments: dict[str, object]) -> bool:
        if key not in arguments:
            return if_absent
        value = arguments[key]
        for test in tests:  # noqa: SIM110 - a generator costs as much as the tests
            if not test(value):
                return False
        return True

    return holds


def _at_place(place: Sequence[str], tests: Sequence[Test]) -> Holds:
    return lambda arguments: all(
        test(value) for value in _values(arguments, place) for test in tests
    )


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


def _place(steps: object) -> tuple[str, ...]:
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
