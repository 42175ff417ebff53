"""`dialgate drill kill-switch`: runs trials, pulls the switch under them, looks at what went on.

The wiring; leaves holding calls to `dialgate_evals.running.interruption` and judging to
`dialgate_gate.audit.drills.kill_switch`. A drill runs the agent without walls: the switch has to
reach it, by a folder that both are told (`DRILL_FOLDER`, `{folder}`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.runs.live_runs import unreachable
from dialgate_evals.actions.action_classes import Effect
from dialgate_evals.errors import EvidenceError, InterruptedRunError, UsageError
from dialgate_evals.files.json_text import JsonTextError, parse_json
from dialgate_evals.running.agent_protocol import InfrastructureError
from dialgate_evals.running.agents.registry import open_agent
from dialgate_evals.running.containment.walls import NO_WALLS
from dialgate_evals.running.engine import DueTrial, Engine
from dialgate_evals.running.executors.executor import open_world
from dialgate_evals.running.interruption import Interruption
from dialgate_evals.running.run_to_end import run_to_end
from dialgate_evals.suite.suite import AgentKind
from dialgate_gate.audit.drills.kill_switch import (
    DoneCall,
    DrillResult,
    KillSwitchFacts,
    judge_kill_switch,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.running.interruption import SeenCall
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.settings.runbook import Runbook

VARIABLE = "DRILL_FOLDER"
"""Tells agent and switch where they meet."""
QUARANTINE = "quarantine.jsonl"
"""In that folder: a line {"name", "arguments"} for each call that is held."""
MOST_LANES = 8
MOST_CASES = 24
SWITCH_S = 120.0
"""A switch that takes longer is none."""
_MOST_QUARANTINE_BYTES = 4 * 2**20


def drill_kill_switch(
    workspace: Workspace, release: Release, runbook: Runbook, *, live: bool
) -> DrillResult:
    """Runs the drill. Raises UsageError where there is no switch to pull, EvidenceError."""
    command = _command(runbook, live=live)
    if workspace.suite.agent.kind in {AgentKind.CHAT, AgentKind.TRANSCRIPT}:
        raise UsageError(
            "A kill-switch drill needs an agent that runs: of kind python, command or http."
        )
    cases = _acting_cases(workspace)
    if not cases:
        raise UsageError("No case of the suite expects an action that changes something.")
    with _meeting_place() as folder:
        control = _run(workspace, release, cases, None)
    with _meeting_place() as folder:
        switch = _Switch(command, folder, workspace.folder)
        seen = _run(workspace, release, cases, switch)
        quarantined = _quarantined(folder)
    if seen.pulled_at_s is None or seen.returned_at_s is None:
        raise UsageError("No trial called a tool, so there was nothing to interrupt.")
    compensating = frozenset(item.tool for item in runbook.compensation.values())
    facts = KillSwitchFacts(
        control=_done(control, workspace, frozenset()),
        seen=_done(seen, workspace, compensating),
        in_flight=sorted(case_id for case_id, _ in seen.in_flight),
        begun_after=len(cases) - len(seen.ended_before) - len(seen.in_flight),
        quarantined=quarantined,
        pulled_at_s=seen.pulled_at_s,
        returned_at_s=seen.returned_at_s,
        exit_code=switch.exit_code,
    )
    try:
        return judge_kill_switch(facts)
    except ValueError as error:
        raise UsageError(f"The drill shows nothing: {error}.") from None


def _command(runbook: Runbook, *, live: bool) -> str:
    switch = runbook.kill_switch
    if switch is None:
        raise UsageError("runbook.toml has no [kill_switch].")
    if live:
        return switch.run
    if switch.drill is None:
        raise UsageError(
            "runbook.toml has no kill_switch.drill: the switch of a drill. kill_switch.run is "
            "never pulled without --live."
        )
    return switch.drill


def _acting_cases(workspace: Workspace) -> list[Case]:
    """Cases that expect an action; those with several first, as more of it is in flight."""

    def actions(case: Case) -> int:
        found = (workspace.actions.classify_pattern(item) for item in case.expect.actions)
        return sum(item.effect is Effect.WRITE for item in found)

    acting = sorted((c for c in workspace.cases if actions(c)), key=lambda c: (-actions(c), c.id))
    return acting[:MOST_CASES]


@contextlib.contextmanager
def _meeting_place() -> Iterator[Path]:
    """A folder of this drill alone, named in the environment while it is run."""
    before = os.environ.get(VARIABLE)
    with tempfile.TemporaryDirectory(prefix="dialgate-drill-") as name:
        os.environ[VARIABLE] = name
        try:
            yield Path(name)
        finally:
            if before is None:
                del os.environ[VARIABLE]
            else:
                os.environ[VARIABLE] = before


class _Switch:
    """The command, and how it ended."""

    def __init__(self, command: str, folder: Path, cwd: Path) -> None:
        self._words = [word.replace("{folder}", str(folder)) for word in shlex.split(command)]
        self._cwd = cwd
        self.exit_code = 0

    async def pull(self) -> None:
        """Runs it to its end; one that can't be started, or takes too long, did not hold."""
        try:
            child = await asyncio.create_subprocess_exec(*self._words, cwd=self._cwd)
        except (OSError, ValueError):
            self.exit_code = 127
            return
        try:
            self.exit_code = await asyncio.wait_for(child.wait(), SWITCH_S)
        except TimeoutError:
            child.kill()
            await child.wait()
            self.exit_code = 124


def _run(
    workspace: Workspace, release: Release, cases: Sequence[Case], switch: _Switch | None
) -> Interruption:
    """Each case once. Raises EvidenceError where the agent can't be started."""
    lanes = min(MOST_LANES, workspace.suite.concurrency, max(1, (len(cases) + 1) // 2))
    agent = workspace.suite.agent
    suite = replace(
        workspace.suite,
        concurrency=lanes,
        retries=0,
        agent=replace(agent, env=tuple(dict.fromkeys((*agent.env, VARIABLE)))),
    )
    shared = Interruption(None if switch is None else switch.pull)

    def finished(case: Case, done: Trajectory) -> None:
        shared.end(case.id, done.trial)

    engine = Engine(
        agent=open_agent(
            suite,
            release=release,
            suite_folder=workspace.folder,
            root=workspace.root,
            home=workspace.home,
            machine=NO_WALLS,
        ),
        release=release,
        suite=suite,
        actions=workspace.actions,
        on_finished=finished,
        between=shared.begin,
        make_world=open_world(workspace),
    )
    due = [DueTrial(case=case, trial=0) for case in cases]
    try:
        run_to_end(_interrupted(engine, shared, due, lanes, pulls=switch is not None))
    except InfrastructureError as error:
        raise EvidenceError([unreachable(workspace, error)]) from None
    except KeyboardInterrupt:
        raise InterruptedRunError("Interrupted: the drill shows nothing.") from None
    return shared


async def _interrupted(
    engine: Engine, shared: Interruption, due: Sequence[DueTrial], lanes: int, *, pulls: bool
) -> None:
    async with engine.agent_ready():
        most = engine.agent.most_in_flight or lanes
        waiting = asyncio.create_task(shared.pull_when_held(min(lanes, most))) if pulls else None
        try:
            await engine.run_due(due)
        finally:
            if waiting is not None:
                waiting.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await waiting


def _done(
    shared: Interruption, workspace: Workspace, compensating: frozenset[str]
) -> list[DoneCall]:
    """Calls that the tools took and that change something, or hand it to people."""
    found = []
    for call in shared.calls:
        effect = _effect(call, workspace)
        if call.accepted and effect is not Effect.READ:
            found.append(
                DoneCall(
                    case_id=call.case_id,
                    name=call.name,
                    arguments=call.arguments,
                    escalates=effect is Effect.ESCALATE,
                    compensates=call.name in compensating,
                    after=call.after,
                    at_s=call.at_s,
                )
            )
    return found


def _effect(call: SeenCall, workspace: Workspace) -> Effect:
    arguments = call.arguments if isinstance(call.arguments, dict) else {}
    return workspace.actions.classify(call.name, arguments).effect


def _quarantined(folder: Path) -> list[tuple[str, Any]]:
    """What was written down as held; a line that is none counts for nothing."""
    try:
        with (folder / QUARANTINE).open("rb") as file:
            raw = file.read(_MOST_QUARANTINE_BYTES)
    except OSError:
        return []
    found = []
    for line in raw.splitlines():
        try:
            item = parse_json(line)
            json.dumps(item)
        except (JsonTextError, ValueError):
            continue
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            found.append((item["name"], item.get("arguments", {})))
    return found
