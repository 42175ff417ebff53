"""Counts by tag, and the cases that need no explanation."""

from __future__ import annotations

from dataclasses import replace

from dialgate_evals.actions.outcomes import TrialScore, TrialStatus
from dialgate_gate.comparing.comparison import compare_runs
from dialgate_gate.comparing.judged_cases import CaseSet, JudgedCase
from dialgate_gate.comparing.run_evidence import RunEvidence
from dialgate_gate.verdict.documents.counts.tag_counts import count_splits, count_tags, list_passing

RELEASE = {"name": "a", "version": "1", "fingerprint": "f", "components": {}}


def evidence(**passed: bool) -> RunEvidence:
    scores = tuple(
        TrialScore(case_id=case, trial=0, status=TrialStatus.PASSED if good else TrialStatus.FAILED)
        for case, good in passed.items()
    )
    return RunEvidence(release=RELEASE, scores=scores)


def case_set(**tags: tuple[str, ...]) -> CaseSet:
    cases = tuple(JudgedCase(id=case, tags=found) for case, found in tags.items())
    return CaseSet(cases=cases, by_id={case.id: case for case in cases})


def test_each_tag_is_counted_on_both_sides() -> None:
    comparison = compare_runs(
        baseline=evidence(a=True, b=False),
        candidate=evidence(a=True, b=True),
        case_set=case_set(a=("mail", "attack"), b=("mail",)),
        class_names=(),
    )
    assert count_tags(comparison) == [
        {
            "tag": "attack", "cases": 1,
            "baseline": {"trials": 1, "passed": 1}, "candidate": {"trials": 1, "passed": 1},
        },
        {
            "tag": "mail", "cases": 2,
            "baseline": {"trials": 2, "passed": 1}, "candidate": {"trials": 2, "passed": 2},
        },
    ]  # fmt: skip


def test_without_a_baseline_there_is_nothing_before() -> None:
    comparison = compare_runs(
        baseline=None, candidate=evidence(a=True), case_set=case_set(a=("x",)), class_names=()
    )
    assert count_tags(comparison)[0]["baseline"] is None


def test_a_quarantined_case_counts_for_no_tag() -> None:
    cases = case_set(a=("x",), b=("x",))
    quarantined = replace(cases.by_id["b"], quarantined=True)
    cases = CaseSet(cases=(cases.by_id["a"], quarantined))
    comparison = compare_runs(
        baseline=None, candidate=evidence(a=True, b=False), case_set=cases, class_names=()
    )
    assert count_tags(comparison)[0]["candidate"] == {"trials": 1, "passed": 1}


def test_explained_cases_and_cases_that_could_not_run_are_not_listed_as_passing() -> None:
    comparison = compare_runs(
        baseline=None, candidate=evidence(a=True, b=True), case_set=case_set(a=(), b=(), c=()),
        class_names=(),
    )  # fmt: skip
    assert [item["case"] for item in list_passing(comparison, ["b"])] == ["a"]


def test_the_hold_out_is_counted_apart_and_nothing_where_no_case_is_held_out() -> None:
    cases = case_set(a=(), b=(), c=())
    baseline, candidate = evidence(a=True, b=True, c=True), evidence(a=False, b=True, c=True)
    assert count_splits(baseline, candidate, cases.cases) == []
    held = (replace(cases.by_id["a"], held_out=True), *cases.cases[1:])
    assert count_splits(baseline, candidate, held) == [
        {
            "split": "holdout", "cases": 1,
            "baseline": {"trials": 1, "passed": 1}, "candidate": {"trials": 1, "passed": 0},
        },
        {
            "split": "open", "cases": 2,
            "baseline": {"trials": 2, "passed": 2}, "candidate": {"trials": 2, "passed": 2},
        },
    ]  # fmt: skip
