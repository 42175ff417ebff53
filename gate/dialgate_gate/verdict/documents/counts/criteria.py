"""What became of each criterion of the rubrics: per side how often it held, and whether it decides.

Where it decides, the rate of texts that are as asked, corrected for the judge's errors, and what
votes come to over the suite. Leaves who said what in a failing case to `explanations`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.rubrics.votes import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_gate.comparing.run_evidence import RunEvidence
    from dialgate_gate.statistics.judged.judge_errors import JudgeErrors
    from dialgate_gate.verdict.recorded.judged_replies import JudgedReplies
    from dialgate_gate.verdict.verdict import ReleaseVerdict

_DIGITS = 6


def count_criteria(
    baseline: RunEvidence | None,
    candidate: RunEvidence,
    judged: Mapping[str, JudgeErrors] | None = None,
) -> list[dict[str, Any]]:
    """An entry for each criterion by name; empty where no case has one.

    judged: how the judge errs, by criterion that decides.
    """
    known = judged or {}
    sides = {"candidate": candidate.scores, "baseline": baseline.scores if baseline else None}
    counted = {name: _of_side(scores) for name, scores in sides.items() if scores is not None}
    names = sorted({name for found in counted.values() for name in found})
    return [
        {
            "criterion": name,
            "decides": any(found.get(name, _NONE)["decides"] for found in counted.values()),
            "candidate": _counts(counted["candidate"].get(name, _NONE), known.get(name)),
            "baseline": _counts(counted["baseline"].get(name, _NONE), known.get(name))
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


def _counts(own: dict[str, int], errors: JudgeErrors | None) -> dict[str, Any]:
    counts: dict[str, Any] = {name: count for name, count in own.items() if name != "decides"}
    return counts if errors is None else {**counts, "corrected": _corrected(own, errors)}


def _corrected(own: dict[str, int], errors: JudgeErrors) -> dict[str, Any] | None:
    """The rate of texts that are as asked, with an interval; None where no text was judged."""
    from dialgate_gate.statistics.binomial_bounds import clopper_pearson  # noqa: PLC0415 - heavy
    from dialgate_gate.statistics.judged.corrected_rate import correct_rate  # noqa: PLC0415 - heavy
    from dialgate_gate.verdict.sequential.unit import PASS_ERROR  # noqa: PLC0415 - heavy

    held, texts = own["yes"], own["yes"] + own["no"] + own["unsure"]
    if not texts:
        return None
    error = PASS_ERROR - errors.error
    interval = clopper_pearson(held, texts, 1 - error / 2)
    found = correct_rate(held / texts, interval, errors, error=error)
    return {
        "estimate": None if found.estimate is None else round(found.estimate, _DIGITS),
        "interval": [round(found.low, _DIGITS), round(found.high, _DIGITS)],
        "confidence": round(1 - found.error, _DIGITS),
    }


BY_PEOPLE = "labels on these replies"
BY_VOTES = "votes, corrected by labels"


def replies_document(verdict: ReleaseVerdict) -> dict[str, Any]:
    """The difference of the criteria that decide; nothing where no vote decides.

    Where fresh trials decided, only what labels on the first trials' replies say: votes on all
    trials are in the suite's estimates.
    """
    found = verdict.replies
    if found is None:
        return {}
    document = judged_document(found)
    if found.powered.found is None and verdict.confirmed is not None:
        document = {**document, "difference": None, "interval": None}
    return {"judged_replies": document}


def judged_document(found: JudgedReplies) -> dict[str, Any]:
    """The difference with its interval, and the labels that it rests on."""
    from dialgate_gate.verdict.sequential.unit import PASS_ERROR  # noqa: PLC0415 - heavy

    powered = found.powered
    known = powered.found
    estimate, interval = found.shown
    return {
        "criteria": list(found.criteria),
        "by": BY_VOTES if known is None else BY_PEOPLE,
        "labels": None
        if known is None
        else {"baseline": known.labelled[0], "candidate": known.labelled[1]},
        "drawn": powered.threshold,
        "labels_unused": powered.why_not,
        "difference": None if estimate is None else round(estimate, _DIGITS) + 0.0,
        "interval": [round(end, _DIGITS) + 0.0 for end in interval],
        "confidence": 1 - PASS_ERROR,
    }
