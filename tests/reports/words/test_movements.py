"""What the first screen says of what moved: the average and the classes side by side."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_evals.actions.outcomes import OUTCOMES, Kind, Outcome
from dialgate_reports.words.movements import BAD_OUTCOMES, movement_lines
from tests.reports.documents import SIDE, a_class, a_document


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_a_kind_and_every_bad_one_plain_words(outcome: Outcome) -> None:
    assert outcome in OUTCOMES, "outcomes.py: OUTCOMES"
    if outcome.kind is not Kind.GOOD:
        assert outcome.value in BAD_OUTCOMES, "movements.py: BAD_OUTCOMES"


def with_average(before: int, now: int) -> dict[str, Any]:
    estimates = {
        "difference": (now - before) / 100, "interval": [-1.0, 1.0],
        "baseline": {"trials": 100, "passed": before}, "candidate": {"trials": 100, "passed": now},
    }  # fmt: skip
    return a_document(suite_estimates=estimates)


def test_a_better_average_and_a_worse_class_are_both_said() -> None:
    lines = movement_lines(with_average(40, 44))
    assert lines[0] == "The average improved: 40 % of the trials passed before, 44 % now."
    assert lines[1] == "Broken cases by class: refund (1)."


def test_a_fall_and_no_change_have_their_own_words() -> None:
    assert "fell" in movement_lines(with_average(44, 40))[0]
    assert "is as it was" in movement_lines(with_average(44, 44))[0]


def test_more_and_fewer_bad_outcomes_are_told_apart() -> None:
    item = a_class("escalate")
    item["baseline"] = {**SIDE, "outcomes": {"over_escalated": 4, "unexpected": 7}}
    item["candidate"] = {**SIDE, "outcomes": {"over_escalated": 14}}
    lines = movement_lines(a_document(classes=[item]))
    assert "More failures: needless escalations in escalate (4 → 14)." in lines
    assert "Fewer failures: unasked actions in escalate (7 → 0)." in lines


def test_a_side_without_trials_has_neither_more_nor_fewer_failures() -> None:
    item = a_class("escalate")
    item["baseline"] = {**SIDE, "outcomes": {"unexpected": 7}}
    item["candidate"] = {**SIDE, "trials": 0, "outcomes": {}}
    for sides in (item, {**item, "baseline": item["candidate"], "candidate": item["baseline"]}):
        text = "\n".join(str(line) for line in movement_lines(a_document(classes=[sides])))
        assert "failures" not in text


def test_unlike_numbers_of_trials_are_compared_by_their_shares() -> None:
    item = a_class("escalate")
    item["baseline"] = {**SIDE, "trials": 40, "outcomes": {"unexpected": 8, "missed": 4}}
    item["candidate"] = {**SIDE, "trials": 20, "outcomes": {"unexpected": 4, "missed": 3}}
    lines = movement_lines(a_document(classes=[item]))
    words = "More failures: missed actions in escalate (4 in 40 trials → 3 in 20)."
    assert words in lines
    assert not any("unasked" in line for line in lines)


def test_a_tag_that_every_trial_has_is_left_out() -> None:
    both = {"trials": 10, "passed": 10}, {"trials": 10, "passed": 9}
    few = {"trials": 4, "passed": 1}, {"trials": 4, "passed": 4}
    tags = [
        {"tag": tag, "cases": 1, "baseline": before, "candidate": now}
        for tag, (before, now) in {"all": both, "attack": few}.items()
    ]
    lines = movement_lines(a_document(tags=tags))
    assert lines[-1] == "Passed by tag: attack 1/4 → 4/4."


def test_a_first_release_has_nothing_that_moved() -> None:
    assert movement_lines(a_document(baseline=None)) == []


def test_labels_on_record_are_said_for_both_sides_and_said_to_be_unused() -> None:
    sides = [{"total": total, "trials": 50, "is_mark": True} for total in (23, 36)]
    labels = [{"label": "reward", "baseline": sides[0], "candidate": sides[1]}]
    line = movement_lines(a_document(labels=labels))[-1]
    assert line == "Labels on record, shown and never used: reward 23 of 50 → 36 of 50."


def test_a_label_that_is_no_mark_is_averaged() -> None:
    side = {"total": 12.5, "trials": 50, "is_mark": False}
    labels = [{"label": "score", "baseline": None, "candidate": side}]
    line = movement_lines(a_document(baseline=None, labels=labels))[-1]
    assert line == "Labels on record, shown and never used: score 0.25 on average."


def test_cases_that_broke_are_named_in_order_of_urgency() -> None:
    assert "Look first at: case-1 (silent)." in movement_lines(a_document())
