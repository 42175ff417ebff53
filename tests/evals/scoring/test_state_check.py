"""The end state decides whatever the path to it; a state that is not on record never passes."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_evals.actions.action_classes import ActionRegistry
from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.scoring.state_check import check_state
from dialgate_evals.suite.case import StateCheck, parse_case
from dialgate_evals.suite.tools import ToolRegistry

INITIAL = {"orders": {"7": {"status": "paid", "total": 10}}, "mails": []}
REFUNDED = {"orders": {"7": {"status": "refunded", "total": 10.0}}, "mails": []}
PATCH = StateCheck(patch=({"op": "replace", "path": "/orders/7/status", "value": "refunded"},))
WHERE = StateCheck(where={"properties": {"mails": {"maxItems": 0}}, "required": ["mails"]})


def state(final: Any, initial: Any = INITIAL) -> dict[str, Any]:
    return {"initial": initial, "final": final}


def test_a_case_without_a_check_asks_for_nothing() -> None:
    assert check_state(None, None) == ()


def test_the_patched_initial_state_is_the_expected_one_with_numbers_by_value() -> None:
    assert check_state(PATCH, state(REFUNDED)) == ()


def test_a_change_that_did_not_happen_is_named_with_both_values() -> None:
    assert check_state(PATCH, state(INITIAL)) == (
        'the end state differs at /orders/7/status: expected "refunded", found "paid"',
    )


def test_a_change_that_nobody_asked_for_is_named() -> None:
    (sentence,) = check_state(PATCH, state({**REFUNDED, "mails": [{"to": "a"}]}))
    assert sentence == "the end state differs at /mails: expected a list of 0, found a list of 1"


def test_missing_and_surplus_keys_are_named() -> None:
    final = {"orders": {"8": {}}, "mails": []}
    sentences = check_state(StateCheck(patch=()), state(final))
    assert [sentence.split(":")[0] for sentence in sentences] == [
        "the end state differs at /orders/7",
        "the end state differs at /orders/8",
    ]


def test_a_patch_that_cannot_be_applied_fails() -> None:
    check = StateCheck(patch=({"op": "remove", "path": "/nothing"},))
    assert "can't be applied" in check_state(check, state(INITIAL))[0]


def test_a_schema_looks_at_the_final_state_only() -> None:
    assert check_state(WHERE, state(REFUNDED, initial={"mails": [1]})) == ()
    (sentence,) = check_state(WHERE, state({"mails": [1]}))
    assert sentence.startswith("the end state is not as expected at /mails")


@pytest.mark.parametrize("check", [PATCH, WHERE], ids=["patch", "where"])
@pytest.mark.parametrize("recorded", [None, {}, {"final": REFUNDED}, {"initial": INITIAL}])
def test_a_state_that_is_not_on_record_never_passes(check: StateCheck, recorded: Any) -> None:
    assert check_state(check, recorded) == ("no end state is on record, and the case expects one",)


def test_many_differences_are_cut_to_five() -> None:
    check = StateCheck(patch=())
    assert len(check_state(check, state({str(i): i for i in range(9)}, initial={}))) == 5


def test_true_and_one_are_different_states() -> None:
    assert check_state(StateCheck(patch=()), state({"a": True}, initial={"a": 1})) != ()


@pytest.mark.parametrize(("final", "passes"), [(REFUNDED, True), (INITIAL, False)])
def test_the_trial_fails_where_the_state_does_though_every_action_is_right(
    final: Any, passes: bool
) -> None:
    expect = {"actions": [], "state": {"patch": list(PATCH.patch or ())}}
    messages = [{"role": "user", "content": "Refund order 7."}]
    case = parse_case({"id": "c", "origin": "golden", "messages": messages, "expect": expect})
    scorer = Scorer(tools=ToolRegistry(tools={}), actions=ActionRegistry(classes=(), rules={}))
    did = [*messages, {"role": "assistant", "content": "Done."}]
    trajectory = Trajectory(case_id="c", trial=0, messages=did, state=state(final))
    score = scorer.score(case, trajectory)
    assert (score.status.value == "passed") is passes
