"""When two calls' arguments are equal: as data, with the exceptions of actions.toml.

Knows exact, ignore, unordered, text, tolerance, judge and paired lists, by JSON Pointer with * for
every element. Leaves which calls are compared to `dialgate_evals.scoring.scoring`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from dialgate_evals.actions.matching import match_any_order
from dialgate_evals.actions.paired_lists import (
    Group,
    Pointer,
    Rows,
    join_pairs,
    take_rows,
    without_lists,
)
from dialgate_evals.files.json_text import canonical_json, canonical_parsed

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentRule:
    """How the value at one pointer is compared."""

    kind: str = "exact"
    # exact | ignore | unordered | text | tolerance | judge
    tolerance: Decimal = Decimal(0)
    # largest absolute difference that still counts as equal
    judge: str = ""
    # how the text must stand to the expected one; its words are no part of equality


@dataclass(slots=True)
class _Node:
    rule: ArgumentRule = field(default_factory=ArgumentRule)
    children: dict[str, _Node] = field(default_factory=dict)

    def child(self, key: str) -> _Node | None:
        return self.children.get(key) or self.children.get("*")

    def is_tolerant(self) -> bool:
        return self.rule.kind == "tolerance" or any(
            child.is_tolerant() for child in self.children.values()
        )


class NormalArguments(Struct, frozen=True, kw_only=True, gc=False):
    """Arguments brought to the form in which equality is plain equality of `key`."""

    value: Any
    rows: tuple[Rows | None, ...] = ()
    # per group of paired lists: its rows, sorted; None where the lists don't fit together
    key: str


class ArgumentRules:
    """The comparison rules of one tool."""

    def __init__(
        self,
        rules: Mapping[Pointer, ArgumentRule] | None = None,
        paired: tuple[tuple[Pointer, Pointer], ...] = (),
        document: Mapping[str, Any] | None = None,
    ) -> None:
        self.document: Mapping[str, Any] = document or {}
        self._groups = join_pairs(paired)
        self._root = _Node()
        for pointer, rule in (rules or {}).items():
            node = self._root
            for part in pointer:
                node = node.children.setdefault(part, _Node())
            node.rule = rule
        self._is_plain = not rules and not paired
        self._is_tolerant = self._root.is_tolerant()
        self.judged: tuple[tuple[Pointer, str], ...] = tuple(
            [(pointer, rule.judge) for pointer, rule in (rules or {}).items() if rule.judge]
        )
        # texts that judges vote on, and how each must stand to the expected one

    def normalise(self, arguments: Mapping[str, Any]) -> NormalArguments:
        """The arguments without what is ignored, folded and sorted where the rules say so."""
        if self._is_plain:
            return NormalArguments(value=arguments, key=canonical_parsed(arguments))
        rest, rows = arguments, []
        for group in self._groups:
            found = take_rows(arguments, group)
            if found is not None:
                rest = without_lists(rest, group)
            rows.append(found and self._normal_rows(group, found))
        value = _normalise(self._root, rest)
        key = canonical_json([value, rows])
        return NormalArguments(value=value, rows=tuple(rows), key=key)

    def _normal_rows(self, group: Group, rows: Rows) -> Rows:
        nodes = self._element_nodes(group)
        normal = [
            [_normal_cell(node, value) for node, value in zip(nodes, row, strict=True)]
            for row in rows
        ]
        return sorted(normal, key=canonical_json)

    def _element_nodes(self, group: Group) -> list[_Node]:
        return [_node_at(self._root, (*pointer, "*")) for pointer in group]

    def are_equal(self, *, expected: NormalArguments, actual: NormalArguments) -> bool:
        """Whether normalised arguments of two calls of the tool count as the same."""
        if expected.key == actual.key:
            return True
        return (
            self._is_tolerant
            and _are_close(self._root, expected.value, actual.value)
            and all(
                self._are_close_rows(group, one, other)
                for group, one, other in zip(self._groups, expected.rows, actual.rows, strict=True)
            )
        )

    def _are_close_rows(self, group: Group, expected: Rows | None, actual: Rows | None) -> bool:
        if expected is None or actual is None or len(expected) != len(actual):
            return expected is actual
        nodes = self._element_nodes(group)
        edges = [
            [
                index
                for index, other in enumerate(actual)
                if all(_are_close(*cell) for cell in zip(nodes, row, other, strict=True))
            ]
            for row in expected
        ]
        return None not in match_any_order(edges, len(actual))


_SOME_TEXT = "(a text that judges compare)"
"""Stands for every text that judges vote on: that there is one is part of equality."""

EXACT = ArgumentRules()
"""The rules of a tool for which actions.toml says nothing."""


def parse_rules(document: Mapping[str, Any]) -> ArgumentRules:
    """The rules of one checked `[arguments.TOOL]` table."""
    rules: dict[Pointer, ArgumentRule] = {}
    for key, value in document.items():
        if key == "paired":
            continue
        if isinstance(value, str):
            rules[parse_pointer(key)] = ArgumentRule(kind=value)
        elif "judge" in value:
            rules[parse_pointer(key)] = ArgumentRule(kind="judge", judge=value["judge"])
        else:
            tolerance = Decimal(repr(value["tolerance"]))
            rules[parse_pointer(key)] = ArgumentRule(kind="tolerance", tolerance=tolerance)
    pairs = document.get("paired", ())
    paired = tuple((parse_pointer(first), parse_pointer(second)) for first, second in pairs)
    return ArgumentRules(rules, paired, document)


def parse_pointer(text: str) -> Pointer:
    """The parts of a JSON Pointer (RFC 6901)."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])


def fold_text(text: str) -> str:
    """Unicode NFC, case and white space folded.

    Case is folded between two decompositions, for folding alone can leave marks out of order.
    Source: Unicode Standard, section 3.13, D145 (canonical caseless matching).
    """
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).casefold())
    return " ".join(unicodedata.normalize("NFC", folded).split())


def _normalise(node: _Node, value: Any) -> Any:  # noqa: ANN401 - JSON data
    if node.rule.kind == "text" and isinstance(value, str):
        return fold_text(value)
    if node.rule.kind == "judge" and isinstance(value, str) and value.strip():
        return _SOME_TEXT
    if not node.children and node.rule.kind != "unordered":
        return value
    if isinstance(value, dict):
        return {
            key: _normalise(child, item) if (child := node.child(key)) else item
            for key, item in value.items()
            if (child := node.child(key)) is None or child.rule.kind != "ignore"
        }
    if isinstance(value, list):
        return _normalise_list(node, value)
    return value


def _normalise_list(node: _Node, value: list[Any]) -> list[Any]:
    items = []
    for index, item in enumerate(value):
        child = node.child(str(index))
        if child is None:
            items.append(item)
        elif child.rule.kind != "ignore":
            items.append(_normalise(child, item))
    if node.rule.kind == "unordered":
        items.sort(key=canonical_json)
    return items


def _normal_cell(node: _Node, value: Any) -> Any:  # noqa: ANN401 - JSON data
    return None if node.rule.kind == "ignore" else _normalise(node, value)


def _node_at(node: _Node, pointer: Pointer) -> _Node:
    found: _Node | None = node
    for part in pointer:
        found = found.child(part) if found else None
    return found or _EXACT_NODE


def _are_close(node: _Node, expected: Any, actual: Any) -> bool:  # noqa: ANN401 - JSON data
    if node.rule.kind == "tolerance" and _is_number(expected) and _is_number(actual):
        return abs(Decimal(repr(expected)) - Decimal(repr(actual))) <= node.rule.tolerance
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(
            _are_close(node.child(key) or _EXACT_NODE, item, actual[key])
            for key, item in expected.items()
        )
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and _lists_are_close(node, expected, actual)
    return canonical_json(expected) == canonical_json(actual)


def _lists_are_close(node: _Node, expected: list[Any], actual: list[Any]) -> bool:
    if node.rule.kind != "unordered":
        return all(
            _are_close(node.child(str(index)) or _EXACT_NODE, item, actual[index])
            for index, item in enumerate(expected)
        )
    element = node.children.get("*") or _EXACT_NODE
    edges = [
        [index for index, other in enumerate(actual) if _are_close(element, item, other)]
        for item in expected
    ]
    return None not in match_any_order(edges, len(actual))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_EXACT_NODE = _Node()
