"""The verdict in a line with its reason, what to do, and which reasons are open questions."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_reports.words.verdict_words import headline, next_step, split_reasons
from tests.reports.documents import a_class, a_document, an_entry


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
        document = a_document(reasons=["1 critical case failed: a.b. c."])
        document["classes"] = [a_class(verdict="pass")]
        assert headline(document) == "FAIL: 1 critical case failed: a.b. c (agent 2 against 1)"

    def test_an_invalid_run_says_what_is_wrong_with_the_evidence(self) -> None:
        found = "c1 has no trial."
        gaps = [{"gap": "missing_trials", "reason": f"{found} Run it.", "found": found}]
        assert "can't be trusted: c1 has no trial (" in headline(
            a_document(verdict="invalid", gaps=gaps)
        )

    def test_a_first_release_names_the_classes_that_miss_a_bound(self) -> None:
        assert headline(a_document(baseline=None)) == (
            "FAIL: a bound of the mode in force is missed in refund (agent 2, first release)"
        )

    @pytest.mark.parametrize(
        ("situation", "said"),
        [
            ("no_regression_found", "no regression found, not enough to exclude one in c0, c1"),
            ("looks_worse", "looks worse, not shown in c0, c1"),
            ("better_with_open_cases", "better, with open cases in c0, c1"),
        ],
    )
    def test_an_undecided_release_says_which_of_three_it_is(
        self, situation: str, said: str
    ) -> None:
        document = {**undecided(2), "headline": situation}
        assert headline(document) == f"INCONCLUSIVE: {said} (agent 2 against 1)"

    def test_a_weakened_judge_is_named_before_what_is_worse(self) -> None:
        document = a_document(weakened=["The change removes 5 cases.", "The margin was raised."])
        document["cases"]["removed"] = [f"c{i}" for i in range(5)]
        assert headline(document) == (
            "FAIL: the change removes 5 cases and weakens its judge in 1 more place; this release "
            "is worse in refund (agent 2 against 1)"
        )

    def test_one_loosened_threshold_is_the_first_line(self) -> None:
        detail = "raises gate.margin from 0.05 to 0.1"
        changes = [
            {"path": "runbook.toml", "detail": "takes out owners.a", "allowed": True},
            {"path": "policy.toml", "detail": detail, "allowed": False},
        ]
        document = a_document(weakened=["A. Put it back.", "B."], judge_changes=changes)
        document["classes"] = [a_class(verdict="pass")]
        assert headline(document) == (
            f"FAIL: The change {detail} (policy.toml), and 1 more change of its judge "
            "(agent 2 against 1)"
        )

    def test_a_suite_in_which_nothing_is_to_be_done_says_so(self) -> None:
        document = a_document(verdict="pass", classes=[])
        assert headline(document).startswith("PASS: nothing was to be done, and nothing was done")


def test_the_cheapest_next_step_is_a_command_with_its_price() -> None:
    step = {"command": "dialgate check shop --resume", "agent_calls": 120, "chance": 0.8}
    document = {**undecided(1), "exit_code": 3, "next_step": step}
    assert next_step(document) == (
        "What to do: hold the release; the cheapest next step is dialgate check shop --resume "
        "(120 more agent calls, 80 % to decide)."
    )


def test_an_undecided_release_that_the_policy_lets_through_is_not_held() -> None:
    document = {**undecided(1), "exit_code": 0}
    for text in (headline(document), next_step(document)):
        assert "hold" not in text


def test_the_case_to_look_at_first_lies_in_the_class_that_fails() -> None:
    entries = [an_entry("other", move="broken"), an_entry("case-2", move="failing")]
    failing = {**a_class("refund"), "cases": {"broken": [], "fixed": [], "flaky": []}}
    failing.update(new_silent=["case-2"], open_suspects=[])
    document = a_document(entries=entries, classes=[failing, a_class("mail", "pass")])
    assert "look at case-2 first" in next_step(document)
    failing["new_silent"] = []
    assert "the first reason below says where" in next_step(document)


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
    said = ["refund: It got worse.", "mail: Too few cases.", "No budget."]
    document = a_document(reasons=said, missing=[1])
    assert split_reasons(document) == (
        ["refund: It got worse.", "No budget."],
        ["mail: Too few cases."],
    )


def test_every_reason_of_an_undecided_verdict_is_what_is_missing() -> None:
    assert split_reasons(undecided(1)) == ([], ["c0: Too few cases."])
