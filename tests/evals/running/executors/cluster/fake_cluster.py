"""A cluster without machines: workers that answer messages, die, join late or say nonsense."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import json_line, parse_json
from dialgate_evals.running.engine import DueTrial
from dialgate_evals.running.executors.cluster.channel import ClusterLostError
from dialgate_evals.running.executors.cluster.executor import ClusterExecutor
from dialgate_evals.running.executors.cluster.facts import own_facts
from dialgate_evals.running.executors.cluster.messages import (
    Answer,
    Close,
    Done,
    Failed,
    Hello,
    NotOpen,
    Open,
    Opened,
    Ran,
    Run,
    encode,
    read_question,
)
from dialgate_evals.running.executors.cluster.place import ClusterPlace
from dialgate_evals.running.executors.cluster.snapshot import take_snapshot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.running.executors.cluster.channel import Channel
    from dialgate_evals.running.executors.cluster.messages import Facts
    from dialgate_evals.suite.workspace import Workspace

KILLS, NONSENSE = "kills", "nonsense"
"""What a trial can do to its worker, beside ending well."""


@dataclass(kw_only=True)
class FakeCluster:
    """The channel to it, and what it was asked."""

    there: set[str]
    does: dict[int, str] = field(default_factory=dict)
    # by trial number
    facts: dict[str, Facts] = field(default_factory=dict)
    # of workers that are not as this machine
    cannot_start: dict[str, str] = field(default_factory=dict)
    installed: dict[str, list[str]] = field(default_factory=dict)
    # beside the agent
    goes: str = ""
    # the worker that goes away when it is first asked
    hangs: str = ""
    # the worker that never answers a lot
    asked: list[tuple[str, Any]] = field(default_factory=list)
    ran: Counter[int] = field(default_factory=Counter)
    # how often each trial number was run
    keys: set[str] = field(default_factory=set)
    most_in_flight: int = 0
    on_run: Callable[[FakeCluster, str], None] = lambda _cluster, _worker: None
    # before a lot is run
    is_lost: bool = False
    slow: str = ""
    # the worker that ends its trials when all others are done
    opened: set[str] = field(default_factory=set)
    _in_flight: Counter[str] = field(default_factory=Counter)

    async def workers(self) -> frozenset[str]:
        if self.is_lost:
            raise ClusterLostError("gone")
        return frozenset(self.there)

    async def ask(self, raw: bytes, *, worker: str, key: str) -> object:
        assert key not in self.keys, "a task's name is used once"
        self.keys.add(key)
        question = read_question(raw)
        self.asked.append((worker, question))
        if worker == self.goes:
            self.there.discard(worker)
            await asyncio.Event().wait()
        answer = await self._answer(question, worker)
        if worker not in self.there:
            await asyncio.Event().wait()  # as a task whose worker died
        return encode(answer)

    async def _answer(self, question: Any, worker: str) -> Answer:
        match question:
            case Hello():
                return self.facts.get(worker) or own_facts(question.secrets)
            case Open():
                if worker in self.cannot_start:
                    return Failed(why=self.cannot_start[worker])
                self.opened.add(worker)
                return Opened(lanes=2, installed=self.installed.get(worker, []))
            case Run():
                return await self._run(question, worker)
            case Close():
                self.opened.discard(worker)
                return Done()
        raise AssertionError(question)

    async def _run(self, question: Run, worker: str) -> Answer:
        if worker not in self.opened:
            return NotOpen(worker=worker)
        if worker == self.hangs:
            await asyncio.Event().wait()
        self._in_flight[worker] += len(question.trials)
        self.most_in_flight = max(self.most_in_flight, self._in_flight.total())
        try:
            self.on_run(self, worker)
            await asyncio.sleep(0)
            while worker == self.slow and self._in_flight.total() > self._in_flight[worker]:  # noqa: ASYNC110 - turns of the loop, no time
                await asyncio.sleep(0)
            if self.is_lost:
                raise ClusterLostError("gone")
            return self._ended(question, worker)
        finally:
            self._in_flight[worker] -= len(question.trials)

    def _ended(self, question: Run, worker: str) -> Answer:
        done = []
        for item in question.trials:
            does = self.does.get(item.trial)
            self.ran[item.trial] += 1
            if does == KILLS:
                self.there.discard(worker)
                self.there.add(f"{worker}0")
            messages = parse_json(item.case)["messages"]
            told = {"case_id": "?", "trial": 0, "messages": messages, "latency_ms": 1.0}
            done.append(b"garbage" if does == NONSENSE else json_line(told))
        return Ran(trials=done, worker=worker, loaded=None, loaded_digest="", workers_died=0)


@dataclass(kw_only=True)
class Kept:
    """What an executor gave back."""

    executor: ClusterExecutor
    trials: dict[tuple[str, int], Trajectory]
    said: list[str]


def an_executor(workspace: Workspace, cluster: FakeCluster) -> Kept:
    """An executor over the fake cluster that keeps what it finishes."""
    trials: dict[tuple[str, int], Trajectory] = {}
    said: list[str] = []

    @asynccontextmanager
    async def connect() -> AsyncIterator[Channel]:
        yield cluster

    def keep(case: Any, trajectory: Trajectory) -> None:
        assert (case.id, trajectory.trial) not in trials, "a trial is taken in once"
        trials[case.id, trajectory.trial] = trajectory

    executor = ClusterExecutor(
        ClusterPlace(url="fake", connect=connect, say=said.append),
        take_snapshot(workspace, workspace.release(), workspace.actions),
        workspace.suite,
        on_finished=keep,
        on_several_finished=lambda: None,
    )
    return Kept(executor=executor, trials=trials, said=said)


def due(workspace: Workspace, trials: int) -> list[DueTrial]:
    """So many trials of the suite's first case."""
    return [DueTrial(case=workspace.cases[0], trial=number) for number in range(trials)]
