"""Which runs tell nothing of a release: every trial broke off alike before the agent acted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.records.reuse.alike_failures import AlikeFailures, broke_off_alike

ASKED = [{"role": "user", "content": "Go."}]
SAID = [*ASKED, {"role": "assistant", "content": "Done."}]


def a_trial(
    failure: str | None = "no key", *, acted: bool = False, error: str | None = None
) -> Trajectory:
    return Trajectory(
        case_id="c", trial=0, messages=SAID if acted else ASKED, failure=failure, error=error
    )


def test_trials_that_break_off_with_the_same_words_tell_nothing() -> None:
    assert broke_off_alike([a_trial()] * 2)


def test_one_trial_alone_may_be_the_agents_own() -> None:
    assert not broke_off_alike([a_trial()])
    assert not broke_off_alike([])


def test_trials_that_could_not_be_run_are_no_sign_of_either() -> None:
    lost = a_trial(None, error="no process had room")
    assert broke_off_alike([lost, a_trial(), lost, a_trial()])
    assert not broke_off_alike([lost, lost])


@given(st.lists(st.just(a_trial()), max_size=5), st.data())
def test_one_other_trial_anywhere_makes_all_of_them_count(
    alike: list[Trajectory], data: st.DataObject
) -> None:
    other = data.draw(
        st.sampled_from([a_trial(None), a_trial(None, acted=True), a_trial(acted=True)])
    )
    alike.insert(data.draw(st.integers(0, len(alike))), other)
    assert not broke_off_alike(alike)
    heard = AlikeFailures()
    for trial in alike:
        heard.note(trial)
    assert not heard.may_be_all


def test_other_words_are_another_failure() -> None:
    assert not broke_off_alike([a_trial("no key"), a_trial("no room")])
