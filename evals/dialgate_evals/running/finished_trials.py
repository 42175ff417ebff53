"""What a trial that ended leaves: its trajectory without secrets, and the simulator's end state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.files.time_bounds import OutOfTimeError, bounded

if TYPE_CHECKING:
    from dialgate_evals.actions.redaction import Redactor
    from dialgate_evals.running.agent_protocol import AgentReply
    from dialgate_evals.running.simulation.simulated_tools import SimulatedTools
    from dialgate_evals.suite.case import Case

_REDACTION_S = 5.0
"""Processor time for taking secrets out of one trial."""


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
