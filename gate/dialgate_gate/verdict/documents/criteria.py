"""What became of each criterion of the rubrics: per side how often it held, and whether it decides.

Counts only; leaves who said what in a failing case to `explanations`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.rubrics.votes import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_gate.comparing.run_evidence import RunEvidence


def count_criteria(baseline: RunEvidence | None, candidate: RunEvidence) -> list[dict[str, Any]]:
    """An entry for each criterion by name; empty where no case has one."""
    sides = {"candidate": candidate.scores, "baseline": baseline.scores if baseline else None}
    counted = {name: _of_side(scores) for name, scores in sides.items() if scores is not None}
    names = sorted({name for found in counted.values() for name in found})
    return [
        {
            "criterion": name,
            "decides": any(found.get(name, _NONE)["decides"] for found in counted.values()),
            "candidate": _counts(counted["candidate"].get(name, _NONE)),
            "baseline": _counts(counted["baseline"].get(name, _NONE))
            if "baseline" in counted
            else None,
        }
        for name in names
    ]


_NONE = {"decides": 0, "asked_nobody": 0, **{answer.value: 0 for answer in Answer}}


def _of_side(scores: Iterable[TrialScore]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for score in scores:
        for item in score.rulings:
            own = found.setdefault(item.criterion, dict(_NONE))
            own["decides"] += item.decides
            own["asked_nobody" if item.is_open else item.answer.value] += 1
    return found


def _counts(own: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in own.items() if name != "decides"}
