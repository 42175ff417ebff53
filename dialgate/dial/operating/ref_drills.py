"""`dialgate drill rollback|compensation`: the ref is run, actions are taken back, states compared.

The wiring: both run cases as `run` does; leaves scoring to `dialgate_evals.scoring`.
"""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dialgate.git.base_files import laid_out
from dialgate.git.base_ref import GitBaseline, resolve_ref, suite_path_at
from dialgate.runs.live_runs import run_agent
from dialgate.runs.recorded_run import RunOptions
from dialgate_evals.errors import UsageError
from dialgate_evals.suite.suite import AgentKind
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.audit.drills.kill_switch import DrillResult
from dialgate_gate.wording import count_of, name_cases, show_rate

if TYPE_CHECKING:
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.settings.runbook import Runbook


def drill_rollback(workspace: Workspace, runbook: Runbook) -> DrillResult:
    """Runs the suite of the rollback's ref on its release. Raises UsageError, EvidenceError."""
    ref = runbook.rollback
    if not ref:
        raise UsageError("runbook.toml has no rollback.release.")
    commit = resolve_ref(workspace.folder, ref)
    if commit is None or suite_path_at(workspace.folder, commit) is None:
        raise UsageError(f"The rollback target {ref!r} names no commit that holds the suite.")
    began = time.monotonic()
    with laid_out(workspace.folder, GitBaseline(ref=ref, commit=commit), whole=True) as folder:
        there = load_workspace(folder, home=workspace.home or workspace.folder)
        release = there.release()
        scores = _run(there, release, there.cases)
    took_s = round(time.monotonic() - began, 1)
    errored = sorted({score.case_id for score in scores if score.passed is None})
    critical = {case.id for case in there.cases if case.critical}
    broken = sorted({s.case_id for s in scores if s.passed is False and s.case_id in critical})
    passed = sum(score.passed is True for score in scores)
    findings = []
    if errored:
        findings.append(f"Trials of {name_cases(errored)} could not be run on {ref}.")
    if broken:
        findings.append(f"Critical cases fail on {ref}: {name_cases(broken)}.")
    rate = passed / len(scores) if scores else 0.0
    said = (
        f"{release.name} {release.version} of {ref} ({commit[:12]}) was run on its suite: "
        f"{passed} of {count_of(len(scores), 'trial')} passed ({show_rate(rate)})."
    )
    figures = {"commit": commit, "trials": len(scores), "passed": passed, "took_s": took_s}
    return DrillResult(
        held=not findings, findings=tuple(findings), sentences=(said,), figures=figures
    )


def drill_compensation(workspace: Workspace, release: Release, runbook: Runbook) -> DrillResult:
    """Runs each compensating case; where the suite has a simulator, its end state is compared.

    Raises UsageError where the runbook names none, or names cases that there are none.
    """
    known = workspace.cases_by_id
    missing = [item.case for item in runbook.compensation.values() if item.case not in known]
    if missing or not runbook.compensation:
        raise UsageError(
            f"runbook.toml's compensating case {name_cases(missing)} is no case of the suite."
            if missing
            else "runbook.toml has no [compensation]."
        )
    cases = {item.case: known[item.case] for item in runbook.compensation.values()}
    scores = _run(workspace, release, tuple(cases.values()))
    findings, sentences = [], []
    compared = 0
    for name, item in sorted(runbook.compensation.items()):
        case = cases[item.case]
        trials = [score for score in scores if score.case_id == item.case]
        passed = sum(score.passed is True for score in trials)
        has_tool = any(pattern.name == item.tool for pattern in case.expect.actions)
        if not has_tool:
            findings.append(f"The case {item.case} of {name} expects no call of {item.tool}.")
        if not trials or passed < len(trials):
            findings.append(
                f"{name} was not taken back: {item.case} passed {passed} of {len(trials)} trials."
            )
        state = "its end state compared" if case.expect.state else "no end state is said to compare"
        compared += case.expect.state is not None
        sentences.append(
            f"{name}: {item.tool} took it back in {passed} of {count_of(len(trials), 'trial')}, "
            f"{state} ({item.case})."
        )
    figures = {"classes": len(runbook.compensation), "trials": len(scores), "states": compared}
    return DrillResult(
        held=not findings,
        findings=tuple(findings),
        sentences=tuple(sentences),
        figures=figures,
    )


def _run(workspace: Workspace, release: Release, cases: tuple[Case, ...]) -> tuple[TrialScore, ...]:
    """Runs the cases afresh; what an earlier run left counts for nothing."""
    if workspace.suite.agent.kind is AgentKind.TRANSCRIPT:
        raise UsageError("A drill runs the agent; this suite scores recorded trajectories.")
    with TemporaryDirectory(prefix="dialgate-drill-") as out:
        options = RunOptions(out=Path(out), use_cache=False)
        run = run_agent(workspace, release, cases=cases, actions=workspace.actions, options=options)
        return tuple(run.evidence.scores)
