"""What differs beside the assertions of a schema: texts, defaults, extensions; and the words.

Knows what a model reads and what a missing argument means. Leaves what is valid to
`containment`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import canonical_json
from dialgate_evals.files.plain_text import shorten
from dialgate_gate.changes.tool_drift.keywords import TEXTS, is_same, split_groups
from dialgate_gate.changes.tool_drift.kinds import Drift, Finding
from dialgate_gate.changes.tool_drift.normal_form import conjuncts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_gate.changes.tool_drift.keywords import Schema

Path = tuple[str, ...]

IDEMPOTENCY = "x-idempotency-key"
"""The extension that this project reads: which argument makes a repeated call harmless."""

_ABSENT = object()
_WIDTH = 80


def show(value: object) -> str:
    """A value of a schema in a sentence."""
    if value is _ABSENT:
        return "none"
    return shorten(json.dumps(value, ensure_ascii=False, sort_keys=True), _WIDTH)


def told(schema: Schema) -> Schema:
    """What a schema tells without asserting, the outermost first."""
    found: Schema = {}
    for fact in conjuncts(schema):
        for key, value in fact.items():
            found.setdefault(key, value)
    return found


def differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The keys under which two objects hold different data."""
    return [
        key
        for key in sorted({*before, *now})
        if key not in before
        or key not in now
        or canonical_json(before[key]) != canonical_json(now[key])
    ]


def compare_texts(before: Schema, now: Schema, path: Path) -> Iterator[Finding]:
    """Texts and extensions of one place."""
    old, new = told(before), told(now)
    keys = differing(old, new)
    words = [key for key in keys if key in TEXTS or (key.startswith("x-") and key != IDEMPOTENCY)]
    if words:
        yield Finding(path=path, kind=Drift.TEXT, detail=f"{_listed(words)} differ{_s(words)}.")
    if IDEMPOTENCY in keys:
        yield idempotency_finding(path, old, new)


def idempotency_finding(path: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> Finding:
    """Another argument, or none, makes a repeated call harmless."""
    detail = f"{change(IDEMPOTENCY, before, now)} A repeated call may act twice."
    return Finding(path=path, kind=Drift.BREAKING_FOR_CALLERS, detail=detail)


def compare_inner_texts(before: Schema, now: Schema, path: Path) -> Iterator[Finding]:
    """Texts inside alternatives and conditions that assert the same."""
    old, new = split_groups(before), split_groups(now)
    skipped = {"properties", "required", "items"}
    for name in sorted((old.keys() & new.keys()) - skipped):
        if canonical_json(old[name]) != canonical_json(new[name]) and is_same(old[name], new[name]):
            yield Finding(path=path, kind=Drift.TEXT, detail=f"Texts inside {name} differ.")


def compare_defaults(
    before: Schema, now: Schema, path: Path, *, was_required: bool
) -> Iterator[Finding]:
    """What a call that leaves the argument out means.

    A changed or dropped default changes it without a word in the call, hence it breaks callers;
    one that is stated for the first time, or never applied, is text.
    """
    old, new = told(before), told(now)
    if "default" not in differing(old, new):
        return
    detail = change("default", old, new)
    if was_required or "default" not in old:
        yield Finding(path=path, kind=Drift.TEXT, detail=detail)
    else:
        detail += " Calls that leave it out stay valid and mean something else."
        yield Finding(path=path, kind=Drift.BREAKING_FOR_CALLERS, detail=detail)


def change(key: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """A sentence: the key, what it was, what it is."""
    return f"{key}: {show(before.get(key, _ABSENT))} → {show(now.get(key, _ABSENT))}."


def describe_group(name: str, before: Schema, now: Schema) -> str:
    """What differs in one keyword group, in a sentence for each keyword."""
    if name == "values":
        return _describe_values(before, now)
    if name == "opaque":
        return (
            "What is only compared as a text differs: a schema that refers to itself, "
            "unevaluated…, or a pattern that may take too long to try."
        )
    return " ".join(change(key, before, now) for key in differing(before, now))


def _describe_values(before: Schema, now: Schema) -> str:
    sides = [
        {canonical_json(value): value for value in side.get("enum", [side.get("const")])}
        for side in (before, now)
    ]
    if not before or not now:
        return " ".join(change(key, before, now) for key in differing(before, now))
    gone = [value for text, value in sides[0].items() if text not in sides[1]]
    new = [value for text, value in sides[1].items() if text not in sides[0]]
    parts = [
        f"{words}: {', '.join(show(value) for value in values[:8])}"
        f"{f' and {len(values) - 8} more' if len(values) > 8 else ''}."
        for words, values in (("No longer allowed", gone), ("Allowed now", new))
        if values
    ]
    return " ".join(parts) or "The same values in another order."


def _listed(words: list[str]) -> str:
    text = ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else words[0]
    return text[:1].upper() + text[1:]


def _s(words: list[str]) -> str:
    return "s" if len(words) == 1 and not words[0].endswith("examples") else ""
