"""Distractors and faults that a failure doesn't need are left out, noise or not."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.runs.on_record.bundles.failing_trials import FailingTrial
from dialgate.runs.on_record.bundles.smaller_case import SmallerCase, make_smaller
from dialgate_evals.actions.action_classes import ActionRegistry, parse_classes
from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.case import Case, parse_case
from tests.evals.builders import ACTIONS, tools

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SCORER = Scorer(tools=tools(), actions=ActionRegistry(classes=parse_classes(ACTIONS)))


def a_case() -> Case:
    """It takes the message about the moon, the second recording and its fault to fail."""
    messages = [
        {"role": "user", "content": "Hello."},
        {"role": "assistant", "content": "Hello, how can I help?"},
        {"role": "user", "content": "The moon is full."},
        {"role": "user", "content": "By the way, I like cake."},
        {"role": "user", "content": "Pay 5, please."},
    ]
    recordings = [
        {"name": "look", "arguments": {"n": 1}, "result": "a", "fault": "error", "times": 1},
        {"name": "look", "arguments": {"n": 2}, "result": "b", "fault": "timeout", "times": 1},
        {"name": "look", "arguments": {"n": 3}, "result": "c"},
    ]
    return parse_case(
        {
            "schema": 1, "id": "c", "origin": "golden", "messages": messages,
            "recordings": recordings,
            "expect": {"actions": [{"name": "pay", "arguments": {"n": 5}}]},
        }
    )  # fmt: skip


def is_broken(case: Case) -> bool:
    moon = any("moon" in str(message["content"]) for message in case.messages)
    return moon and any(r.arguments == {"n": 2} and r.fault for r in case.recordings)


def trial(case: Case, *, fails: bool) -> Trajectory:
    """Pays 7 where it fails, else 5."""
    arguments = '{"n": 7}' if fails else '{"n": 5}'
    call = {"id": "x", "type": "function", "function": {"name": "pay", "arguments": arguments}}
    did: list[dict[str, Any]] = [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "x", "content": "ok"},
        {"role": "assistant", "content": "Done."},
    ]
    return Trajectory(case_id=case.id, trial=0, messages=[*case.messages, *did])


def shrunk(run: Callable[[Sequence[Case]], list[Trajectory]], budget: int) -> SmallerCase:
    case = a_case()
    trajectory = trial(case, fails=True)
    score = SCORER.score(case, trajectory)
    failing = FailingTrial(trajectory=trajectory, score=score, passed=1, trials=5, loaded=())
    whole = SmallerCase(case=case, trajectory=trajectory, score=score)
    return make_smaller(whole, failing, run, SCORER, budget)


@pytest.mark.parametrize(("noise", "seed"), [(0.0, 0), (0.2, 1), (0.2, 2)])
def test_three_distractors_and_a_fault_come_down_to_what_matters(noise: float, seed: int) -> None:
    rng = random.Random(seed)

    def run(cases: Sequence[Case]) -> list[Trajectory]:
        return [trial(case, fails=is_broken(case) and rng.random() >= noise) for case in cases]

    found = shrunk(run, 400)
    assert found.is_smallest
    assert [message["content"] for message in found.case.messages] == [
        "The moon is full.", "Pay 5, please.",
    ]  # fmt: skip
    assert [item.arguments for item in found.case.recordings] == [{"n": 2}]
    assert found.case.recordings[0].fault
    assert SCORER.score(found.case, found.trajectory).passed is False


def test_a_budget_that_ends_leaves_a_case_that_fails() -> None:
    found = shrunk(lambda cases: [trial(case, fails=is_broken(case)) for case in cases], 3)
    assert not found.is_smallest
    assert is_broken(found.case)
    assert found.asked <= 3
