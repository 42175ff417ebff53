"""What a trial that ended leaves: its trajectory without secrets, and the simulator's end state.

Trials that end in one turn of the loop are kept together, soon after their lanes have gone on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.files.time_bounds import OutOfTimeError, bounded

if TYPE_CHECKING:
    from collections.abc import Callable

    from dialgate_evals.actions.redaction import Redactor
    from dialgate_evals.running.agent_protocol import AgentReply
    from dialgate_evals.running.simulation.simulated_tools import SimulatedTools
    from dialgate_evals.suite.case import Case

_REDACTION_S = 5.0
"""Processor time for taking secrets out of one trial."""

_MOST_AT_ONCE = 128
"""Trials that are kept together; more would be held in memory for little."""


class EndedTrials:
    """Trials that ended and that nobody has heard of yet; of one event loop."""

    def __init__(
        self, keep: Callable[[Case, Trajectory], None], report: Callable[[], None]
    ) -> None:
        """`keep` is called for each, in the order in which they ended; `report` after several."""
        self._keep, self._report = keep, report
        self._ended: deque[tuple[Case, Trajectory]] = deque()
        self._has_ended = asyncio.Event()
        self._is_unreported = False
        # whether any was kept since `report` was called

    def add(self, case: Case, done: Trajectory) -> None:
        """One more; keeps all where they are many."""
        self._ended.append((case, done))
        if len(self._ended) >= _MOST_AT_ONCE:
            self.keep_all()
        else:
            self._has_ended.set()

    async def keep_in_turns(self) -> None:
        """Keeps what ended in one turn of the loop together; never ends."""
        while True:
            await self._has_ended.wait()
            # What the lanes say to the agent now goes out first: it works while others are kept.
            await asyncio.sleep(0)
            self._has_ended.clear()
            self.keep_all()

    def keep_all(self) -> None:
        """Keeps what nobody has heard of; where that fails, the rest is left for another try."""
        while self._ended:
            case, done = self._ended.popleft()
            self._keep(case, done)
            self._is_unreported = True
        if self._is_unreported:
            self._is_unreported = False
            self._report()


def finished_trial(
    case: Case,
    number: int,
    tools: SimulatedTools,
    reply: AgentReply,
    failure: str | None,
    latency_ms: float,
    *,
    timed_out: bool = False,
) -> Trajectory:
    """The case's context and what followed: as the agent tells it, or as its tools saw it."""
    did = list(reply.messages) if reply.messages is not None else tools.as_messages()
    if reply.messages is None and failure is None:
        did.append({"role": "assistant", "content": reply.text})
    return Trajectory(
        case_id=case.id,
        trial=number,
        messages=[*case.messages, *did],
        failure=failure,
        timed_out=timed_out,
        latency_ms=latency_ms,
        cost_usd=reply.cost_usd,
        input_tokens=reply.input_tokens,
        output_tokens=reply.output_tokens,
    )


def with_state(trajectory: Trajectory, tools: SimulatedTools) -> Trajectory:
    """The trajectory with the simulator's states; a simulator that failed makes it errored."""
    from dialgate_evals.running.simulation.simulator import WorldTools  # noqa: PLC0415 - few suites have one

    assert isinstance(tools, WorldTools)
    state = tools.state()
    if tools.defect is not None:
        return replace(trajectory, error=tools.defect)
    return replace(trajectory, state=state)


def without_secrets(done: Trajectory, redactor: Redactor, *, context_length: int) -> Trajectory:
    """The trajectory without secrets; nothing of one whose patterns can't be told in time."""
    if redactor.finds_nothing(done, context_length=context_length):
        return done
    try:
        with bounded(_REDACTION_S):
            return redactor.redact(done, context_length=context_length)
    except OutOfTimeError:
        why = f"the patterns of [redact] can't be decided on this trial in {_REDACTION_S:g} s"
        return Trajectory(case_id=done.case_id, trial=done.trial, error=why)
