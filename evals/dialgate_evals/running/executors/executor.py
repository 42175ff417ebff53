"""What runs trials: this machine's engine, or machines elsewhere, behind one seam.

Knows how an engine is opened for a release; leaves running to `running.engine` and other machines
to `running.executors.cluster`.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from dialgate_evals.actions.redaction import redactor_for
from dialgate_evals.running.agents.registry import died_under, loaded_by, open_agent
from dialgate_evals.running.containment.machine import walls_of
from dialgate_evals.running.engine import Engine
from dialgate_evals.running.run_to_end import first_cause, run_to_end

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Sequence
    from contextlib import AbstractAsyncContextManager

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.running.containment.walls import Walls
    from dialgate_evals.running.engine import DueTrial
    from dialgate_evals.running.simulation.simulator import Worlds
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.loaded_code import LoadedCode
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.suite import Suite
    from dialgate_evals.suite.workspace import Workspace


class Executor(Protocol):
    """Runs trials of one release and says what became of each, as it ends."""

    @property
    def loaded(self) -> LoadedCode | None:
        """What the agent loaded of its project so far; None: nobody can say."""
        ...

    @property
    def workers_died(self) -> int:
        """How many of the agent's own processes ended under a trial."""
        ...

    @property
    def walls(self) -> Walls:
        """What stands around the agent wherever its trials run."""
        ...

    def agent_ready(self) -> AbstractAsyncContextManager[None]:
        """The agent, started; several lots may be run before it is ended.

        Raises InfrastructureError where it can't be started.
        """
        ...

    async def run_due(self, due: Sequence[DueTrial]) -> None:
        """Runs exactly these trials, between the agent's start and its end."""
        ...


def run_all(executor: Executor, due: Sequence[DueTrial]) -> None:
    """Runs exactly these trials; blocks until all are done.

    Ctrl-C and SIGTERM end the agent and raise KeyboardInterrupt; finished trials are durable.
    Raises InfrastructureError where the agent can't be started at all.
    """

    async def run() -> None:
        async with executor.agent_ready():
            await executor.run_due(due)

    run_to_end(run())


@asynccontextmanager
async def all_ready(executors: Iterable[Executor]) -> AsyncIterator[None]:
    """The agents of all of them; those of this machine are started side by side.

    Raises InfrastructureError where one can't be started: then none is left.
    """
    listed = list(executors)
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.TaskGroup() as group:
                for executor in listed:
                    if isinstance(executor, ThisMachine):
                        group.create_task(stack.enter_async_context(executor.agent_ready()))
        except BaseExceptionGroup as errors:
            raise first_cause(errors) from None
        for executor in listed:
            if not isinstance(executor, ThisMachine):
                await stack.enter_async_context(executor.agent_ready())
        yield


class ThisMachine:
    """The engine of this process as an executor."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def loaded(self) -> LoadedCode | None:
        """What the agent loaded of its project so far; None: nobody can say."""
        return loaded_by(self.engine.agent)

    @property
    def workers_died(self) -> int:
        """How many of the agent's own processes ended under a trial."""
        return died_under(self.engine.agent)

    @property
    def walls(self) -> Walls:
        """What stands around the suite's agents on this machine."""
        return walls_of(self.engine.suite)

    @asynccontextmanager
    async def agent_ready(self) -> AsyncIterator[None]:
        """The agent, started. Raises InfrastructureError where it can't be."""
        async with self.engine.agent_ready():
            yield

    async def run_due(self, due: Sequence[DueTrial]) -> None:
        """Runs the trials; at most `suite.concurrency` are in flight."""
        await self.engine.run_due(due)


class Elsewhere(Protocol):
    """Other machines that run trials, such as a cluster."""

    @property
    def lanes(self) -> int:
        """Trials that they run at once, as far as they have been met; 0: not yet."""
        ...

    def executor(
        self,
        workspace: Workspace,
        release: Release,
        *,
        actions: ActionRegistry,
        on_finished: Callable[[Case, Trajectory], None],
        on_several_finished: Callable[[], None],
    ) -> Executor:
        """What runs the release's trials there; nothing is started yet."""
        ...

    def walls(self, suite: Suite) -> Walls:
        """What stands around the suite's agent wherever trials of this command may run."""
        ...


def open_executor(
    workspace: Workspace,
    release: Release,
    *,
    actions: ActionRegistry,
    elsewhere: Elsewhere | None,
    on_finished: Callable[[Case, Trajectory], None],
    on_several_finished: Callable[[], None] = lambda: None,
) -> Executor:
    """What runs the release's trials: other machines, or this one; nothing is started yet.

    Raises UsageError and ConfigurationError where the agent or the simulator can't be used.
    """
    open_it = _on_this_machine if elsewhere is None else elsewhere.executor
    return open_it(
        workspace,
        release,
        actions=actions,
        on_finished=on_finished,
        on_several_finished=on_several_finished,
    )


def _on_this_machine(
    workspace: Workspace,
    release: Release,
    *,
    actions: ActionRegistry,
    on_finished: Callable[[Case, Trajectory], None],
    on_several_finished: Callable[[], None],
) -> Executor:
    return ThisMachine(
        open_engine(
            workspace,
            release,
            actions=actions,
            on_finished=on_finished,
            on_several_finished=on_several_finished,
        )
    )


def open_engine(
    workspace: Workspace,
    release: Release,
    *,
    actions: ActionRegistry,
    on_finished: Callable[[Case, Trajectory], None],
    on_several_finished: Callable[[], None] = lambda: None,
) -> Engine:
    """An engine for the release on the suite's agent, here; nothing is started yet.

    Secrets are those of this process's environment. Raises UsageError and ConfigurationError where
    the agent or the simulator can't be used.
    """
    suite = workspace.suite
    return Engine(
        agent=open_agent(
            suite,
            release=release,
            suite_folder=workspace.folder,
            root=workspace.root,
            home=workspace.home,
        ),
        release=release,
        suite=suite,
        actions=actions,
        on_finished=on_finished,
        on_several_finished=on_several_finished,
        make_world=open_world(workspace),
        redactor=redactor_for(workspace.secret_names, os.environ, suite.redact),
    )


def open_world(workspace: Workspace) -> Worlds | None:
    """The suite's simulator, where it has one. Raises ConfigurationError where it can't be used."""
    if workspace.suite.simulator is None:
        return None
    from dialgate_evals.running.simulation.simulator import load_simulator  # noqa: PLC0415 - few suites have one

    return load_simulator(workspace.suite.simulator, folder=workspace.folder)


def walls_where(suite: Suite, elsewhere: Elsewhere | None) -> Walls:
    """What stands around the suite's agent where its trials run."""
    return walls_of(suite) if elsewhere is None else elsewhere.walls(suite)
