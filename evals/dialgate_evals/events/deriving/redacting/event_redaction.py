"""Replaces personal data in one review event, everywhere in it, so that equal stays equal.

First collects what identifies somebody (fields that `[redact]` names, its patterns, built-in
forms), then replaces each value wherever it stands: texts, JSON inside texts, keys, numbers. Leaves
whether the event still means the same to `dialgate_evals.events.deriving.claims`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.events.deriving.redacting.event_walk import EventWalk
from dialgate_evals.events.deriving.redacting.redaction_memory import Memory, find_spans
from dialgate_evals.events.deriving.redacting.replacement import Replacement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_evals.events.deriving.redacting.personal_values import ValueKind
    from dialgate_evals.events.deriving.redacting.pseudonyms import Pseudonyms
    from dialgate_evals.events.deriving.redacting.redaction_rules import RedactionRules


class NamedText(str):
    """A part that is somebody's name as a whole, whatever the rules say."""

    __slots__ = ()


def identified(parts: Sequence[Any], rules: RedactionRules) -> frozenset[str]:
    """Every value in the parts that a form or a pattern takes for a person's."""
    found: set[str] = set()

    def collect(text: str) -> None:
        found.update(text[span.start : span.end] for span in find_spans(text, rules.patterns))

    def collect_named(text: str) -> None:
        found.add(text)
        collect(text)

    walk = EventWalk(rules, collect, collect_named)
    for part in parts:
        walk.visit_root(part)
    return frozenset(found)


def redact_name(text: str, rules: RedactionRules, pseudonyms: Pseudonyms) -> str:
    """A name outside the context (an event's id, a reviewer) by its form alone.

    It must not depend on the event it stands in: derived cases are found again by it.
    """
    replaced = Replacement(rules=rules, pseudonyms=pseudonyms)
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
    replacement = Replacement(rules=rules, pseudonyms=pseudonyms)
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
    replacing = EventWalk(rules, replacement.text, replacement.named)
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
    own = Replacement(rules=rules, pseudonyms=pseudonyms)
    collecting = EventWalk(rules, own.collect_text, own.collect_named)
    collecting.on_kept = own.kept.add
    collecting.visit_root(part, is_named=isinstance(part, NamedText))
    return own.values, own.kept
