"""The verdict as a JSON document: the contract's section 7, and what reports need beside it.

One document says everything that was judged, so that any report can be rendered again from it;
leaves finding the verdict to `dialgate_gate.verdict.release_verdict`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_gate.verdict.documents.class_document import (
    class_document,
    estimates_document,
    moves_document,
    rounded,
)
from dialgate_gate.verdict.documents.counts.criteria import count_criteria, replies_document
from dialgate_gate.verdict.documents.counts.pass_rates import pass_rates
from dialgate_gate.verdict.documents.counts.tag_counts import (
    count_passed,
    count_splits,
    count_tags,
    list_passing,
)
from dialgate_gate.verdict.documents.counts.usage import usage_document
from dialgate_gate.verdict.documents.decision_document import (
    confirmation_document,
    shift_document,
    suite_rules_document,
    thin_document,
)
from dialgate_gate.verdict.documents.explanations import explain_cases
from dialgate_gate.verdict.documents.headline import find_headline
from dialgate_gate.verdict.documents.occasion import Occasion
from dialgate_gate.verdict.documents.undecided import undecided_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.comparing.history import CaseRuns
    from dialgate_gate.comparing.run_evidence import RunEvidence
    from dialgate_gate.verdict.confirmed import Confirmed
    from dialgate_gate.verdict.verdict import ReleaseVerdict


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
    of = occasion or Occasion()
    return {
        "schema": 1,
        "verdict": verdict.verdict.value,
        "exit_code": verdict.exit_code,
        "suite": suite["name"],
        "suite_digest": suite["digest"],
        "digests": {side: dict(named) for side, named in suite.get("digests", {}).items()},
        "judged_by": judged_by,
        "deterministic": verdict.comparison.deterministic,
        "allowed": sorted(allowed),
        **_sides(verdict.comparison, of),
        "changes": [dict(change) for change in changes],
        **_estimates(verdict, flaky),
        **_cases_apart(verdict),
        **_cost_of_deciding(verdict, of),
        "budget": [
            {"rule": item.rule, "failed": item.failed, "sentence": item.sentence}
            for item in verdict.budget
        ],
        "graduation": [dict(item) for item in graduation],
        "undecided": undecided_document(verdict.comparison),
        "gaps": [gap.as_json() for gap in verdict.gaps],
        "reasons": list(verdict.reasons),
        "missing": list(verdict.missing),
        "weakened": list(verdict.weakened),
        "headline": find_headline(verdict),
        "reproduce": of.reproduce,
    }


def _sides(comparison: RunComparison, of: Occasion) -> dict[str, Any]:
    """What was compared: records, releases and commits."""
    return {
        "records": _records_document(comparison, of.at),
        "release": dict(comparison.candidate.release),
        "baseline": dict(comparison.baseline.release) if comparison.baseline else None,
        "commits": of.commits_document(),
    }


def _estimates(verdict: ReleaseVerdict, flaky: Sequence[CaseRuns]) -> dict[str, Any]:
    """The classes, the suite as a whole, and which cases moved."""
    comparison = verdict.comparison
    return {
        "classes": [class_document(item) for item in verdict.classes],
        "suite_estimates": _suite_document(verdict),
        "cases": _cases_document(comparison, flaky),
        "labels": _annotations_document(comparison.baseline, comparison.candidate),
        "flaky_rates": {item.case_id: _flaky_document(item) for item in flaky},
    }


def _cases_apart(verdict: ReleaseVerdict) -> dict[str, Any]:
    """The cases by tag and split, explained, passing, and how many passes of how many trials."""
    comparison = verdict.comparison
    case_set = comparison.case_set
    explanations = explain_cases(verdict)
    return {
        "tags": count_tags(comparison),
        "splits": count_splits(comparison.baseline, comparison.candidate, case_set.deciding),
        "explanations": explanations,
        "passing": list_passing(comparison, [item["case"] for item in explanations]),
        "pass_rates": {
            "baseline": pass_rates(comparison.baseline, case_set),
            "candidate": pass_rates(comparison.candidate, case_set),
        },
    }


def _cost_of_deciding(verdict: ReleaseVerdict, of: Occasion) -> dict[str, Any]:
    """Fresh trials and what they showed, what more would show, usage, and votes on rubrics."""
    comparison = verdict.comparison
    sides = comparison.baseline, comparison.candidate
    return {
        "confirmation": confirmation_document(verdict.confirmed),
        "thin_failures": thin_document(verdict.confirmed),
        "baseline_drift": shift_document(verdict.confirmed),
        "detection": of.outlook.detection_document(),
        "next_step": of.outlook.step_document(),
        "usage": usage_document(*sides, verdict.confirmed),
        **_criteria(*sides, verdict.confirmed),
        **replies_document(verdict),
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
        **estimates_document(verdict.suite),
        **suite_rules_document(verdict),
        "baseline": count_passed(comparison.baseline, deciding),
        "candidate": count_passed(comparison.candidate, deciding),
    }


def _cases_document(comparison: RunComparison, flaky: Sequence[CaseRuns]) -> dict[str, list[str]]:
    case_set = comparison.case_set
    return {
        **moves_document(comparison.moves),
        "flaky": sorted({*comparison.moves.flaky, *(item.case_id for item in flaky)}),
        "added": sorted(case_set.added),
        "removed": sorted(case_set.removed),
        "changed": sorted(case_set.changed),
        "quarantined": sorted(case.id for case in case_set.cases if case.quarantined),
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


def _flaky_document(item: CaseRuns) -> dict[str, Any]:
    low, high = item.failure_bounds()
    return {
        "release": item.version,
        "passed": item.passed,
        "trials": item.trials,
        "failure_rate": rounded(item.failure_rate),
        "interval": [rounded(low), rounded(high)],
    }


def _criteria(
    baseline: RunEvidence | None, candidate: RunEvidence, confirmed: Confirmed | None
) -> dict[str, Any]:
    """What votes on rubrics came to; nothing where no case has a rubric."""
    found = count_criteria(baseline, candidate, confirmed.judged if confirmed else None)
    return {"criteria": found} if found else {}


def add_reasons(document: dict[str, Any], *, first: Iterable[str], last: Iterable[str]) -> None:
    """Puts further reasons before and behind those of a document; none says what is missing."""
    before = list(first)
    document["reasons"] = [*before, *document["reasons"], *last]
    document["missing"] = [place + len(before) for place in document["missing"]]
