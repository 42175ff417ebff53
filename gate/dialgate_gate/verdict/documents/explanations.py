"""Why a case counts as it does: expected and actual calls of its worst trial, on both sides.

Knows which decisions to show; leaves how they look to `reports`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.outcomes import Kind, Outcome
from dialgate_evals.actions.rubrics.votes import Answer
from dialgate_gate.four_verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dialgate_evals.actions.outcomes import Decision, TrialScore
    from dialgate_evals.actions.rubrics.votes import Ruling
    from dialgate_gate.comparing.judged_cases import CaseSet
    from dialgate_gate.comparing.run_evidence import RunEvidence
    from dialgate_gate.verdict.verdict import ReleaseVerdict


def explain_cases(verdict: ReleaseVerdict) -> list[dict[str, Any]]:
    """An entry for every case that failed now or moved, those of the classes that fail first."""
    comparison = verdict.comparison
    moves = comparison.moves
    silent = {i for item in verdict.classes for i in item.comparison.silent_moves.broken}
    moved = {
        **dict.fromkeys(moves.flaky, "flaky"),
        **dict.fromkeys(moves.fixed, "fixed"),
        **dict.fromkeys((i for c in comparison.classes for i in c.moves.broken), "broken"),
        **dict.fromkeys(moves.broken, "broken"),
    }
    added = set(comparison.case_set.added)
    entries = []
    for case in comparison.case_set.cases:
        now = comparison.candidate.finished(case.id)
        if case.id not in moved and all(score.passed for score in now):
            continue
        before = comparison.baseline.finished(case.id) if comparison.baseline else ()
        entries.append(
            {
                "case": case.id,
                "request": case.request,
                "move": moved.get(case.id, "added" if case.id in added else "failing"),
                "silent": case.id in silent,
                "critical": case.critical,
                "quarantined": case.quarantined,
                "origin": case.origin,
                "tags": list(case.tags),
                "candidate": _explain_side(now),
                "baseline": _explain_side(before) if comparison.baseline else None,
                **({"edited_from": case.edited_from} if case.edited_from is not None else {}),
            }
        )
    weights = _class_weights(verdict)
    entries.sort(key=lambda entry: (_weight(entry, weights), *_urgency(entry)))
    return entries


def _class_weights(verdict: ReleaseVerdict) -> dict[str, int]:
    """By case: how much the worst verdict of a class in which it broke weighs; 0 is a failure."""
    found: dict[str, int] = {}
    for item in verdict.classes:
        moves = (*item.comparison.moves.broken, *item.comparison.silent_moves.broken)
        for case_id in (*moves, *item.open_suspects):
            weight = len(Verdict) - item.verdict.rank
            found[case_id] = min(weight, found.get(case_id, weight))
    return found


def _weight(entry: Mapping[str, Any], weights: Mapping[str, int]) -> int:
    """The case to look at first lies in what fails; one that got better waits."""
    if entry["quarantined"] or entry["move"] == "fixed":
        return len(Verdict) + 2
    if entry["critical"] and entry["move"] in {"broken", "added"}:
        return 0
    return weights.get(entry["case"], len(Verdict) + (entry["move"] != "broken"))


def explain_run(side: RunEvidence, case_set: CaseSet) -> list[dict[str, Any]]:
    """An entry for every case of one run that failed in some trial; silent failures first."""
    entries = []
    for case in case_set.cases:
        scores = side.finished(case.id)
        if all(score.passed for score in scores):
            continue
        silent = any(d.outcome.kind is Kind.SILENT for s in scores for d in s.decisions)
        entries.append(
            {
                "case": case.id,
                "request": case.request,
                "move": "failing",
                "silent": silent,
                "critical": case.critical,
                "candidate": _explain_side(scores),
            }
        )
    entries.sort(key=_urgency)
    return entries


_MOVES = ("broken", "added", "flaky", "failing", "fixed")


def _urgency(entry: dict[str, Any]) -> tuple[bool, bool, int, str]:
    return (
        not entry["silent"],
        not entry["critical"],
        _MOVES.index(entry["move"]),
        entry["case"],
    )


def _explain_side(scores: Iterable[TrialScore]) -> dict[str, Any]:
    trials = list(scores)
    if not trials:
        return {"trials": 0, "passed": 0, "decisions": [], "reply_failures": [], "diverged": False}
    worst = min(trials, key=_quality)
    return {
        "trials": len(trials),
        "passed": sum(bool(score.passed) for score in trials),
        "trial": worst.trial,
        "decisions": [_decision_document(item) for item in worst.decisions],
        "reply_failures": [*worst.reply_failures, *worst.ruling_failures],
        **({"rulings": _ruling_documents(worst.rulings)} if worst.rulings else {}),
        "diverged": worst.diverged,
    }


def _ruling_documents(rulings: Iterable[Ruling]) -> list[dict[str, Any]]:
    """Who said what on each criterion, those first that keep the trial from passing."""
    listed = sorted(rulings, key=lambda item: (not item.fails, item.answer is Answer.YES))
    return [{**item.as_json(), "reason": item.reason} for item in listed]


def _quality(score: TrialScore) -> tuple[bool, int, int]:
    silent = sum(item.outcome.kind is Kind.SILENT for item in score.decisions)
    return bool(score.passed), -silent, score.trial


def _decision_document(item: Decision) -> dict[str, Any]:
    return {
        "action_class": item.action_class,
        "outcome": item.outcome.value,
        "kind": item.outcome.kind.value,
        "tool": item.tool,
        "expected": None if item.expected is None else json.loads(item.expected),
        "actual": None if item.actual is None else json.loads(item.actual),
        "is_correct": item.outcome is Outcome.CORRECT,
    }
