"""The engine: runs trials concurrently against one agent, each bounded and durable.

Knows concurrency, time limits, retries and how a trial ends; leaves reaching the agent to
`running.agents`, records to its caller and judging to `gate`. Nothing here knows pytest.
"""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from dialgate_evals.actions.redaction import Redactor
from dialgate_evals.actions.trajectory import Trajectory, out_of_time
from dialgate_evals.running.agent_protocol import (
    AgentError,
    AgentReply,
    BlockedWorkerError,
    InfrastructureError,
    TrialInput,
    draw_trial_ids,
)
from dialgate_evals.running.finished_trials import (
    EndedTrials,
    finished_trial,
    with_state,
    without_secrets,
)
from dialgate_evals.running.run_to_end import first_cause, is_being_cancelled, run_to_end
from dialgate_evals.running.time_limits import TimeLimits
from dialgate_evals.running.trial_tools import TrialTools
from dialgate_evals.running.users.case_users import CaseUsers
from dialgate_evals.running.users.conversation import Conversation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.running.agent_protocol import Agent, ToolSession
    from dialgate_evals.running.simulation.simulated_tools import SimulatedTools
    from dialgate_evals.running.simulation.simulator import Worlds
    from dialgate_evals.running.time_limits import TimeLimit
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.suite import Suite

_FIRST_BACKOFF_S = 0.5
_LONGEST_BACKOFF_S = 30.0
_NO_REPLY = AgentReply()


class DueTrial(Struct, frozen=True, kw_only=True):
    """One trial to run."""

    case: Case
    trial: int


class _OpenTrial(Struct):
    """A trial that is being run."""

    due: DueTrial
    given: TrialInput
    tools: SimulatedTools
    session: ToolSession
    limit: TimeLimit


def _nothing() -> None:
    """Where nobody waits for several trials."""


@dataclass(kw_only=True)
class Engine:
    """Everything that a run needs but the trials; limits, `sleep` and `rng` are ports for tests."""

    agent: Agent
    release: Release
    suite: Suite
    actions: ActionRegistry
    on_finished: Callable[[Case, Trajectory], None]
    # makes the trial durable; called before anything else hears of it, once its lane has gone on
    on_several_finished: Callable[[], None] = _nothing
    # called soon after those calls, once for several: what is done at once costs less
    redactor: Redactor = field(default_factory=Redactor)
    # takes secrets out of a trajectory before anybody sees it
    between: Callable[[DueTrial, SimulatedTools], ToolSession] | None = None
    # what the agent's calls pass through on their way to the tools; None: nothing
    make_world: Worlds | None = None
    # the suite's stateful simulator, one for each trial; None: recordings only
    users: CaseUsers | None = None
    # who answers in which case; None: the suite's, made when the engine is
    time_limits: Callable[[float], TimeLimits] = TimeLimits
    # made of a limit in seconds
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    rng: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - jitter

    def __post_init__(self) -> None:
        self._one_alone = asyncio.Lock()
        self._ended = EndedTrials(self._keep, self.on_several_finished)
        self._trial_tools = TrialTools(
            tools=self.release.tools,
            actions=self.actions,
            most_calls=self.suite.max_turns,
            make_world=self.make_world,
        )
        self._tools = self.release.tools.as_json()
        self._release = self.release.for_agent()
        self._users = CaseUsers(self.suite.user) if self.users is None else self.users
        self._ids = draw_trial_ids()

    def run(self, due: Sequence[DueTrial]) -> None:
        """Runs exactly the trials given; blocks until all are done.

        Ctrl-C and SIGTERM end the agent and raise KeyboardInterrupt; finished trials are durable.
        Raises InfrastructureError where the agent can't be started at all.
        """
        run_to_end(self.run_trials(due))

    async def run_trials(self, due: Sequence[DueTrial]) -> None:
        """Runs the trials between the agent's start and its end."""
        async with self.agent_ready():
            await self.run_due(due)

    @asynccontextmanager
    async def agent_ready(self) -> AsyncIterator[None]:
        """The agent, started; several lots may be run before it is ended.

        Raises InfrastructureError where it can't be started.
        """
        try:
            await self.agent.start()
            yield
        except BaseExceptionGroup as group_of_errors:
            raise first_cause(group_of_errors) from None
        finally:
            await self.agent.close()
            await self._users.close()
            if self.make_world is not None:
                self.make_world.close()

    async def run_due(self, due: Sequence[DueTrial]) -> None:
        """Runs the trials; at most `suite.concurrency` are in flight, and few wait to be kept."""
        waiting = iter(due)
        most = self.agent.most_in_flight or len(due)
        lanes = min(self.suite.concurrency, most, len(due))
        limits = self.time_limits(self.suite.timeout_s)
        cases = {id(trial.case): trial.case for trial in due}
        if len(cases) == len(due):
            self._trial_tools = self._trial_tools.for_one_trial_each()
        await self.make_users_ready(list(cases.values()))
        try:
            async with asyncio.TaskGroup() as group:
                reporting = group.create_task(self._ended.keep_in_turns())
                async with asyncio.TaskGroup() as running:
                    for _ in range(lanes):
                        running.create_task(self._run_lane(waiting, limits))
                reporting.cancel()
        finally:
            self._ended.keep_all()

    async def _run_lane(self, waiting: Iterator[DueTrial], limits: TimeLimits) -> None:
        limit = limits.of_this_task()
        for due in waiting:
            self._ended.add(due.case, await self._run_trial(due, limit))

    def _keep(self, case: Case, done: Trajectory) -> None:
        self.on_finished(case, self._without_secrets(case, done))

    async def make_users_ready(self, cases: Sequence[Case]) -> None:
        """What answers in these cases, started; may be called again. Raises UsageError."""
        await self._users.start(cases)

    async def run_one(self, due: DueTrial, limit: TimeLimit) -> Trajectory:
        """One trial with its retries, without secrets; never raises for what the agent does."""
        return self._without_secrets(due.case, await self._run_trial(due, limit))

    def _without_secrets(self, case: Case, done: Trajectory) -> Trajectory:
        return without_secrets(done, self.redactor, context_length=len(case.messages))

    async def _run_trial(self, due: DueTrial, limit: TimeLimit) -> Trajectory:
        trial = self._open_trial(due, limit)
        try:
            return await self._respond(trial, trial.given)
        except (InfrastructureError, BlockedWorkerError) as error:
            return await self._try_again(trial, error)

    def _open_trial(self, due: DueTrial, limit: TimeLimit) -> _OpenTrial:
        case = due.case
        tools = self._trial_tools.open(case)
        given = TrialInput(
            trial_id=next(self._ids),
            messages=case.messages,
            tools=self._tools,
            release=self._release,
        )
        session = tools if self.between is None else self.between(due, tools)
        return _OpenTrial(due, given, tools, session, limit)

    async def _try_again(
        self, trial: _OpenTrial, ended: InfrastructureError | BlockedWorkerError
    ) -> Trajectory:
        """The trial whose first attempt ended so; never raises for what the agent does."""
        attempt = 0
        while True:
            try:
                if isinstance(ended, BlockedWorkerError):
                    return await self._respond_alone(trial)
            except InfrastructureError as error:
                ended = error
            problem = str(ended)
            if attempt == self.suite.retries:
                return Trajectory(case_id=trial.due.case.id, trial=trial.due.trial, error=problem)
            await self.sleep(self._backoff_s(attempt, ended.retry_after_s))
            attempt += 1
            trial.tools.restart()
            try:
                return await self._respond(trial, trial.given)
            except (InfrastructureError, BlockedWorkerError) as error:
                ended = error

    async def _respond_alone(self, trial: _OpenTrial) -> Trajectory:
        """A second attempt, alone, of a trial that shared a blocked worker.

        Raises InfrastructureError where the trial could not be run.
        """
        if is_being_cancelled():
            # Ctrl-C, not the trial's own limit: nothing is run again.
            raise asyncio.CancelledError
        async with self._one_alone:
            trial.tools.restart()
            make_ready = getattr(self.agent, "make_ready_alone", None)
            if make_ready is not None:
                # What the agent needs for it, such as a fresh process, is no time of the trial.
                await make_ready()
            return await self._respond(trial, replace(trial.given, alone=True))

    async def _respond(self, trial: _OpenTrial, given: TrialInput) -> Trajectory:
        tools = trial.tools
        talk = self._open_conversation(trial)
        began = time.perf_counter()
        reply, failure, timed_out = _NO_REPLY, None, False
        try:
            with trial.limit:
                if talk is None:
                    reply = await self.agent.respond(given, trial.session)
                else:
                    reply = await talk.hold(given)
            failure = reply.failure
        except TimeoutError:
            failure, timed_out = out_of_time(self.suite.timeout_s), True
        except AgentError as error:
            failure = str(error)
        if tools.exceeded:
            failure = f"more than {self.suite.max_turns} tool calls (max_turns)"
            timed_out = False
        latency_ms = round(1e6 * (time.perf_counter() - began)) / 1000
        finished = finished_trial(
            trial.due.case, trial.due.trial, tools, reply, failure, latency_ms, timed_out=timed_out
        )
        if talk is not None:
            finished = talk.told_in(finished)
        return finished if self.make_world is None else with_state(finished, tools)

    def _open_conversation(self, trial: _OpenTrial) -> Conversation | None:
        """The trial as a conversation, where somebody answers; None: its first reply ends it."""
        user = self._users.of(trial.due.case)
        if user is None:
            return None
        return Conversation(
            agent=self.agent,
            tools=trial.tools,
            session=trial.session,
            answers=self._users.open_trial(user),
            max_turns=self.suite.user.max_turns,
        )

    def _backoff_s(self, attempt: int, retry_after_s: float | None) -> float:
        """Exponential with full jitter, but at least as long as the other side asked for."""
        longest = min(_LONGEST_BACKOFF_S, _FIRST_BACKOFF_S * 2.0**attempt)
        jittered = self.rng.uniform(0, longest)
        return max(jittered, min(retry_after_s or 0.0, _LONGEST_BACKOFF_S))
