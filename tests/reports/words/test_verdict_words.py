"""The verdict in a line with its reason, what to do, and which reasons are open questions."""

from __future__ import annotations

from typing import Any

import pytest
from dialgate_reports.words.verdict_words import headline, next_step, split_reasons

from tests.reports.documents import a_class, a_document


def undecided(count: int) -> dict[str, Any]:
    document = a_document(verdict="inconclusive", reasons=["c0: Too few cases."])
    document["classes"] = [a_class(f"c{i}", "inconclusive") for i in range(count)]
    return document


class TestHeadline:
    """Verdict, reason, releases: the first line alone says what happened."""

    def test_classes_that_decide_are_named_up_to_three(self) -> None:
        assert headline(undecided(5)) == (
            "INCONCLUSIVE: the evidence does not decide in c0, c1, c2 and 2 more "
            "(agent 2 against 1)"
        )

    def test_a_failure_outside_every_class_says_its_first_reason(self) -> None:
        document = a_document(reasons=["The margin was raised. Put it back."])
        document["classes"] = [a_class(verdict="pass")]
        assert headline(document) == "FAIL: The margin was raised (agent 2 against 1)"

    def test_an_invalid_run_says_what_is_wrong_with_the_evidence(self) -> None:
        gaps = [{"gap": "missing_trials", "reason": "c1 has no trial. Run it."}]
        assert "can't be trusted: c1 has no trial (" in headline(
            a_document(verdict="invalid", gaps=gaps)
        )

    def test_a_first_release_names_the_classes_that_miss_a_bound(self) -> None:
        assert headline(a_document(baseline=None)) == (
            "FAIL: a bound of the mode in force is missed in refund (agent 2, first release)"
        )


@pytest.mark.parametrize(
    ("verdict", "exit_code", "said"),
    [
        ("pass", 0, "lets it through"),
        ("fail", 1, "look at case-1 first"),
        ("inconclusive", 3, "add the evidence that is missing"),
        ("inconclusive", 0, "the policy lets an undecided release through"),
        ("invalid", 4, "mend the evidence"),
    ],
)
def test_every_verdict_says_what_to_do(verdict: str, exit_code: int, said: str) -> None:
    assert said in next_step(a_document(verdict=verdict, exit_code=exit_code))


def test_reasons_of_undecided_classes_are_what_is_missing() -> None:
    document = a_document(reasons=["refund: It got worse.", "mail: Too few cases.", "No budget."])
    document["classes"] += [{**a_class("mail", "inconclusive"), "reasons": ["Too few cases."]}]
    assert split_reasons(document) == (
        ["refund: It got worse.", "No budget."],
        ["mail: Too few cases."],
    )


def test_every_reason_of_an_undecided_verdict_is_what_is_missing() -> None:
    assert split_reasons(undecided(1)) == ([], ["c0: Too few cases."])
