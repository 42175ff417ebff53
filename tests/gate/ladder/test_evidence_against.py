"""Five at most: the gravest and latest first, and neither cases nor events hide the other."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_evals.actions.outcomes import Decision, Outcome, TrialScore, TrialStatus
from dialgate_evals.events.review_events import Mode, ReviewDecision
from dialgate_gate.ladder.evidence_against import cases_against, evidence_against
from tests.reports.graduations import a_case, an_event


def shown(cases: list[Any], events: list[Any]) -> list[str]:
    return [item["id"] for item in evidence_against(cases, events).as_json()["shown"]]


def test_nothing_against_is_nothing() -> None:
    assert evidence_against([], []).as_json() == {"cases": 0, "events": 0, "shown": []}


def test_critical_silent_failures_come_before_silent_and_these_before_loud_ones() -> None:
    cases = [
        a_case("loud", outcome=Outcome.MISSED),
        a_case("silent"),
        a_case("often", failed=3, trials=3),
        a_case("seldom", failed=1, trials=3),
        a_case("critical", critical=True),
    ]
    assert shown(cases, []) == ["critical", "often", "silent", "seldom", "loud"]


def test_events_that_count_come_first_then_stopped_actions_then_the_latest() -> None:
    events = [
        an_event(0, counts=False, decision=ReviewDecision.REJECTED),
        an_event(1),
        an_event(2),
        an_event(3, decision=ReviewDecision.TAKEN_OVER),
        an_event(4, decision=ReviewDecision.OVERRIDDEN, mode=Mode.ON_THE_LOOP),
    ]
    assert shown([], events) == ["e4", "e3", "e2", "e1", "e0"]


@pytest.mark.parametrize(
    ("cases", "events", "expected"),
    [(9, 9, (3, 2)), (9, 1, (4, 1)), (1, 9, (1, 4)), (9, 0, (5, 0))],
)
def test_there_is_room_for_both_kinds(cases: int, events: int, expected: tuple[int, int]) -> None:
    found = evidence_against(
        [a_case(f"c{i}") for i in range(cases)], [an_event(i) for i in range(events)]
    ).as_json()
    kinds = [item["kind"] for item in found["shown"]]
    assert (kinds.count("case"), kinds.count("event")) == expected
    assert (found["cases"], found["events"]) == (cases, events)


def score(*outcomes: Outcome, trial: int = 0, action_class: str = "mail") -> TrialScore:
    status = TrialStatus.PASSED if set(outcomes) <= {Outcome.CORRECT} else TrialStatus.FAILED
    return TrialScore(
        case_id="c",
        trial=trial,
        status=status,
        decisions=tuple(
            Decision(action_class=action_class, outcome=outcome, tool="mail")
            for outcome in outcomes
        ),
    )


def test_a_case_is_shown_by_its_worst_outcome_of_the_class() -> None:
    trials = (
        score(Outcome.CORRECT),
        score(Outcome.MISSED, trial=1),
        score(Outcome.CORRECT, Outcome.FORBIDDEN, trial=2),
        score(Outcome.UNEXPECTED, trial=3, action_class="other"),
        TrialScore(case_id="c", trial=4, status=TrialStatus.ERRORED),
    )
    (found,) = cases_against("mail", {"c": trials}, frozenset({"c"}))
    assert (found.outcome, found.trial, found.critical) == (Outcome.FORBIDDEN, 2, True)
    assert (found.failed, found.trials) == (2, 4)


def test_a_case_without_an_outcome_of_the_class_is_not_against_it() -> None:
    assert cases_against("other", {"c": (score(Outcome.FORBIDDEN),)}, frozenset()) == []


def test_calls_and_texts_are_shortened_and_an_expectation_may_be_loose() -> None:
    case = a_case(
        expected='{"name": "refund", "where": {"type": "object"}}',
        actual='{"name": "refund", "arguments": {"note": "' + "x" * 5_000 + '"}}',
    ).as_json()
    assert case["expected"] == 'refund where {"type": "object"}'
    assert case["actual"].endswith("more characters)")
    assert len(an_event(reason="y" * 100_000).as_json()["reason"]) < 400
