"""Trials that are interrupted: each one's first call is held until a switch was pulled.

Knows which calls came before the switch and which after it, with their times; leaves pulling it
to the caller and what the calls mean to `gate`. A call that is held arrived before the switch;
whatever arrives once it was pulled came after it, however slow machine and agent are.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from dialgate_evals.running.agent_protocol import Late, ToolAnswer
    from dialgate_evals.running.engine import DueTrial
    from dialgate_evals.running.simulation.simulated_tools import SimulatedTools

QUIET_S = 2.0
"""So long nothing may arrive before the switch is pulled with trials that hold no call."""


class SeenCall(Struct, frozen=True, kw_only=True):
    """One call that reached the tools."""

    case_id: str
    trial: int
    name: str
    arguments: Any
    accepted: bool
    # whether the tools took it; an error or a refusal did nothing
    after: bool
    # whether it came after the switch was pulled
    at_s: float
    # since the drill began


class Interruption:
    """What all trials of one drill share."""

    def __init__(
        self,
        pull: Callable[[], Awaitable[None]] | None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`pull` ends when the switch was pulled; None: nothing is held, trials are watched."""
        self.calls: list[SeenCall] = []
        self.in_flight: set[tuple[str, int]] = set()
        # trials that were begun and not ended when the switch was pulled
        self.ended_before: set[tuple[str, int]] = set()
        # trials that had ended by then
        self.pulled_at_s: float | None = None
        self.returned_at_s: float | None = None
        self._pull = pull
        self._clock, self._began = clock, clock()
        self._active: set[tuple[str, int]] = set()
        self._held: dict[tuple[str, int], asyncio.Future[None]] = {}
        self._moved = asyncio.Event()

    def begin(self, due: DueTrial, tools: SimulatedTools) -> InterruptedTools:
        """The trial's tools as its agent sees them."""
        key = (due.case.id, due.trial)
        self._active.add(key)
        self._moved.set()
        return InterruptedTools(self, key, tools)

    def end(self, case_id: str, trial: int) -> None:
        """Notes that the trial ended, and whether before the switch was pulled."""
        self._active.discard((case_id, trial))
        if self.pulled_at_s is None:
            self.ended_before.add((case_id, trial))
        self._moved.set()

    async def pull_when_held(self, lanes: int) -> None:
        """Waits until every trial in flight holds a call, or nothing moves any more; then pulls.

        `lanes` are as many as can be in flight. Ends without pulling where it is cancelled.
        """
        assert self._pull is not None
        while not self._held or len(self._active) < lanes or self._active - self._held.keys():
            self._moved.clear()
            try:
                async with asyncio.timeout(QUIET_S):
                    await self._moved.wait()
            except TimeoutError:
                if self._held:
                    break
        self.in_flight = set(self._active)
        self.pulled_at_s = self.now_s()
        await self._pull()
        self.returned_at_s = self.now_s()
        for waiting in self._held.values():
            if not waiting.done():
                waiting.set_result(None)

    def now_s(self) -> float:
        """Seconds since the drill began."""
        return self._clock() - self._began

    def take(
        self,
        key: tuple[str, int],
        tools: SimulatedTools,
        name: str,
        arguments: Any,  # noqa: ANN401 - hostile input
    ) -> tuple[ToolAnswer, Late]:
        """Passes a call on, notes it, and holds the answer of a trial's first one."""
        is_after = self.pulled_at_s is not None
        answer, late_s = tools.answer(name, arguments)
        seen = SeenCall(
            case_id=key[0],
            trial=key[1],
            name=str(name),
            arguments=arguments,
            accepted=not answer.is_error,
            after=is_after,
            at_s=self.now_s(),
        )
        self.calls.append(seen)
        self._moved.set()
        if self._pull is None or self.returned_at_s is not None:
            return answer, late_s
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._held.setdefault(key, waiting)
        return answer, self._held[key]

    def of_trial(self, case_id: str, trial: int) -> Sequence[SeenCall]:
        """The trial's calls, in their order."""
        return [call for call in self.calls if (call.case_id, call.trial) == (case_id, trial)]


class InterruptedTools:
    """One trial's tools; the log is the simulated tools' own."""

    def __init__(self, shared: Interruption, key: tuple[str, int], tools: SimulatedTools) -> None:
        self._shared, self._key, self._tools = shared, key, tools

    @property
    def log(self) -> Sequence[object]:
        """The calls so far."""
        return self._tools.log

    def restart(self) -> None:
        """Forgets every call of the trial; what was seen of it stays seen."""
        self._tools.restart()

    async def call(self, name: str, arguments: Any) -> ToolAnswer:  # noqa: ANN401 - hostile input
        """The answer, when it may be given."""
        answer, late = self.answer(name, arguments)
        if isinstance(late, asyncio.Future):
            await asyncio.shield(late)
        elif late:
            await asyncio.sleep(late)
        return answer

    def answer(
        self,
        name: str,
        arguments: Any,  # noqa: ANN401 - hostile input
    ) -> tuple[ToolAnswer, Late]:
        """The answer, and how late it has to come."""
        return self._shared.take(self._key, self._tools, name, arguments)
