"""Agents in any language: a command that speaks JSON-RPC lines over its standard streams.

Knows how many processes run, which of them takes a trial, and who runs again when one is lost;
leaves the wire to `json_rpc_child` (docs/reference/agent-protocol.md specifies it).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING, Any

from dialgate_evals.running.agent_protocol import (
    AgentError,
    BlockedWorkerError,
    InfrastructureError,
)
from dialgate_evals.running.agents.json_rpc_child import ChildLostError, JsonRpcChild
from dialgate_evals.running.agents.process import Growth
from dialgate_evals.running.agents.replies import parse_reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.running.agent_protocol import AgentReply, ToolSession, TrialInput
    from dialgate_evals.running.containment.sandbox import Launch, Sandbox
    from dialgate_evals.suite.suite import Suite

_INITIALIZE_S = 2.0
"""How long the start of a run waits for `initialize`; a later answer still counts."""

_SHARED_TIME = 0.9
"""Share of a trial's time after which one that shares its process is moved to its own."""


_MOST_TURNS = 1000
"""Trials whose process is remembered; more are not in flight at once."""


class CommandAgent:
    """The suite's command in a pool of processes; each crash costs one trial."""

    def __init__(self, suite: Suite, *, sandbox: Sandbox) -> None:
        self._suite = suite
        self._sandbox = sandbox
        self._most = suite.agent.workers or os.cpu_count() or 1
        self._growth = Growth(self._add_child, self._wanted)
        self._children: list[JsonRpcChild] = []
        self._starting = 0
        self._waiting = 0
        # trials for which no process has room
        self._changed = asyncio.Event()
        self._turns: dict[str, JsonRpcChild] = {}
        # by trial: who had its last turn
        self.workers_died = 0
        # that ended, or broke the protocol, under a trial

    @property
    def most_in_flight(self) -> int:
        """How many trials all processes take at once; more than that wait for their turn.

        One that isn't started yet is taken to be as the others are.
        """
        known = [child.most_in_flight for child in self._children]
        return sum(known) + (self._most - len(known)) * max(known, default=1)

    async def start(self) -> None:
        """Starts the first process. Raises InfrastructureError where it ends before any trial."""
        self._sandbox.open()
        await self._growth.begin(self._add_child)

    async def _add_child(self) -> None:
        """Adds one that is ready. Raises InfrastructureError where it ends before any trial."""
        with self._one_starting():
            child = await self._open_child()
            try:
                await _until_ready(child)
            except BaseException:
                await child.close()
                raise
            self._children.append(child)

    async def respond(self, trial: TrialInput, tools: ToolSession) -> AgentReply:
        """One trial. Raises BlockedWorkerError where another may be to blame for its end."""
        if trial.alone:
            return await self._respond_alone(trial, tools)
        child = self._earlier(trial) or await self._claim()
        if trial.has_user:
            self._turns[trial.trial_id] = child
        if child.most_in_flight == 1:
            return parse_reply(await _run(child, trial, tools))
        try:
            async with asyncio.timeout(_SHARED_TIME * self._suite.timeout_s):
                return parse_reply(await _run(child, trial, tools))
        except TimeoutError:
            # Its silence may be another's fault: in a process of its own it is judged fairly.
            raise BlockedWorkerError from None

    def _earlier(self, trial: TrialInput) -> JsonRpcChild | None:
        """The process that had the trial's turn before, where it can take the next one.

        An agent that keeps the conversation itself finds it there; no agent needs to.
        """
        child = self._turns.pop(trial.trial_id, None)
        while len(self._turns) > _MOST_TURNS:
            self._turns.pop(next(iter(self._turns)))
        return child if child is not None and child.is_free else None

    async def _respond_alone(self, trial: TrialInput, tools: ToolSession) -> AgentReply:
        child = await self._open_child()
        try:
            return parse_reply(await _run(child, trial, tools))
        finally:
            await child.close()

    async def close(self) -> None:
        """Ends every process with its group."""
        await self._growth.close()
        children, self._children = self._children, []
        await asyncio.gather(*(child.close() for child in children))
        self._sandbox.close()

    async def _claim(self) -> JsonRpcChild:
        """The least busy process that takes one more trial, after lost ones were replaced.

        Raises InfrastructureError where none has room in half a trial's time: waiting for a turn
        is not the agent's fault.
        """
        limit = self._suite.timeout_s / 2
        self._waiting += 1
        try:
            async with asyncio.timeout(limit):
                while (child := await self._find_free()) is None:
                    self._changed.clear()
                    await self._changed.wait()
                return child
        except TimeoutError:
            raise InfrastructureError(
                f"no process of the agent had room within {limit:g} s: lower suite.toml's "
                "concurrency, or raise agent.workers"
            ) from None
        finally:
            self._waiting -= 1

    async def _find_free(self) -> JsonRpcChild | None:
        self._growth.look_soon()
        self._children = [c for c in self._children if not c.is_lost and not c.is_retired]
        if not self._children and not self._starting:
            with self._one_starting():
                self._children.append(await self._open_child())
        free = [child for child in self._children if child.is_free]
        return min(free, key=lambda child: child.in_flight, default=None)

    def _wanted(self) -> int:
        """How many more processes may be started, and have a trial to take over."""
        count = len(self._children) + self._starting
        in_flight = sum(child.in_flight for child in self._children)
        return min(self._most, self._waiting + in_flight) - count

    @contextlib.contextmanager
    def _one_starting(self) -> Iterator[None]:
        self._starting += 1
        try:
            yield
        finally:
            self._starting -= 1
            self._changed.set()

    async def _open_child(self) -> JsonRpcChild:
        return await JsonRpcChild.start(self._launch(), self._changed.set, self._count_death)

    def _count_death(self) -> None:
        self.workers_died += 1

    def _launch(self) -> Launch:
        agent = self._suite.agent
        return self._sandbox.launch(agent.command, memory_mb=agent.memory_mb)


async def _until_ready(child: JsonRpcChild) -> None:
    """Waits for its first answer, not for ever. Raises InfrastructureError where it ends before."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_INITIALIZE_S):
            await child.initialized.wait()
    if child.is_lost:
        raise InfrastructureError(child.reason)


async def _run(child: JsonRpcChild, trial: TrialInput, tools: ToolSession) -> Any:  # noqa: ANN401 - any data
    """The raw reply; an end of the process becomes what it means for this trial."""
    try:
        return await child.run(trial, tools)
    except ChildLostError as lost:
        if not lost.alone:
            raise BlockedWorkerError from None
        # Its own end is what the agent did, before its first call too: it would end in use as well.
        raise AgentError(str(lost)) from None
