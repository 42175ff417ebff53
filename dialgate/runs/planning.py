"""What `dialgate plan` simulates and from which record: the wiring around `planning.plan`.

Reads the workspace and the newest record of the release; spreads the scenarios over processes.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dialgate.runs.gathering import is_recorded, score_or_name
from dialgate.runs.judging.judged_plan import plan_replies
from dialgate.terminal.output import say
from dialgate.terminal.progress import Progress
from dialgate_evals.errors import RecordError, UsageError
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.records.run_reading import read_run
from dialgate_evals.records.run_tables import read_scores
from dialgate_evals.records.transcripts import read_trajectories, transcript_path
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.release_files import named_release_file
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.comparing.judged_cases import collect_cases
from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.planning.inverted import InvertedPlan, Wanted, affordable_gates, invert
from dialgate_gate.planning.plan import Plan, sum_up
from dialgate_gate.planning.plan_input import (
    PlanInput,
    Procedure,
    affordable_simulations,
    scenarios,
)
from dialgate_gate.planning.plan_rates import CaseHistory
from dialgate_gate.planning.simulated_gates import simulate, unchanged_gate
from dialgate_gate.settings.settings import load_settings
from dialgate_gate.verdict.class_margins import expected_calls

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.planning.simulated_gates import GateOutcome
    from dialgate_gate.settings.gate_policy import GatePolicy


@dataclass(frozen=True, kw_only=True)
class PlanRequest:
    """What a person asked `plan` for."""

    folder: Path
    release: str | None
    out: Path
    # where run records lie
    simulations: int | None
    # gates a figure; None: as many as are affordable
    seed: int


def plan_suite(request: PlanRequest) -> tuple[Plan, dict[str, Any]]:
    """The plan, and what it rests on: suite, release, rates.

    Raises ConfigurationError or UsageError where files or arguments are wrong.
    """
    plan, facts = _read(request)
    facts["replies"] = plan_replies(load_workspace(request.folder), plan)
    return sum_up(plan, _simulate_all(plan)), facts


def invert_plan(request: PlanRequest, wanted: Wanted) -> tuple[InvertedPlan, dict[str, Any]]:
    """Margin, trials and cases for what is wanted, and what the answer rests on.

    Raises ConfigurationError or UsageError where files or arguments are wrong.
    """
    plan, facts = _read(request)
    gates = request.simulations or affordable_gates(len(plan.cases), plan.procedure)
    plan = replace(plan, simulations=gates)
    with ProcessPoolExecutor(max_workers=os.cpu_count() or 1) as pool:

        def run(tried: PlanInput, numbers: Sequence[int]) -> list[GateOutcome]:
            return list(pool.map(partial(unchanged_gate, tried), numbers))

        answer = invert(plan, wanted, run)
    facts |= {
        "procedure": plan.procedure.value,
        "simulations": gates,
        "asked": {"budget": wanted.budget, "pass": wanted.share, "loss": wanted.loss},
    }
    return answer, facts


def pass_unchanged(request: PlanRequest, gates: int) -> tuple[int, str]:
    """How many of so many simulated gates an unchanged release passes, and what that rests on.

    Raises ConfigurationError or UsageError where files are wrong.
    """
    plan, facts = _read(request)
    outcomes = [unchanged_gate(plan, number) for number in range(gates)]
    passed = sum(outcome.verdict is Verdict.PASS for outcome in outcomes)
    return passed, str(facts["rates"]["source"])


def announce_price(
    workspace: Workspace, release: Release, policy: GatePolicy, *, out: Path
) -> None:
    """Says on standard error what a check may cost and what it looks for, before any call.

    By arithmetic on what is on record: nothing is run or simulated. `release` is the baseline.
    """
    if is_recorded(workspace):
        return
    case_set = collect_cases(
        workspace.cases, actions=workspace.actions, quarantine=workspace.suite.quarantine
    )
    history, _ = _history_in(out, workspace, release)
    known = [history.get(case.id, CaseHistory()) for case in case_set.deciding]
    screening = workspace.suite.trials * len(known)
    first = 0 if history else screening
    if _procedure(workspace, policy) is Procedure.SEQUENTIAL:
        rates = [(case.passed, case.trials) for case in known]
        usual = first + max(screening, expected_calls(rates, policy.margin))
        sees = f"a loss of {100 * policy.margin:g} points of the suite is to be excluded"
    else:
        usual = first + screening
        sees = "the first trials decide"
    say(price_line(policy, usual=usual, sees=sees), to_stderr=True)


def price_line(policy: GatePolicy, *, usual: float, sees: str) -> str:
    """What a check may cost and what it looks for, in a sentence each."""
    most = f"{policy.max_agent_calls:,} agent calls"
    if policy.max_cost_usd is not None:
        most += f" and {policy.max_cost_usd:g} USD"
    if usual <= policy.max_agent_calls:
        takes = f"about {usual:,.0f} where nothing changed"
    else:
        takes = "where nothing changed it may take more and stay undecided"
    return (
        f"This check may make {most}; {takes}. It looks for cases that break, and {sees}. "
        "`dialgate plan` says how often it finds what."
    )


def _read(request: PlanRequest) -> tuple[PlanInput, dict[str, Any]]:
    workspace = load_workspace(request.folder)
    policy = load_settings(request.folder).policy.gate
    release = workspace.release(named_release_file(request.release, workspace.folder))
    case_set = collect_cases(
        workspace.cases, actions=workspace.actions, quarantine=workspace.suite.quarantine
    )
    deciding = case_set.deciding
    if not deciding:
        raise UsageError(f"The suite {workspace.suite.name} has no case that decides.")
    history, source = _history_in(request.out, workspace, release)
    procedure = _procedure(workspace, policy)
    plan = PlanInput(
        cases=deciding,
        history=tuple(history.get(case.id, CaseHistory()) for case in deciding),
        policy=policy,
        trials=workspace.suite.trials,
        procedure=procedure,
        simulations=request.simulations or affordable_simulations(deciding, procedure),
        seed=request.seed,
    )
    known = sum(case.trials > 0 for case in plan.history)
    facts = {
        "suite": workspace.suite.name,
        "release": {"name": release.name, "version": release.version},
        "cases": len(deciding),
        "trials": plan.trials,
        "alpha": policy.alpha,
        "max_agent_calls": policy.max_agent_calls,
        "seed": request.seed,
        "rates": {"source": source, "cases_on_record": known},
    }
    return plan, facts


def _simulate_all(plan: PlanInput) -> list[Sequence[GateOutcome]]:
    """Every scenario, spread over the processors; the order, and so the result, is the plan's."""
    listed = scenarios(plan)
    progress = Progress(total=len(listed), doing="simulating")
    workers = min(os.cpu_count() or 1, len(listed))
    found: list[Sequence[GateOutcome]] = []
    with ProcessPoolExecutor(max_workers=workers) as pool:
        for outcomes in pool.map(partial(simulate, plan), listed):
            found.append(outcomes)
            progress.step()
    progress.close()
    return found


def _procedure(workspace: Workspace, policy: GatePolicy) -> Procedure:
    if workspace.suite.deterministic:
        return Procedure.DETERMINISTIC
    if is_recorded(workspace) or policy.confirm_trials == 0:
        return Procedure.RECORDED
    return Procedure.SEQUENTIAL


def _history_in(
    out: Path, workspace: Workspace, release: Release
) -> tuple[dict[str, CaseHistory], str]:
    """Passes per case of the newest evidence on this release, and where they are from."""
    if is_recorded(workspace):
        path = transcript_path(workspace, release)
        if path.is_file():
            return _count(
                _score_transcripts(workspace, release)
            ), f"the trials in {show_path(path)}"
    else:
        records = sorted(_records(out, workspace, release), key=_finished)
        if records:
            return _count(read_scores(records[-1])), f"the record {show_path(records[-1])}"
    return {}, (
        "no record of this release: 70 % of the cases are taken to always pass, 20 % to pass 8 "
        "times in 10, 10 % 3 times in 10"
    )


def _count(scores: Iterable[TrialScore]) -> dict[str, CaseHistory]:
    counts: dict[str, list[int]] = {}
    for score in scores:
        if score.passed is not None:
            passed = counts.setdefault(score.case_id, [0, 0])
            passed[0] += score.passed
            passed[1] += 1
    return {case: CaseHistory(passed=p, trials=n) for case, (p, n) in counts.items()}


def _score_transcripts(workspace: Workspace, release: Release) -> Iterator[TrialScore]:
    scorer = Scorer(tools=release.tools, actions=workspace.actions)
    known = workspace.cases_by_id
    for found in read_trajectories(transcript_path(workspace, release)):
        if not isinstance(found, Problem):
            yield score_or_name(scorer, known, found)


def _records(out: Path, workspace: Workspace, release: Release) -> Iterator[Path]:
    for folder in out.glob("run-*"):
        try:
            document = read_run(folder)
        except RecordError:
            continue
        same_suite = document["suite"].get("name") == workspace.suite.name
        if same_suite and document["release"].get("fingerprint") == release.fingerprint:
            yield folder


def _finished(folder: Path) -> str:
    return str((read_run(folder).get("times") or {}).get("finished_at"))
