"""Trials passed per tag and per split, before and now, and the cases that need no explanation.

Pure counting, so that a report can say where an average moved; no tag or split decides anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.suite.case import HOLDOUT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.comparing.judged_cases import JudgedCase
    from dialgate_gate.comparing.run_evidence import RunEvidence


def count_tags(comparison: RunComparison) -> list[dict[str, Any]]:
    """For each tag of the deciding cases {tag, cases, baseline, candidate}, by name.

    A side is {trials, passed}: trials that could be run, and those that passed whole; None where
    there is no baseline.
    """
    tagged: dict[str, list[str]] = {}
    for case in comparison.case_set.deciding:
        for tag in case.tags:
            tagged.setdefault(tag, []).append(case.id)
    return [
        {
            "tag": tag,
            "cases": len(ids),
            "baseline": count_passed(comparison.baseline, ids),
            "candidate": count_passed(comparison.candidate, ids),
        }
        for tag, ids in sorted(tagged.items())
    ]


def count_splits(
    baseline: RunEvidence | None, candidate: RunEvidence, cases: Iterable[JudgedCase]
) -> list[dict[str, Any]]:
    """The held-out cases and the others as {split, cases, baseline, candidate}, sides as of tags.

    Empty where no case is held out. A gap between the two says that prompts were tuned on cases.
    """
    listed = tuple(cases)
    if not any(case.held_out for case in listed):
        return []
    return [
        {
            "split": split,
            "cases": len(ids),
            "baseline": count_passed(baseline, ids),
            "candidate": count_passed(candidate, ids),
        }
        for split, held_out in ((HOLDOUT, True), ("open", False))
        if (ids := [case.id for case in listed if case.held_out is held_out]) or held_out
    ]


def count_passed(side: RunEvidence | None, ids: Iterable[str]) -> dict[str, int] | None:
    """Trials of these cases and how many of them passed whole; None where there is no side."""
    if side is None:
        return None
    trials = passed = 0
    for case_id in ids:
        scores = side.finished(case_id)
        trials += len(scores)
        passed += sum(bool(score.passed) for score in scores)
    return {"trials": trials, "passed": passed}


def list_passing(
    comparison: RunComparison, explained: Iterable[str]
) -> list[dict[str, str | list[str]]]:
    """{case, request, origin, tags, classes} of the cases that passed now and did not move."""
    known = set(explained)
    return [
        {
            "case": case.id,
            "request": case.request,
            "origin": case.origin,
            "tags": list(case.tags),
            "classes": sorted(_classes(comparison, case)),
        }
        for case in comparison.case_set.cases
        if case.id not in known and comparison.candidate.finished(case.id)
    ]


def _classes(comparison: RunComparison, case: JudgedCase) -> set[str]:
    scores = comparison.candidate.finished(case.id)
    return {*case.classes, *(item.action_class for score in scores for item in score.decisions)}
