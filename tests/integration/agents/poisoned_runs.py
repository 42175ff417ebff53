"""Runs in which an agent misbehaves in one trial, and what it left running.

That is found by a variable that suite.toml passes on to agents.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate_evals.running.engine import DueTrial, Engine
from dialgate_evals.running.time_limits import TimeLimits
from dialgate_evals.scoring.scoring import Scorer
from tests.evals.running.agents.python_agents import at_once
from tests.evals.running.time_by_hand import TimeByHand, TimeOfStuck

if TYPE_CHECKING:
    from collections.abc import Callable

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.running.agent_protocol import Agent
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.workspace import Workspace

MARK = "STARTED_FOR"
PASSED_ON = f'env = ["{MARK}"]\n'
"""A line for suite.toml's [agent] table."""


def mark(folder: Path) -> None:
    """What is started from now on is the folder's."""
    os.environ[MARK] = str(folder)


def processes(folder: Path) -> set[int]:
    """Processes that still run for the folder: the agent's, and whatever it left behind."""
    found = set()
    wanted = f"{MARK}={folder}".encode()
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and int(process.name) != os.getpid():
            with suppress(OSError):
                if wanted in (process / "environ").read_bytes().split(b"\0"):
                    found.add(int(process.name))
    return found


_STUCK = "stuck"
_SAYS_SO = f'__import__("ctypes").CDLL(None).prctl(15, b"{_STUCK}")'  # PR_SET_NAME
HANGS = f"{_SAYS_SO}; await asyncio.sleep(3600)"
"""Poison of a trial beside which others go on: `TimeByHand` ends it."""
BLOCKS = f"{_SAYS_SO}; time.sleep(3600)"
"""Poison that stops its process and all that runs in it: `TimeOfStuck` ends it."""


def stuck_processes(folder: Path) -> set[int]:
    """Those of the folder in which a trial hangs, or that a trial blocks."""
    named = set()
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            with suppress(OSError):
                if (process / "comm").read_text().strip() == _STUCK:
                    named.add(int(process.name))
    return named & processes(folder) if named else named


def run_poisoned(
    workspace: Workspace, agent: Agent, poison: str, *, is_alone: bool = False, spared: int = 0
) -> dict[str, TrialScore]:
    """Each case's score; a trial that hangs or blocks ends whatever the time.

    One that hangs beside others ends as the last, what is stuck otherwise as soon as it is, but
    for the first so many that are `spared`: the agent itself ends them.
    """
    release = workspace.release()
    scorer = Scorer(tools=release.tools, actions=workspace.actions)
    found: dict[str, TrialScore] = {}
    time = TimeByHand(len(workspace.cases))
    limits: Callable[[float], TimeLimits] = TimeLimits
    if poison == HANGS and not is_alone:
        limits = time.limits
    elif poison in {HANGS, BLOCKS}:
        home = workspace.folder.parent
        limits = TimeOfStuck(lambda: stuck_processes(home), spared=spared).limits

    def finished(case: Case, trajectory: Trajectory) -> None:
        found[case.id] = scorer.score(case, trajectory)
        time.finished()

    Engine(
        agent=agent,
        release=release,
        suite=workspace.suite,
        actions=workspace.actions,
        on_finished=finished,
        time_limits=limits,
        sleep=at_once,
    ).run([DueTrial(case=case, trial=0) for case in workspace.cases])
    return found
