"""What is said of a release that was compared with itself."""

from __future__ import annotations

import pytest

from dialgate_gate.comparing.run_evidence import RunEvidence
from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.verdict.same_release import same_release_reasons


def a_run(fingerprint: str = "sha256:1", *, cached: int = 0) -> RunEvidence:
    release = {"name": "a", "version": "1", "fingerprint": fingerprint, "components": {}}
    return RunEvidence(release=release, scores=(), cached=cached, record=".dialgate/run-1")


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.PASS, "behaves as it did then"),
        (Verdict.FAIL, "what differs now lies behind its unchanged names"),
        (Verdict.INCONCLUSIVE, "if anything does"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_against_earlier_trials_a_difference_lies_behind_the_names(
    verdict: Verdict, words: str
) -> None:
    [reason] = same_release_reasons(baseline=a_run(cached=3), candidate=a_run(), verdict=verdict)
    assert words in reason
    assert ".dialgate/run-1" in reason


def test_evidence_that_can_not_be_trusted_is_not_blamed_on_a_provider() -> None:
    assert not same_release_reasons(
        baseline=a_run(cached=3), candidate=a_run(), verdict=Verdict.INVALID
    )


def test_two_sides_that_were_both_run_now_can_show_nothing() -> None:
    [reason] = same_release_reasons(baseline=a_run(), candidate=a_run(), verdict=Verdict.PASS)
    assert "can't show here" in reason


@pytest.mark.parametrize("baseline", [None, a_run("sha256:2", cached=3)], ids=["none", "another"])
def test_another_release_or_none_says_nothing(baseline: RunEvidence | None) -> None:
    assert not same_release_reasons(baseline=baseline, candidate=a_run(), verdict=Verdict.FAIL)


def test_a_failure_in_which_no_case_moved_does_not_say_that_something_differs() -> None:
    run = a_run(cached=1)
    (sentence,) = same_release_reasons(
        baseline=run, candidate=run, verdict=Verdict.FAIL, has_moved=False
    )
    assert "if anything does" in sentence


def test_where_fresh_trials_of_both_sides_decided_nothing_is_said_of_then() -> None:
    (sentence,) = same_release_reasons(
        baseline=a_run(cached=1), candidate=a_run(), verdict=Verdict.PASS, is_confirmed=True
    )
    assert "can't show here" in sentence
