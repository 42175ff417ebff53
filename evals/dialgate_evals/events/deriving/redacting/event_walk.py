"""Every text and number of an event, JSON inside texts and telling keys too, seen or replaced.

Knows where a value stands and whether its place names somebody; leaves what becomes of it to the
functions it is given.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.deriving.redacting.personal_keys import names_somebody, personal_kind
from dialgate_evals.events.deriving.redacting.redaction_rules import RedactionError, RedactionRules
from dialgate_evals.files.json_text import JsonTextError, parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dialgate_evals.actions.paired_lists import Pointer

    Visit = Callable[[str], str | None]

_IDENTIFYING_KEY = re.compile(r"[\d@]")


class EventWalk:
    """Visits every text and number below a root; pointers begin at each root."""

    def __init__(self, rules: RedactionRules, on_text: Visit, on_named: Visit) -> None:
        """`on_text` and `on_named` give what a text becomes; None: it stays."""
        self._rules, self._on_text, self._on_named = rules, on_text, on_named
        self.on_kept: Visit = lambda _: None

    def visit_root(self, value: Any, *, is_named: bool = False) -> Any:  # noqa: ANN401 - JSON data
        """The value as it became; `is_named`: every text and number in it names somebody."""
        named = (*self._rules.pointers, ()) if is_named else self._rules.pointers
        if isinstance(value, str):
            return self._visit_text(value, is_named=is_named)
        return self._visit(value, named, self._rules.keep)

    def _visit_text(self, text: str, *, is_named: bool) -> str:
        parsed = _json_inside(text)
        if parsed is None:
            found = self._on_named(text) if is_named else self._on_text(text)
            return text if found is None else str(found)
        visited = self.visit_root(parsed, is_named=is_named)
        written = json.dumps(visited, ensure_ascii=False)
        return text if written == json.dumps(parsed, ensure_ascii=False) else written

    def _visit(self, value: Any, named: Sequence[Pointer], kept: Sequence[Pointer]) -> Any:  # noqa: ANN401 - JSON data
        if () in kept:
            for text in _scalars(value):
                self.on_kept(text)
            return value
        if isinstance(value, dict):
            visited = {}
            for key, item in value.items():
                below = _named_at(named, key, item)
                visited[self._visit_key(key)] = self._visit(item, below, _below(kept, key))
            if len(visited) != len(value):
                raise RedactionError("two keys that become one when they are redacted")
            return visited
        if isinstance(value, list | tuple):
            return [
                self._visit(item, _below(named, str(index)), _below(kept, str(index)))
                for index, item in enumerate(value)
            ]
        if isinstance(value, str):
            return self._visit_text(value, is_named=() in named)
        return self._visit_number(value, is_named=() in named)

    def _visit_key(self, key: str) -> str:
        """Keys are names of fields, unless they look like an identifier."""
        if not _IDENTIFYING_KEY.search(key):
            return key
        found = self._on_text(key)
        return key if found is None else str(found)

    def _visit_number(self, value: Any, *, is_named: bool) -> Any:  # noqa: ANN401 - JSON data
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        text = repr(value)
        if not is_named and (isinstance(value, float) or len(text) < LEAST_DIGITS):
            return value
        found = self._on_named(text) if is_named else self._on_text(text)
        if found is None or found == text:
            return value
        try:
            return type(value)(found)
        except ValueError:
            raise RedactionError("a number for which there is no pseudonym") from None


LEAST_DIGITS = 4
"""Shorter numbers are too common to be replaced anywhere but at their own place."""


def _json_inside(text: str) -> dict[str, Any] | list[Any] | None:
    if text.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        parsed = parse_json(text.encode("utf-8", "surrogatepass"))
    except JsonTextError:
        return None
    return parsed if isinstance(parsed, dict | list) else None


def _below(pointers: Sequence[Pointer], key: str) -> tuple[Pointer, ...]:
    """The pointers that go on below the key; one that ended covers everything below."""
    return tuple(p[1:] for p in pointers if not p or p[0] in {key, "*"}) if pointers else ()


def _named_at(pointers: Sequence[Pointer], key: str, item: object) -> Sequence[Pointer]:
    """The pointers below the key; what stands under a usual name of personal data is named."""
    below = _below(pointers, key)
    values = item if isinstance(item, list) else [item]
    if values and all(map(names_somebody, values)) and personal_kind(key):
        return (*below, ())
    return below


def _scalars(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON data
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _scalars(item)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield repr(value)
