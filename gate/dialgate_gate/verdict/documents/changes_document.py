"""What `changes` found, as a JSON document: the same sides, the same bytes.

Leaves finding the differences to `dialgate_gate.changes.suite_changes` and showing to `reports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_gate.changes.invalidated_cases import invalidated_calls
from dialgate_gate.changes.suite_changes import (
    affected_classes,
    compare_sides,
    equal_components,
    judge_changes_between,
)

if TYPE_CHECKING:
    from dialgate_gate.changes.suite_changes import ComparedSide


def build_changes_document(
    *, baseline: ComparedSide, candidate: ComparedSide, baseline_place: str, candidate_place: str
) -> dict[str, Any]:
    """The document; the places say where each side was read, such as `the working tree`."""
    changes = compare_sides(baseline=baseline, candidate=candidate)
    weakened = judge_changes_between(baseline=baseline, candidate=candidate)
    return {
        "schema": 1,
        "suite": candidate.suite.name,
        "baseline": {"place": baseline_place, "release": baseline.release.as_json()},
        "candidate": {"place": candidate_place, "release": candidate.release.as_json()},
        "triggers": any(change.triggers for change in changes),
        "changes": [change.as_json() for change in changes],
        "classes": [
            {"action_class": name, "changes": list(paths)}
            for name, paths in affected_classes(changes).items()
        ],
        "equal": list(equal_components(changes, candidate)),
        "invalidated": _invalidated(baseline=baseline, candidate=candidate),
        "loosened": [change.sentence for change in weakened],
        "unpinned": unpinned_models(candidate),
    }


def build_first_document(candidate: ComparedSide, *, baseline_place: str) -> dict[str, Any]:
    """The document of a suite that the base does not hold: all of it is new."""
    return {
        "schema": 1,
        "suite": candidate.suite.name,
        "baseline": None,
        "candidate": {"place": "the working tree", "release": candidate.release.as_json()},
        "triggers": True,
        "changes": [],
        "classes": [
            {"action_class": name, "changes": [f"suite new since {baseline_place}"]}
            for name in sorted(candidate.actions.names)
        ],
        "equal": [],
        "invalidated": [],
        "loosened": [],
        "unpinned": unpinned_models(candidate),
    }


def _invalidated(*, baseline: ComparedSide, candidate: ComparedSide) -> list[dict[str, str]]:
    """Calls in the candidate's cases that only the baseline's tools take."""
    calls = invalidated_calls(
        candidate.cases, baseline=baseline.release.tools, candidate=candidate.release.tools
    )
    return [call.as_json() for call in calls]


def unpinned_models(side: ComparedSide) -> list[str]:
    """A sentence where the provider may point the model's name elsewhere."""
    model = side.release.model
    if not model.is_floating:
        return []
    sentence = (
        f"The model name {model.name!r} is a floating alias: what stands behind it can change "
        "without a change here. Pin a dated name, or check nightly against a run record."
    )
    return [sentence]
