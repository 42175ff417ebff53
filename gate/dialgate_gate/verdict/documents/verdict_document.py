"""The verdict as a JSON document: the contract's section 7, and what reports need beside it.

One document says everything that was judged, so that any report can be rendered again from it;
leaves finding the verdict to `dialgate_gate.verdict.release_verdict`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.outcomes import Outcome
from dialgate_gate.comparing.apart_costs import sum_apart
from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.verdict.documents.criteria import count_criteria, replies_document
from dialgate_gate.verdict.documents.decision_document import (
    confirmation_document,
    rules_document,
    shift_document,
    suite_rules_document,
    thin_document,
)
from dialgate_gate.verdict.documents.explanations import explain_cases
from dialgate_gate.verdict.documents.headline import find_headline
from dialgate_gate.verdict.documents.occasion import Occasion
from dialgate_gate.verdict.documents.pass_rates import pass_rates
from dialgate_gate.verdict.documents.tag_counts import (
    count_passed,
    count_splits,
    count_tags,
    list_passing,
)
from dialgate_gate.verdict.documents.undecided import undecided_document
from dialgate_gate.verdict.documents.usage import summarise_usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dialgate_gate.comparing.comparison import CaseMoves, RunComparison, SideSummary
    from dialgate_gate.comparing.history import CaseRuns
    from dialgate_gate.comparing.run_evidence import RunEvidence
    from dialgate_gate.verdict.confirmed import Confirmed
    from dialgate_gate.verdict.verdict import ClassVerdict, Estimates, ReleaseVerdict

_DIGITS = 6


def build_document(
    verdict: ReleaseVerdict,
    *,
    suite: Mapping[str, Any],
    changes: Sequence[Mapping[str, Any]] = (),
    graduation: Sequence[Mapping[str, Any]] = (),
    judged_by: str,
    allowed: Sequence[str] = (),
    flaky: Sequence[CaseRuns] = (),
    occasion: Occasion | None = None,
) -> dict[str, Any]:
    """The verdict document; `judged_by` says whose policy it was.

    `suite` holds name and digest, and `digests` of what judged and what the working tree holds.
    `flaky` are cases that the records of one of the two releases show both passed and failed.
    Deterministic: the same evidence gives the same bytes, but for the times in `usage` and
    where and when the `records` were made.
    """
    comparison = verdict.comparison
    of = occasion or Occasion()
    case_set = comparison.case_set
    explanations = explain_cases(verdict)
    return {
        "schema": 1,
        "verdict": verdict.verdict.value,
        "exit_code": verdict.exit_code,
        "suite": suite["name"],
        "suite_digest": suite["digest"],
        "digests": {side: dict(named) for side, named in suite.get("digests", {}).items()},
        "judged_by": judged_by,
        "deterministic": comparison.deterministic,
        "allowed": sorted(allowed),
        "records": _records_document(comparison, of.at),
        "release": dict(comparison.candidate.release),
        "baseline": dict(comparison.baseline.release) if comparison.baseline else None,
        "commits": of.commits_document(),
        "changes": [dict(change) for change in changes],
        "classes": [_class_document(item) for item in verdict.classes],
        "suite_estimates": _suite_document(verdict),
        "cases": _cases_document(comparison, flaky),
        "labels": _annotations_document(comparison.baseline, comparison.candidate),
        "flaky_rates": {item.case_id: _flaky_document(item) for item in flaky},
        "tags": count_tags(comparison),
        "splits": count_splits(comparison.baseline, comparison.candidate, case_set.deciding),
        "explanations": explanations,
        "passing": list_passing(comparison, [item["case"] for item in explanations]),
        "pass_rates": {
            "baseline": pass_rates(comparison.baseline, case_set),
            "candidate": pass_rates(comparison.candidate, case_set),
        },
        "confirmation": confirmation_document(verdict.confirmed),
        "thin_failures": thin_document(verdict.confirmed),
        "baseline_drift": shift_document(verdict.confirmed),
        "detection": of.outlook.detection_document(),
        "next_step": of.outlook.step_document(),
        "usage": _usage_document(comparison.baseline, comparison.candidate, verdict.confirmed),
        **_criteria(comparison.baseline, comparison.candidate, verdict.confirmed),
        **replies_document(verdict),
        "budget": [
            {"rule": item.rule, "failed": item.failed, "sentence": item.sentence}
            for item in verdict.budget
        ],
        "graduation": [dict(item) for item in graduation],
        "undecided": undecided_document(comparison),
        "gaps": [gap.as_json() for gap in verdict.gaps],
        "reasons": list(verdict.reasons),
        "missing": list(verdict.missing),
        "weakened": list(verdict.weakened),
        "headline": find_headline(verdict),
        "reproduce": of.reproduce,
    }


def _records_document(comparison: RunComparison, at: str) -> dict[str, str]:
    return {
        "baseline": comparison.baseline.record if comparison.baseline else "",
        "candidate": comparison.candidate.record,
        "at": at,
    }


def _suite_document(verdict: ReleaseVerdict) -> dict[str, Any]:
    comparison = verdict.comparison
    deciding = [case.id for case in comparison.case_set.deciding]
    return {
        **_estimates_document(verdict.suite),
        **suite_rules_document(verdict),
        "baseline": count_passed(comparison.baseline, deciding),
        "candidate": count_passed(comparison.candidate, deciding),
    }


def _cases_document(comparison: RunComparison, flaky: Sequence[CaseRuns]) -> dict[str, list[str]]:
    case_set = comparison.case_set
    return {
        **_moves_document(comparison.moves),
        "flaky": sorted({*comparison.moves.flaky, *(item.case_id for item in flaky)}),
        "added": sorted(case_set.added),
        "removed": sorted(case_set.removed),
        "changed": sorted(case_set.changed),
        "quarantined": sorted(case.id for case in case_set.cases if case.quarantined),
    }


def _class_document(item: ClassVerdict) -> dict[str, Any]:
    comparison = item.comparison
    estimates = _estimates_document(item.success)
    return {
        "action_class": item.action_class,
        "verdict": item.verdict.value,
        "candidate": _side_document(comparison.candidate),
        "baseline": _side_document(comparison.baseline) if comparison.baseline else None,
        **estimates,
        **rules_document(item),
        "silence": _estimates_document(item.silence),
        "cases": _moves_document(comparison.moves),
        "new_silent": sorted(comparison.silent_moves.broken),
        "open_suspects": sorted(item.open_suspects),
        "open": sorted(item.open_suspects),
        "missing_one_sided": sorted(item.missing_one_sided),
        "reasons": list(item.reasons),
    }


def _side_document(side: SideSummary) -> dict[str, Any]:
    return {
        "cases": side.cases,
        "trials": side.trials,
        "decisions": side.decisions,
        "correct": side.correct,
        "successes": side.successes,
        "success_rate": _rounded(side.success_rate),
        "silent": side.silent,
        "outcomes": {
            outcome.value: side.outcomes[outcome.value]
            for outcome in Outcome
            if outcome.value in side.outcomes
        },
    }


def _estimates_document(estimates: Estimates) -> dict[str, Any]:
    interval = estimates.interval
    return {
        "difference": _rounded(estimates.difference),
        "interval": None if interval is None else [_rounded(end) for end in interval],
        "confidence_level": _rounded(estimates.confidence_level),
        "p_regression": _rounded(estimates.p_regression),
        "p_adjusted": _rounded(estimates.p_adjusted),
        "level": _rounded(estimates.level),
        "detectable_drop": _rounded(estimates.detectable_drop),
    }


def _annotations_document(
    baseline: RunEvidence | None, candidate: RunEvidence
) -> list[dict[str, Any]]:
    """What recorded trials' own labels add up to on each side, by name: shown, never used."""
    before = baseline.annotations if baseline else {}
    return [
        {
            "label": name,
            "baseline": before[name].as_json() if name in before else None,
            "candidate": candidate.annotations[name].as_json()
            if name in candidate.annotations
            else None,
        }
        for name in sorted({*before, *candidate.annotations})
    ]


def _moves_document(moves: CaseMoves) -> dict[str, list[str]]:
    return {
        "broken": sorted(moves.broken),
        "fixed": sorted(moves.fixed),
        "flaky": sorted(moves.flaky),
    }


def _flaky_document(item: CaseRuns) -> dict[str, Any]:
    low, high = item.failure_bounds()
    return {
        "release": item.version,
        "passed": item.passed,
        "trials": item.trials,
        "failure_rate": _rounded(item.failure_rate),
        "interval": [_rounded(low), _rounded(high)],
    }


def _usage_document(
    baseline: RunEvidence | None,
    candidate: RunEvidence,
    confirmed: Confirmed | None,
) -> dict[str, Any]:
    now = summarise_usage(candidate)
    before = summarise_usage(baseline) if baseline else None
    sides = [side for side in (baseline, candidate) if side is not None]
    figures = [figure for figure in (before, now) if figure is not None]
    costs = [figure["cost_usd"] for figure in figures if figure["cost_usd"] is not None]
    if confirmed and confirmed.cost_usd is not None:
        costs.append(confirmed.cost_usd)
    for name, figure in (("baseline", before), ("candidate", now)):
        if confirmed and figure is not None:
            figure["workers_died"] += confirmed.workers_died.get(name, 0)
    return {
        "agent_calls": sum(figure["agent_calls"] for figure in figures)
        + (confirmed.decision.fresh_calls if confirmed else 0),
        "cached": sum(side.cached for side in sides),
        "wall_s": round(sum(side.wall_s for side in sides), 3),
        "cost_usd": _rounded(sum(costs)) if costs else None,
        "latency_p95_ms": now["latency_p95_ms"],
        **_apart(sides, confirmed),
        "baseline": before,
        "candidate": now,
    }


def _criteria(
    baseline: RunEvidence | None, candidate: RunEvidence, confirmed: Confirmed | None
) -> dict[str, Any]:
    """What votes on rubrics came to; nothing where no case has a rubric."""
    found = count_criteria(baseline, candidate, confirmed.judged if confirmed else None)
    return {"criteria": found} if found else {}


def _apart(sides: Iterable[RunEvidence], confirmed: Confirmed | None) -> dict[str, Any]:
    """What users and judges cost, in first trials, repeated and fresh ones."""
    total = sum_apart(score for side in sides for score in (*side.scores, *side.repeats))
    return (total if confirmed is None else total + confirmed.apart).as_json()


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), _DIGITS) + 0.0


def add_reasons(document: dict[str, Any], *, first: Iterable[str], last: Iterable[str]) -> None:
    """Puts further reasons before and behind those of a document; none says what is missing."""
    before = list(first)
    document["reasons"] = [*before, *document["reasons"], *last]
    document["missing"] = [place + len(before) for place in document["missing"]]


_KEYS = {
    "verdict": str, "suite": str, "release": dict, "classes": list, "cases": dict, "usage": dict,
    "reasons": list, "explanations": list, "changes": list, "pass_rates": dict, "judged_by": str,
    "reproduce": str, "graduation": list, "gaps": list, "budget": list,
}  # fmt: skip


def document_defects(document: object) -> list[str]:
    """What keeps a JSON value from being a verdict document; empty where nothing does."""
    if not isinstance(document, dict):
        return ["no JSON object"]
    if document.get("schema") != 1:
        return [f"the schema {document.get('schema')!r}, not 1"]
    defects = [
        f'no usable "{key}"'
        for key, kind in _KEYS.items()
        if not isinstance(document.get(key), kind)
    ]
    if not defects and document["verdict"] not in set(Verdict):
        defects.append(f"the unknown verdict {document['verdict']!r}")
    return defects
