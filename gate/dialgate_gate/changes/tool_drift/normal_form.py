"""A schema in the form in which two can be compared: references in place, conjunctions flat.

Knows `$ref`, `allOf` and which keywords may be put together; leaves containment to
`containment`. What can't be put in place stays an opaque text, of which only equality is known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from dialgate_evals.files.json_schema.dialects import as_newest
from dialgate_evals.files.json_text import canonical_json
from dialgate_gate.changes.tool_drift.keywords import (
    OPAQUE,
    Schema,
    is_told,
    map_schemas,
    strip_texts,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_NODES = 20_000
"""Schemas that grow beyond this when references are put in place are not decided."""

NEVER: Schema = {"not": {}}

_UNEVALUATED = ("unevaluatedProperties", "unevaluatedItems")
_REPEATED_TWICE = re.compile(r"[+*}|][^()]*\)+[+*{]")
_DYNAMIC = ("$dynamicRef", "$recursiveRef")
_SCOPES = (
    frozenset({"prefixItems", "items"}),
    frozenset({"contains", "minContains", "maxContains"}),
    frozenset({"if", "then", "else"}),
)
# keywords that mean something else beside each other than apart
_LARGER = frozenset("minimum exclusiveMinimum minLength minItems minProperties".split())
_SMALLER = frozenset("maximum exclusiveMaximum maxLength maxItems maxProperties".split())


class TooLargeError(ValueError):
    """The schema is too large, or the proof too long, to be decided."""


def put_references_in_place(root: Mapping[str, Any]) -> Schema:
    """The schema without `$ref` and `$defs`. Raises TooLargeError beyond MOST_NODES."""
    newest = as_newest(root)
    placed: Schema = _Inliner(newest).inline(dict(newest), ())
    return placed


class _Inliner:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._nodes = 0

    def inline(self, node: Any, above: tuple[str, ...]) -> Any:  # noqa: ANN401 - schema data
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise TooLargeError
        if isinstance(node, bool):
            return {} if node else dict(NEVER)
        if not isinstance(node, dict):
            return {OPAQUE: canonical_json(node)}
        plain = {key: value for key, value in node.items() if key not in {"$defs", "definitions"}}
        reference = plain.pop("$ref", None)
        placed = map_schemas(plain, lambda item: self.inline(item, above))
        if reference is not None:
            placed = _and(placed, self._follow(str(reference), above))
        if is_costly(str(placed.get("pattern", ""))):
            placed[OPAQUE] = canonical_json(["pattern", placed.pop("pattern"), placed.get(OPAQUE)])
        if any(keyword in placed for keyword in _DYNAMIC):
            placed = {**placed, "$root": strip_texts(dict(self._root))}
        costly = any(map(is_costly, placed.get("patternProperties", ())))
        if costly or any(keyword in placed for keyword in (*_UNEVALUATED, *_DYNAMIC)):
            told = {key: value for key, value in placed.items() if is_told(key)}
            return {**told, OPAQUE: canonical_json(strip_texts(placed))}
        return placed

    def _follow(self, reference: str, above: tuple[str, ...]) -> Schema:
        target = _look_up(self._root, reference)
        if reference in above or target is None:
            return {OPAQUE: self._closure(reference)}
        placed: Schema = self.inline(target, (*above, reference))
        return placed

    def _closure(self, reference: str) -> str:
        """Everything that the reference can lead to, as one text."""
        reached: dict[str, object] = {}
        waiting = [reference]
        while waiting:
            name = waiting.pop()
            if name not in reached:
                target = strip_texts(_look_up(self._root, name))
                reached[name] = self._root if target is None else target
                waiting.extend(_references(reached[name]))
        return canonical_json([reference, reached])


def is_costly(pattern: str) -> bool:
    """Whether a regular expression may take exponential time: a repetition within a repetition.

    A schema may come from a server that nobody trusts, so such a pattern is never tried.
    """
    return _REPEATED_TWICE.search(pattern) is not None


def _and(beside: Schema, target: Schema) -> Schema:
    if not beside:
        return target
    return {**beside, "allOf": [*beside.get("allOf", ()), target]}


def _look_up(root: Mapping[str, Any], reference: str) -> Any:  # noqa: ANN401 - schema data
    """What a reference by JSON Pointer leads to; None for any other."""
    if not reference.startswith("#"):
        return None
    node: Any = root
    for raw in unquote(reference[1:]).split("/")[1:]:
        part = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict):
            node = node.get(part)
        elif isinstance(node, list) and part.isdecimal() and int(part) < len(node):
            node = node[int(part)]
        else:
            return None
    is_pointer = reference == "#" or reference.startswith("#/")
    return node if is_pointer and isinstance(node, dict | bool) else None


def _references(node: object) -> list[str]:
    if isinstance(node, list):
        return [found for item in node for found in _references(item)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    return own + [found for item in node.values() for found in _references(item)]


def conjuncts(schema: Any) -> tuple[Schema, ...]:  # noqa: ANN401 - schema data
    """Flat schemas, without `allOf`, that a value must satisfy together; as few as can be."""
    if isinstance(schema, bool):
        return ({},) if schema else (dict(NEVER),)
    flat = {key: value for key, value in schema.items() if key != "allOf"}
    found: list[Schema] = [flat]
    for part in schema.get("allOf", ()):
        for piece in conjuncts(part):
            _put_together(found, piece)
    return tuple(found)


def _put_together(found: list[Schema], piece: Schema) -> None:
    for index, known in enumerate(found):
        merged = merge(known, piece)
        if merged is not None:
            found[index] = merged
            return
    found.append(piece)


def merge(one: Schema, other: Schema) -> Schema | None:
    """One flat schema that says what both say, or None where none simply does."""
    if _share_a_scope(one, other):
        return None
    merged = dict(one)
    for keyword, value in other.items():
        if keyword not in merged:
            merged[keyword] = value
        elif not is_told(keyword):
            both = _both(keyword, merged[keyword], value)
            if both is None:
                return None
            merged[keyword] = both
    return merged


def _share_a_scope(one: Schema, other: Schema) -> bool:
    if any(scope & one.keys() and scope & other.keys() for scope in _SCOPES):
        return True
    named = {"properties", "patternProperties", "additionalProperties"}
    closing = "additionalProperties"
    return (closing in one and bool(named & other.keys())) or (
        closing in other and bool(named & one.keys())
    )


def _both(keyword: str, one: Any, other: Any) -> Any:  # noqa: ANN401 - schema data
    """The value of a keyword that says what two say, or None."""
    if canonical_json(one) == canonical_json(other):
        return one
    if keyword == "required":
        return [*one, *(name for name in other if name not in one)]
    if keyword == "properties":
        names = dict.fromkeys([*one, *other])
        return {
            name: _all_of([part[name] for part in (one, other) if name in part]) for name in names
        }
    if keyword in _LARGER:
        return max(one, other)
    if keyword in _SMALLER:
        return min(one, other)
    return None


def _all_of(schemas: list[Any]) -> Any:  # noqa: ANN401 - schema data
    return schemas[0] if len(schemas) == 1 else {"allOf": schemas}
