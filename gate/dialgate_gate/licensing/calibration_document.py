"""A judge's calibration as one document: what labels show of it, and what is missing.

Pure; every text of an agent is data here and harmless only where it is shown. Leaves words to
reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_gate.licensing.agreeing import agree_judges, agree_people, by_release, find_wavering
from dialgate_gate.licensing.standing import stand

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dialgate_evals.actions.rubrics.judge_settings import JudgeSettings
    from dialgate_evals.events.accepting.agreement import Agreement
    from dialgate_gate.licensing.agreeing import Wavering
    from dialgate_gate.licensing.drawing import Text
    from dialgate_gate.licensing.measured import Measured, Measurements
    from dialgate_gate.licensing.standing import Share, Standing
    from dialgate_gate.settings.judge_policy import JudgePolicy

_DIGITS = 6
MOST_LISTED = 50
"""Disagreements and texts to label that are listed; the others are counted."""


def calibration_document(
    measurements: Measurements,
    policy: JudgePolicy,
    places: Iterable[tuple[str, str]],
    *,
    suite: str,
    settings: JudgeSettings,
    drawn: Sequence[Text] = (),
) -> dict[str, Any]:
    """What `judge show` and `judge calibrate` say; shares are 0 to 1.

    places: every (criterion, action class) of the suite. drawn: the texts on record without a
    label, in the order in which labels tell most.
    """
    standings = stand(measurements, policy, places)
    listed = measurements.listed
    mistakes = [item for item in listed if item.is_mistake]
    return {
        "schema": 1,
        "suite": suite,
        "judge": measurements.judge,
        "judges": [{"name": item.name, "model": item.model} for item in settings.judges],
        "policy": {
            "min_sensitivity": policy.min_sensitivity,
            "min_specificity": policy.min_specificity,
            "confidence": policy.confidence,
            "max_shift": policy.max_shift,
        },
        "labels": _counts(measurements),
        "places": [_place(item) for item in standings],
        "agreement": {
            "people": [_agreement(item) for item in agree_people(listed)],
            "judges": [_agreement(item) for item in agree_judges(listed)],
        },
        "drift": _wavering(find_wavering(listed)),
        "releases": [
            {"version": item.release, "mistakes": item.mistakes, "texts": item.texts,
             "rise": [round(end, _DIGITS) for end in item.rise], "shown": item.is_shown}
            for item in by_release(listed)
        ],
        "disagreements": {
            "total": len(mistakes),
            "listed": [_mistake(item) for item in mistakes[:MOST_LISTED]],
        },
        "next": {
            "total": len(drawn),
            "listed": [
                {"case": text.case, "criterion": text.question.criterion.name,
                 "of": text.question.of, "question": text.question.digest}
                for text in drawn[:MOST_LISTED]
            ],
        },
    }  # fmt: skip


def exit_code_of(document: dict[str, Any]) -> int:
    """0: votes decide wherever the suite has a criterion; 1: not; 4: nothing measures the judge."""
    failed = document.get("asked", {}).get("failed", 0)
    if failed or not document["labels"]["counted"]:
        return 4
    places = document["places"]
    return 0 if places and all(item["licensed"] for item in places) else 1


def _counts(measurements: Measurements) -> dict[str, int]:
    listed = measurements.listed
    return {
        "questions": len(listed) + measurements.reworded + measurements.homeless,
        "counted": sum(item.is_counted for item in listed),
        "unasked": len(measurements.unasked),
        "contradicted": sum(item.settled.is_open for item in listed),
        "chosen_by_votes": sum(not item.settled.measures for item in listed),
        "reworded": measurements.reworded,
        "homeless": measurements.homeless,
    }


def _place(standing: Standing) -> dict[str, Any]:
    return {
        "criterion": standing.criterion,
        "action_class": standing.action_class,
        "licensed": standing.is_licensed,
        "sensitivity": _share(standing.sensitivity),
        "specificity": _share(standing.specificity),
    }


def _share(share: Share) -> dict[str, Any]:
    bound = share.bound
    estimate = bound.estimate
    return {
        "estimate": None if estimate is None else round(estimate, _DIGITS),
        "low": round(bound.low, _DIGITS),
        "high": round(bound.high, _DIGITS),
        "least": share.least,
        "cases": bound.labels.cases,
        "mistakes": round(bound.labels.mistakes, _DIGITS),
        "wanted": share.wanted,
    }


def _agreement(item: Agreement) -> dict[str, Any]:
    return {
        "names": [item.first, item.second],
        "items": item.items,
        "both_yes": item.both_right,
        "both_no": item.both_not,
        "only_first": item.only_first,
        "only_second": item.only_second,
        "kappa": None if item.kappa is None else round(item.kappa, _DIGITS),
    }


def _wavering(found: Wavering) -> dict[str, Any]:
    names = ("mistakes", "labels")
    return {
        "shown": found.is_shown,
        "earlier": dict(zip(names, found.earlier, strict=True)),
        "later": dict(zip(names, found.later, strict=True)),
        "rise": [round(end, _DIGITS) for end in found.rise],
        "confidence": found.confidence,
        "asked_again": found.asked_again,
        "changed": found.changed,
    }


def _mistake(item: Measured) -> dict[str, Any]:
    label = item.settled.label
    assert item.cast is not None
    return {
        "case": label.case,
        "criterion": item.criterion,
        "of": label.question.of,
        "question": label.question.digest,
        "people": "yes" if item.settled.truth else "no",
        "judge": item.cast.answer.value,
        "votes": {name: answer.value for name, answer in item.cast.votes.items()},
    }
