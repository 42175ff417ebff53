"""Whom a panel asks: nobody twice, and only where an answer could matter."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.outcomes import TrialStatus
from dialgate_evals.actions.rubrics.votes import Answer, Vote, majority
from dialgate_evals.records.machine_key import MachineKey
from dialgate_evals.records.reuse.vote_cache import DiskVoteCache
from dialgate_evals.running.judges.controls import MOST, PROBES
from tests.evals.builders import call
from tests.evals.running.judges.endpoints import Everywhere, a_panel, a_vote, judge_server
from tests.evals.running.judges.test_bad_judges import scored
from tests.needed.extras import need

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.actions.outcomes import TrialScore

need("openai", 'the extra "chat" is not installed')


def run(
    *trials: dict[str, Any], answer: str = "yes", rounds: int = 1, **panel: Any
) -> tuple[list[TrialScore], int]:
    """The settled trials, and how often the endpoint was asked."""

    async def work() -> tuple[list[TrialScore], int]:
        server = judge_server(lambda asked, _: a_vote(asked, answer))
        async with server.running():
            opened = a_panel(server.url, **panel)
            found: list[TrialScore] = []
            for _ in range(rounds):
                found = await opened.settle([scored(opened, **trial) for trial in trials])
            return found, len(server.received)

    return asyncio.run(work())


def test_the_same_text_is_asked_about_once_and_paid_for_once() -> None:
    found, asked = run({}, {}, {}, rounds=2, prices=True)
    assert asked == 1
    assert [score.judge_calls for score in found] == [0, 0, 0]
    first, *others = run({}, {}, prices=True)[0]
    assert first.judge_cost_usd == pytest.approx(140e-6)
    assert [score.judge_cost_usd for score in others] == [None]


def test_nobody_is_asked_where_no_answer_could_matter() -> None:
    failed = {"calls": [call("pay", 2)]}
    decided = {"reply": "42.50", "must": {"numbers": ["42.50"]}}
    assert run(failed, decided, {}, asks_all=False)[1] == 0
    assert run(failed, decided, asks_all=False, licence=Everywhere())[1] == 0
    assert run({}, asks_all=False, licence=Everywhere())[1] == 1 + len(PROBES) + MOST
    assert run(failed, {"reply": "Other."}, asks_all=True)[1] == 2


@pytest.mark.parametrize(("before", "after"), [("no", "yes"), ("yes", "no"), ("yes", "unsure")])
def test_a_judge_that_drifts_in_the_middle_is_asked_again_and_not_believed(
    tmp_path: Path, before: str, after: str
) -> None:
    store = a_store(tmp_path)

    async def work() -> tuple[list[TrialScore], list[TrialScore]]:
        server = judge_server(lambda asked, number: a_vote(asked, before if number < 10 else after))
        async with server.running():
            panel = a_panel(server.url, licence=Everywhere(), store=store)
            texts = [[f"{side} {n}" for n in range(5)] for side in ("first", "second")]
            first, second = [
                await panel.settle([scored(panel, reply=text) for text in side]) for side in texts
            ]
            return first, second

    first, second = asyncio.run(work())
    assert {ruling.answer.value for score in first for ruling in score.rulings} == {before}
    assert sum(score.judge_calls for score in first) == 5 + len(PROBES) + MOST
    assert {score.status for score in second} == {TrialStatus.ERRORED}
    assert "it is another judge than it was" in (second[0].error or "")
    assert len(store._cache) == 5 + len(PROBES)


def test_kept_votes_are_not_compared_with_those_of_another_judge_behind_the_name(
    tmp_path: Path,
) -> None:
    store = a_store(tmp_path)

    async def work() -> list[TrialScore]:
        server = judge_server(lambda asked, number: a_vote(asked, "yes" if number > 2 else "no"))
        async with server.running():
            old = a_panel(server.url, store=store)
            bad = [{"reply": f"bad {n}"} for n in range(3)]
            await old.settle([scored(old, **trial) for trial in bad])
            panel = a_panel(server.url, licence=Everywhere(), store=store)
            trials = [*bad, {"reply": "worse"}]
            return await panel.settle([scored(panel, **trial) for trial in trials])

    *kept, new = asyncio.run(work())
    assert {score.status for score in kept} == {TrialStatus.FAILED}
    assert new.status is TrialStatus.ERRORED
    assert "to which it said no otherwise" in (new.error or "")


def test_a_judge_that_failed_once_is_asked_again_where_the_text_comes_again() -> None:
    async def work() -> list[str]:
        server = judge_server(lambda asked, number: a_vote(asked, "yes") if number else "Sure!")
        async with server.running():
            panel = a_panel(server.url, retries=0)
            rounds = [await panel.settle([scored(panel)]) for _ in range(2)]
            return [score.rulings[0].answer.value for (score,) in rounds]

    assert asyncio.run(work()) == ["failed", "yes"]


def test_each_question_is_heard_of_once_probes_apart() -> None:
    async def work() -> tuple[int, int]:
        server = judge_server(lambda asked, _: a_vote(asked, "yes"))
        async with server.running():
            panel = a_panel(server.url, licence=Everywhere())
            scores = [scored(panel, reply=text) for text in ("one", "two", "two")]
            heard: list[None] = []
            panel.heard = lambda: heard.append(None)
            due = panel.count_due(scores)
            await panel.settle(scores)
            return due, len(heard)

    assert asyncio.run(work()) == (2, 2)


def test_one_wavering_answer_is_no_other_judge() -> None:
    def says(asked: str, number: int) -> str:
        return a_vote(asked, "no" if number == 8 else "yes")

    async def work() -> list[TrialScore]:
        server = judge_server(says)
        async with server.running():
            panel = a_panel(server.url, licence=Everywhere(), concurrency=1)
            return await panel.settle([scored(panel, reply=f"text {n}") for n in range(5)])

    assert {score.status for score in asyncio.run(work())} == {TrialStatus.PASSED}


def test_a_question_that_should_be_decided_and_was_not_asked_is_no_pass() -> None:
    panel = a_panel("http://127.0.0.1:9", licence=Everywhere())
    found = scored(panel)
    assert (found.status, found.is_unruled) == (TrialStatus.ERRORED, True)


def a_store(folder: Path, secret: bytes = b"0123456789abcdef", said: Any = None) -> DiskVoteCache:
    say = (said if said is not None else []).append
    return DiskVoteCache(folder, say=say, key=MachineKey((secret,)))


def test_a_vote_of_an_earlier_command_is_not_paid_for_again(tmp_path: Path) -> None:
    store = a_store(tmp_path)

    async def work() -> list[tuple[int, Answer]]:
        server = judge_server(lambda asked, number: a_vote(asked, "no" if number else "yes"))
        found = []
        async with server.running():
            for trial in ({}, {}, {"text": "is short"}, {"reply": "Other."}):
                panel = a_panel(server.url, store=store)
                (score,) = await panel.settle([scored(panel, **trial)])
                found.append((len(server.received), score.rulings[0].answer))
        return found

    assert asyncio.run(work()) == [
        (1, Answer.YES), (1, Answer.YES), (2, Answer.NO), (3, Answer.NO)
    ]  # fmt: skip


def test_a_vote_that_another_machine_left_or_that_was_moved_is_not_believed(
    tmp_path: Path,
) -> None:
    vote = Vote(judge="j", answer=Answer.YES, reason="r", model="m", prompt="p")
    a_store(tmp_path / "theirs", b"fedcba9876543210").put("k", vote)
    said: list[str] = []
    assert a_store(tmp_path / "theirs", said=said).get("k") is None
    assert "another machine or user made it" in said[0]
    own = a_store(tmp_path / "own", said=said)
    own.put("k", vote)
    raw = own._cache.get("k")
    own._cache.set("other", raw)
    assert own.get("other") is None
    own._cache.set("k", raw[:-4] + b"no}\n")
    assert own.get("k") is None


def test_old_votes_and_those_that_are_too_many_are_dropped(tmp_path: Path) -> None:
    vote = Vote(judge="j", answer=Answer.YES, reason="r", model="m", prompt="p")
    store = a_store(tmp_path)
    for key in ("a", "b", "c"):
        store.put(key, vote)
    now = dt.datetime.now(dt.UTC)
    assert store.gc(max_bytes=10**6, max_age_days=30, now=now) == 0
    assert store.gc(max_bytes=250, max_age_days=30, now=now) == 2
    assert store.get("c") is not None
    assert store.gc(max_bytes=10**6, max_age_days=30, now=now + dt.timedelta(days=31)) == 1
    assert store.get("c") is None


def test_a_failed_vote_is_never_kept(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    store.put("k", Vote(judge="j", answer=Answer.FAILED, reason="r", model="m", prompt="p"))
    assert store.get("k") is None


VOTES = st.lists(st.sampled_from(list(Answer)), max_size=7)


@given(VOTES)
def test_a_yes_needs_more_than_half_of_all_and_order_is_irrelevant(answers: list[Answer]) -> None:
    votes = [Vote(judge="j", answer=answer, reason="") for answer in answers]
    found = majority(votes)
    assert (found is Answer.YES) == (answers.count(Answer.YES) * 2 > len(answers))
    assert found is majority(votes[::-1])
    if Answer.FAILED in answers and found is not Answer.YES:
        assert found in {Answer.NO, Answer.FAILED}
