"""Which runs tell nothing of a release: all trials ended alike before the agent used a tool."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.records.reuse.alike_trials import AlikeTrials, ended_alike

NO_KEY = "No key is set."


def a_trial(
    failure: str | None = "no key",
    *,
    asked: str = "Go.",
    said: str | None = None,
    error: str | None = None,
    **more: Any,
) -> Trajectory:
    messages: list[dict[str, Any]] = [{"role": "user", "content": asked}]
    if said is not None:
        messages.append({"role": "assistant", "content": said, **more})
    return Trajectory(case_id="c", trial=0, messages=messages, failure=failure, error=error)


def a_reply(said: str = NO_KEY, *, asked: str = "Go.", **more: Any) -> Trajectory:
    return a_trial(None, asked=asked, said=said, **more)


def test_trials_that_break_off_with_the_same_words_tell_nothing() -> None:
    assert ended_alike([a_trial()] * 2)


def test_a_failure_is_the_same_whatever_numbers_its_words_carry() -> None:
    asked = ["401 no key (request req_8f2a, 13:05:07)", "401 no key (request req_77c1, 13:05:09)"]
    assert ended_alike([a_trial(text) for text in asked])


def test_an_error_that_a_framework_gives_as_its_reply_tells_nothing() -> None:
    assert ended_alike([a_reply(asked="Go."), a_reply(asked="Stay.")])


def test_one_reply_to_one_request_may_be_the_agents_own() -> None:
    assert not ended_alike([a_reply()] * 5)


def test_one_trial_alone_may_be_the_agents_own() -> None:
    assert not ended_alike([a_trial()])
    assert not ended_alike([])


def test_trials_that_could_not_be_run_are_no_sign_of_either() -> None:
    lost = a_trial(None, error="no process had room")
    assert ended_alike([lost, a_trial(), lost, a_trial()])
    assert not ended_alike([lost, lost])


OTHERS = [
    pytest.param(a_reply("Done.", asked="Other."), id="another reply"),
    pytest.param(a_trial("no room", asked="Other."), id="another failure"),
    pytest.param(a_trial("no key", said=NO_KEY), id="a reply and a failure"),
    pytest.param(a_reply(asked="Other.", tool_calls=[{"id": "1"}]), id="a call beside the reply"),
]


@pytest.mark.parametrize("other", OTHERS)
@given(is_reply=st.booleans(), before=st.integers(0, 4), after=st.integers(0, 4))
def test_one_other_trial_anywhere_makes_all_of_them_count(
    other: Trajectory, is_reply: bool, before: int, after: int
) -> None:
    if before + after == 0:
        return
    alike = [a_reply(asked=str(n)) if is_reply else a_trial() for n in range(before + after)]
    trials = [*alike[:before], other, *alike[before:]]
    assert not ended_alike(trials)
    heard = AlikeTrials()
    for trial in trials:
        heard.note(trial)
    assert not heard.may_be_all


def test_a_tool_that_was_used_is_a_sign_of_the_release() -> None:
    call = {"role": "assistant", "tool_calls": [{"id": "1"}]}
    answer = {"role": "tool", "content": "{}"}
    used = [
        Trajectory(
            case_id="c",
            trial=0,
            messages=[
                {"role": "user", "content": asked},
                call,
                answer,
                {"role": "assistant", "content": "Done."},
            ],
            failure=None,
            error=None,
        )
        for asked in ("Go.", "Stay.")
    ]
    assert not ended_alike(used)
