"""Replaces personal data in one review event, everywhere in it, so that equal stays equal.

First collects what identifies somebody (fields that `[redact]` names, its patterns, built-in
forms), then replaces each value wherever it stands: texts, JSON inside texts, keys, numbers. Leaves
whether the event still means the same to `dialgate_evals.events.deriving.claims`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.argument_rules import parse_pointer
from dialgate_evals.events.deriving.personal_keys import names_somebody, personal_kind
from dialgate_evals.events.deriving.personal_values import Span, ValueKind
from dialgate_evals.events.deriving.redaction_memory import Memory, find_spans
from dialgate_evals.files.json_text import JsonTextError, parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dialgate_evals.actions.paired_lists import Pointer
    from dialgate_evals.actions.redaction import Redaction
    from dialgate_evals.events.deriving.pseudonyms import Pseudonyms

_MOST_ATTEMPTS = 50
_MOST_LOOKED_FOR = 100
_IDENTIFYING_KEY = re.compile(r"[\d@]")


class RedactionError(Exception):
    """The event can't be redacted without changing what it says; the message says why."""


class NamedText(str):
    """A part that is somebody's name as a whole, whatever the rules say."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionRules:
    """What identifies somebody, and what never does."""

    patterns: tuple[re.Pattern[str], ...] = ()
    pointers: tuple[Pointer, ...] = ()
    keep: tuple[Pointer, ...] = ()
    # the allow-list: places whose values stay, wherever else they stand
    secrets: Mapping[str, str] = field(default_factory=dict)
    # values of secret environment variables, and what is written in their place
    made: frozenset[str] = frozenset()
    # pseudonyms of an earlier redaction, which stay as they are

    def with_secrets(self, secrets: Mapping[str, str]) -> RedactionRules:
        """The rules with these secrets instead."""
        return replace(self, secrets=secrets)


def identified(parts: Sequence[Any], rules: RedactionRules) -> frozenset[str]:
    """Every value in the parts that a form or a pattern takes for a person's."""
    found: set[str] = set()

    def collect(text: str) -> None:
        found.update(text[span.start : span.end] for span in find_spans(text, rules.patterns))

    def collect_named(text: str) -> None:
        found.add(text)
        collect(text)

    walk = _Walk(rules, collect, collect_named)
    for part in parts:
        walk.visit_root(part)
    return frozenset(found)


def redaction_rules(redact: Redaction, secrets: Mapping[str, str]) -> RedactionRules:
    """The rules of a suite whose patterns were checked."""
    return RedactionRules(
        patterns=tuple(re.compile(pattern) for pattern in redact.patterns),
        pointers=tuple(parse_pointer(pointer) for pointer in redact.pointers),
        keep=tuple(parse_pointer(pointer) for pointer in redact.keep),
        secrets=secrets,
    )


def redact_name(text: str, rules: RedactionRules, pseudonyms: Pseudonyms) -> str:
    """A name outside the context (an event's id, a reviewer) by its form alone.

    It must not depend on the event it stands in: derived cases are found again by it.
    """
    replaced = _Replacement(rules=rules, pseudonyms=pseudonyms)
    replaced.collect_text(text)
    replaced.settle()
    return replaced.text(text)


def redact_parts(
    parts: Sequence[Any],
    rules: RedactionRules,
    pseudonyms: Pseudonyms,
    memory: Memory | None = None,
) -> tuple[list[Any], int]:
    """The parts (JSON data, or texts) with every value replaced; and how many values there were.

    Raises RedactionError where two values can't be told apart any more.
    """
    replacement = _Replacement(rules=rules, pseudonyms=pseudonyms)
    keys = [_key(part, memory) for part in parts]
    memory = memory or Memory()
    for part, key in zip(parts, keys, strict=True):
        found = memory.found.get(key) if key else None
        if found is None:
            found = _found_in(part, rules, pseudonyms)
            if key:
                memory.found[key] = found
        for text, kind in found[0].items():
            replacement.values.setdefault(text, kind)
        replacement.kept |= found[1]
    replacement.settle()
    replacing = _Walk(rules, replacement.text, replacement.named)
    signature = replacement.signature if any(keys) else b""
    made = []
    for part, key in zip(parts, keys, strict=True):
        if key and (key, signature) in memory.made:
            made.append(memory.made[key, signature])
            continue
        made.append(replacing.visit_root(part, is_named=isinstance(part, NamedText)))
        if key:
            memory.made[key, signature] = made[-1]
    memory.bound()
    return made, len(replacement.values)


def _key(part: object, memory: Memory | None) -> bytes | None:
    """Under what a part is remembered; None where it isn't."""
    return None if memory is None or isinstance(part, NamedText) else memory.key(part)


def _found_in(
    part: Any,  # noqa: ANN401 - JSON data
    rules: RedactionRules,
    pseudonyms: Pseudonyms,
) -> tuple[dict[str, ValueKind], set[str]]:
    """What identifies somebody in one part, and what is kept by name."""
    own = _Replacement(rules=rules, pseudonyms=pseudonyms)
    collecting = _Walk(rules, own.collect_text, own.collect_named)
    collecting.on_kept = own.kept.add
    collecting.visit_root(part, is_named=isinstance(part, NamedText))
    return own.values, own.kept


class _Walk:
    """Visits every text and number below a root; pointers begin at each root."""

    def __init__(self, rules: RedactionRules, on_text: Any, on_named: Any) -> None:  # noqa: ANN401 - functions
        self._rules, self._on_text, self._on_named = rules, on_text, on_named
        self.on_kept: Any = lambda _: None

    def visit_root(self, value: Any, *, is_named: bool = False) -> Any:  # noqa: ANN401 - JSON data
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
        if not is_named and (isinstance(value, float) or len(text) < _LEAST_DIGITS):
            return value
        found = self._on_named(text) if is_named else self._on_text(text)
        if found is None or found == text:
            return value
        try:
            return type(value)(found)
        except ValueError:
            raise RedactionError("a number for which there is no pseudonym") from None


_LEAST_DIGITS = 4
"""Shorter numbers are too common to be replaced anywhere but at their own place."""


class _Replacement:
    """What was identified in one event, and the pseudonym of each value."""

    def __init__(self, *, rules: RedactionRules, pseudonyms: Pseudonyms) -> None:
        self._rules, self._pseudonyms = rules, pseudonyms
        self.kept: set[str] = set()
        self.values: dict[str, ValueKind] = {}
        self._made: dict[str, str] = {}
        self._anywhere: re.Pattern[str] | None = None
        self._literals: list[str] = []
        # what it looks for

    def collect_text(self, text: str) -> None:
        for span in self._spans(text):
            self.values.setdefault(text[span.start : span.end], span.kind)

    def collect_named(self, text: str) -> None:
        if any(character.isalnum() for character in text):
            whole = next((s.kind for s in self._spans(text) if s.end - s.start == len(text)), None)
            self.values.setdefault(text, whole or ValueKind.NAMED)

    def settle(self) -> None:
        """Gives each value its pseudonym, no two the same."""
        for text in (*self.kept, *self._rules.secrets):
            self.values.pop(text, None)
        self.values = {t: kind for t, kind in self.values.items() if t not in self._rules.made}
        taken = set(self.values)
        for text in sorted(self.values):
            made = self._pseudonym(text, taken)
            taken.add(made)
            self._made[text] = made
        anywhere = [re.escape(secret) for secret in self._rules.secrets]
        anywhere += [_as_word(text) for text in self._made if _is_telling(text)]
        self._literals = [*self._rules.secrets, *self._made]
        if anywhere:
            anywhere.sort(key=lambda part: (-len(part), part))
            self._anywhere = re.compile("|".join(anywhere))

    @property
    def signature(self) -> bytes:
        """The same where the same is replaced by the same."""
        named = [sorted(self._made.items()), sorted(self._rules.secrets.items())]
        return Memory.key(named)

    def _pseudonym(self, text: str, taken: set[str]) -> str:
        for attempt in range(_MOST_ATTEMPTS):
            made = self._pseudonyms.pseudonym(text, self.values[text], attempt)
            if made not in taken:
                return made
        raise RedactionError("more short values than there are pseudonyms of their shape")

    def text(self, text: str) -> str:
        """The text with every value replaced, the leftmost and longest first."""
        spans = list(self._spans(text))
        if self._anywhere is not None and self._may_stand_in(text):
            spans += [
                Span(start=match.start(), end=match.end(), kind=ValueKind.NAMED)
                for match in self._anywhere.finditer(text)
            ]
        if not spans:
            return text
        pieces, position = [], 0
        for span in sorted(spans, key=lambda span: (span.start, -span.end)):
            value = text[span.start : span.end]
            made = self._rules.secrets.get(value) or self._made.get(value)
            if span.start < position or made is None:
                continue
            pieces += [text[position : span.start], made]
            position = span.end
        return "".join([*pieces, text[position:]])

    def _may_stand_in(self, text: str) -> bool:
        """Whether it is worth looking for values that have no form here: most texts hold none."""
        return len(self._literals) > _MOST_LOOKED_FOR or any(v in text for v in self._literals)

    def named(self, text: str) -> str:
        return self._made.get(text) or self.text(text)

    def _spans(self, text: str) -> Iterator[Span]:
        return find_spans(text, self._rules.patterns)


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


def _is_telling(text: str) -> bool:
    """Whether the value is replaced wherever it stands as a word: not a lone letter or "12"."""
    has_letter = any(character.isalpha() for character in text)
    return len(text) >= (2 if has_letter else _LEAST_DIGITS)


def _as_word(text: str) -> str:
    before = r"(?<![^\W_])" if text[0].isalnum() else ""
    after = r"(?![^\W_])" if text[-1].isalnum() else ""
    return f"{before}{re.escape(text)}{after}"
