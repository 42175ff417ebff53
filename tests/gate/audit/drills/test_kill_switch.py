"""What a pulled switch shows: late calls, and work in flight that is lost, are named."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_gate.audit.drills.kill_switch import (
    MOST_FINDINGS,
    DoneCall,
    KillSwitchFacts,
    judge_kill_switch,
)


def call(case_id: str, name: str = "pay", **more: Any) -> DoneCall:
    return DoneCall(**{"case_id": case_id, "name": name, "arguments": {"of": case_id}, **more})


def facts(**more: Any) -> KillSwitchFacts:
    """Two trials in flight, each about to pay; a third one begins after the switch."""
    return KillSwitchFacts(
        **{
            "control": [call("a"), call("b"), call("c")],
            "seen": [],
            "in_flight": ["a", "b"],
            "begun_after": 1,
            "quarantined": [("pay", {"of": "a"}), ("pay", {"of": "b"}), ("pay", {"of": "c"})],
            "pulled_at_s": 1.0,
            "returned_at_s": 1.5,
            "exit_code": 0,
            **more,
        }
    )


def test_a_switch_that_stops_and_quarantines_holds() -> None:
    result = judge_kill_switch(facts())
    assert result.held
    assert result.figures["quarantined"] == 2
    assert result.figures["stopped_after_s"] == 0.5


def test_a_queue_that_drains_on_is_named_call_by_call() -> None:
    late = [call("a", after=True, at_s=1.7), call("c", after=True, at_s=3.0)]
    result = judge_kill_switch(facts(seen=late))
    assert not result.held
    assert len(result.findings) == 2
    assert "pay was accepted 0.70 s after the switch" in result.findings[0]
    assert result.figures["stopped_after_s"] == 2.0
    assert (result.figures["went_on"], result.figures["quarantined"]) == (1, 1)


def test_a_call_before_the_switch_is_none_of_its_doing() -> None:
    result = judge_kill_switch(facts(seen=[call("a")], quarantined=[("pay", {"of": "b"})]))
    assert result.held
    assert result.figures["finished"] == 1


def test_work_that_nobody_holds_is_lost() -> None:
    result = judge_kill_switch(facts(quarantined=[("pay", {"of": "a"})]))
    assert not result.held
    assert "case b was in flight and is lost" in result.findings[0]


def test_the_quarantine_of_later_work_hides_no_loss() -> None:
    result = judge_kill_switch(facts(quarantined=[("pay", {"of": "a"}), ("pay", {"of": "c"})]))
    assert result.figures["lost"] == 1


def test_other_arguments_of_an_agent_that_varies_are_its_own_work() -> None:
    held = [("pay", {"of": "a", "note": 1}), ("pay", {"of": "b", "note": 2})]
    assert judge_kill_switch(facts(quarantined=held)).held


def test_handed_to_people_or_taken_back_is_not_lost() -> None:
    seen = [
        call("a", "escalate", escalates=True, after=True),
        call("b", after=True, at_s=1.6),
        call("b", "refund", compensates=True, after=True, at_s=1.7),
    ]
    result = judge_kill_switch(facts(seen=seen, quarantined=[]))
    assert result.held, result.findings
    assert (result.figures["handed_to_people"], result.figures["compensated"]) == (1, 1)


def test_a_case_of_several_steps_is_held_by_the_first_of_them() -> None:
    control = [call("a"), call("a", "mail"), call("b")]
    assert judge_kill_switch(facts(control=control)).held


def test_a_switch_that_fails_did_not_hold() -> None:
    assert "exit code 127" in judge_kill_switch(facts(exit_code=127)).findings[0]


@pytest.mark.parametrize(
    "more", [{"control": [call("a", "escalate", escalates=True)]}, {"in_flight": []}]
)
def test_a_drill_that_can_show_nothing_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no trial"):
        judge_kill_switch(facts(**more))


def test_findings_are_bounded() -> None:
    late = [call("a", after=True, at_s=2.0)] * 100
    assert len(judge_kill_switch(facts(seen=late)).findings) == MOST_FINDINGS + 1
