"""Which cases a change adds, edits, removes, renames or only relabels, each with its classes.

A case is what it gives and expects: its file, its formatting and its place are no part of it.
Leaves which cases decide to `dialgate_gate.comparing.judged_cases`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import canonical_json
from dialgate_gate.changes.component_change import ComponentChange
from dialgate_gate.changes.text_difference import compare_words
from dialgate_gate.comparing.judged_cases import cases_by_base_id, classes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.suite.case import Case

_PARTS = ("messages", "recordings", "expect", "critical")
_BESIDE = ("origin", "tags", "split", "source")


def compare_cases(
    *,
    baseline: Sequence[Case],
    candidate: Sequence[Case],
    baseline_actions: ActionRegistry,
    candidate_actions: ActionRegistry,
) -> Iterator[ComponentChange]:
    """Every case that differs; its classes are those that either version expects."""
    before = {case.id: case for case in baseline}
    now = cases_by_base_id(baseline, candidate)
    for base_id in {**before, **now}:
        old, new = before.get(base_id), now.get(base_id)
        if old is not None and new is not None and old.digest == new.digest:
            yield from _unedited(old, new)
            continue
        touched = classes_of(old, baseline_actions) if old else frozenset()
        touched |= classes_of(new, candidate_actions) if new else frozenset()
        yield _decides_otherwise(old, new, tuple(sorted(touched)))


def _decides_otherwise(
    old: Case | None, new: Case | None, classes: tuple[str, ...]
) -> ComponentChange:
    """A case that is new, gone or edited."""
    if old is None:
        assert new is not None
        detail = "A critical case." if new.critical else "A new case."
        return _change(new.id, "added", detail, classes)
    if new is None:
        return _change(old.id, "removed", "The case is gone.", classes)
    return _edited(old, new, classes)


def _change(case_id: str, kind: str, detail: str, classes: tuple[str, ...]) -> ComponentChange:
    return ComponentChange(
        component="cases", path=case_id, kind=kind, detail=detail, classes=classes
    )


def _edited(old: Case, new: Case, classes: tuple[str, ...]) -> ComponentChange:
    parts = [key for key in _PARTS if _differs(old, new, key)]
    words = " and ".join("expectation" if key == "expect" else key for key in parts)
    return ComponentChange(
        component="cases",
        path=new.id,
        kind="edited",
        detail=f"Differs in {words}.",
        classes=classes,
        difference=tuple(compare_words(_text(old, parts), _text(new, parts))),
    )


def _unedited(old: Case, new: Case) -> Iterator[ComponentChange]:
    """The same case under another id, or with other labels: named, and nothing is run for it."""
    if old.id != new.id:
        detail = f"Was {old.id}; the case is the same."
        yield ComponentChange(
            component="cases", path=new.id, kind="renamed", detail=detail, triggers=False
        )
    other = [key for key in _BESIDE if _differs(old, new, key)]
    if other:
        detail = f"Other {' and '.join(other)}; the case is the same."
        yield ComponentChange(
            component="cases", path=new.id, kind="relabelled", detail=detail, triggers=False
        )


def _differs(old: Case, new: Case, key: str) -> bool:
    return canonical_json(_value(old, key)) != canonical_json(_value(new, key))


def _value(case: Case, key: str) -> Any:  # noqa: ANN401 - JSON data
    return case.document.get(key) or None


def _text(case: Case, parts: Sequence[str]) -> str:
    """The differing parts with a line for each key, the same data the same text."""
    shown = {key: _value(case, key) for key in parts}
    return json.dumps(shown, indent=1, sort_keys=True, ensure_ascii=False)
