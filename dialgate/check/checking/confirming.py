"""Runs the fresh trials that the sequential gate asks for, on both releases, until it is decided.

The wiring between `verdict.sequential`, which decides what to run, and the engine, which runs it.
Both agents stay up from the first request to the last.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate.check.checking.fresh_trials import FreshTrials
from dialgate.runs.evidence_log import open_log
from dialgate.runs.live_runs import unreachable
from dialgate.terminal.progress import Progress
from dialgate_evals.errors import EvidenceError, InterruptedRunError
from dialgate_evals.files.problems import show_path
from dialgate_evals.running.agent_protocol import InfrastructureError
from dialgate_evals.running.executors.executor import all_ready
from dialgate_evals.running.run_to_end import run_to_end
from dialgate_gate.comparing.apart_costs import sum_apart
from dialgate_gate.licensing.judge_licence import CalibratedLicence
from dialgate_gate.planning.look_ahead import look_ahead
from dialgate_gate.verdict.class_margins import derive_rules
from dialgate_gate.verdict.confirmed import Confirmed
from dialgate_gate.verdict.sequential import Side, TrialRequest, start_gate
from dialgate_gate.verdict.sequential.screening import (
    classes_by_case,
    failed_endpoints,
    histories_of,
    screen_cases,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dialgate.check.checking.fresh_trials import RunnableSide
    from dialgate.runs.evidence_log import EvidenceLog
    from dialgate.runs.recorded_run import RunOptions
    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.running.executors.executor import Executor
    from dialgate_evals.running.judges.panel import Panel
    from dialgate_gate.comparing.comparison import RunComparison
    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.statistics.judged.judge_errors import JudgeErrors
    from dialgate_gate.verdict.class_rules import ClassRules
    from dialgate_gate.verdict.sequential import ScreenedCase, SequentialGate

_WIDEST = 128
"""Cases that a cluster may try side by side; what that costs is measured up to here."""


def confirm_release(
    comparison: RunComparison,
    policy: GatePolicy,
    *,
    sides: Mapping[Side, RunnableSide],
    actions: ActionRegistry,
    options: RunOptions,
    steering: Mapping[str, Sequence[TrialScore]] | None = None,
) -> Confirmed | None:
    """Fresh trials until each class is decided or a budget is spent; None where no case screened.

    `steering` holds the baseline's trials of other days: they say where trials are spent.
    `options.most_calls` is a budget of calls beside the policy's, first runs among them.

    Raises EvidenceError where an agent can't be started, InterruptedRunError on Ctrl-C.
    """
    cases = screen_cases(comparison, steering)
    if not cases:
        return None
    evidence = [side for side in (comparison.baseline, comparison.candidate) if side is not None]
    calls = sum(len(side.scores) - side.cached for side in evidence)
    spent = [side.spent_usd for side in evidence if side.spent_usd is not None]
    costs = [score.cost_usd for side in evidence for score in side.scores]
    log = _open_evidence(cases, comparison, policy, options)
    cases = log.cases
    rules = derive_rules(histories_of(cases, is_fresh=log.is_fresh), policy)
    drive = _Drive(
        gate=start_gate(
            cases,
            policy,
            rules=rules,
            widest=log.widest,
            calls_so_far=calls,
            is_fresh=log.is_fresh,
            seed=_seed_of(cases),
            judges=judges_of(cases, options.panel),
        ),
        rules=rules,
        log=log,
        sides={
            name: FreshTrials(side, actions=actions, options=options)
            for name, side in sides.items()
        },
        classes=classes_by_case(comparison),
        budget=_CostBudget(
            max_usd=policy.max_cost_usd,
            spent_usd=sum(spent),
            costs=[cost for cost in costs if cost is not None],
            calls_left=None if options.most_calls is None else max(0, options.most_calls - calls),
        ),
        out=options.out,
        judged=errors_by_criterion(cases, options.panel),
    )
    return drive.run()


def _open_evidence(
    cases: Sequence[ScreenedCase],
    comparison: RunComparison,
    policy: GatePolicy,
    options: RunOptions,
) -> EvidenceLog:
    """The fresh trials of this check, with those of an earlier one that it goes on from."""
    before = comparison.baseline
    evidence = [side for side in (before, comparison.candidate) if side is not None]
    return open_log(
        options.out / "confirmation",
        cases,
        policy,
        releases=[
            *(str(side.release["fingerprint"]) for side in evidence),
            *(repr(item) for item in judges_of(cases, options.panel).values()),
        ],
        is_fresh=before is not None and not before.cached,
        resume=options.resume,
        widest=min(_WIDEST, 0 if options.cluster is None else options.cluster.lanes),
    )


def judges_of(
    cases: Sequence[ScreenedCase], panel: Panel | None
) -> Mapping[str, Mapping[tuple[str, ...], JudgeErrors]]:
    """By unit how the judges err on the criteria that decide in its cases, as labels show."""
    groups = {group for case in cases for group in case.judged.values()}
    licence = None if panel is None else panel.licence
    if not groups or not isinstance(licence, CalibratedLicence):
        return {}
    return {"": licence.errors_of(groups)}


def errors_by_criterion(
    cases: Sequence[ScreenedCase], panel: Panel | None
) -> Mapping[str, JudgeErrors]:
    """How the judges err on each criterion that decides in any of the cases, as labels show."""
    names = {name for case in cases for group in case.judged.values() for name in group}
    licence = None if panel is None else panel.licence
    if not isinstance(licence, CalibratedLicence):
        return {}
    return {name: licence.errors_of([(name,)])[name,] for name in sorted(names)}


def _seed_of(cases: Sequence[ScreenedCase]) -> int:
    """Of the gate's own coins: the same cases throw the same ones."""
    text = "\n".join(case.id for case in cases)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


@dataclass(kw_only=True)
class _CostBudget:
    """US dollars, as far as the agents say what they cost, and calls of a budget that is shared."""

    max_usd: float | None
    spent_usd: float
    costs: list[float]
    # of each call so far whose cost is known
    fresh_usd: float | None = None
    calls_left: int | None = None
    # None: no budget but the policy's

    def add(self, score: TrialScore) -> None:
        """Takes in a fresh trial."""
        if self.calls_left is not None:
            self.calls_left -= 1
        if score.cost_usd is not None:
            self.costs.append(score.cost_usd)
            self.fresh_usd = (self.fresh_usd or 0.0) + score.cost_usd

    @property
    def affordable(self) -> int | None:
        """Calls that are still paid for; None: no limit can be applied."""
        known = [left for left in (self.calls_left, self._for_money()) if left is not None]
        return max(0, min(known)) if known else None

    def _for_money(self) -> int | None:
        """At the mean cost so far."""
        if self.max_usd is None or not self.costs:
            return None
        left = self.max_usd - self.spent_usd - (self.fresh_usd or 0.0)
        mean = sum(self.costs) / len(self.costs)
        return max(0, int(left / mean)) if mean > 0 else None


@dataclass(kw_only=True)
class _Drive:
    """Takes turns: the gate asks, both sides run, the gate takes in what came back."""

    gate: SequentialGate
    rules: Mapping[str, ClassRules]
    log: EvidenceLog
    sides: Mapping[Side, FreshTrials]
    classes: Mapping[str, tuple[str, ...]]
    budget: _CostBudget
    out: Path
    judged: Mapping[str, JudgeErrors]
    # by criterion that decides, how the judges err

    def run(self) -> Confirmed:
        requests = self._first_requests()
        try:
            if requests:
                run_to_end(self._take_turns(requests))
        except KeyboardInterrupt:
            raise InterruptedRunError(
                f"Interrupted while suspects were confirmed. The trials before that are on record "
                f"in {show_path(self.out)}; the same command with --resume goes on."
            ) from None
        except InfrastructureError as error:
            workspace = self.sides[Side.CANDIDATE].workspace
            raise EvidenceError([unreachable(workspace, error)]) from None
        finally:
            for side in self.sides.values():
                side.close()
            self.log.save()
        return Confirmed(
            decision=self.gate.decide(),
            rules=self.rules,
            cost_usd=self.budget.fresh_usd,
            outlook=look_ahead(self.gate),
            apart=sum_apart(score for side in self.sides.values() for score in side.scored),
            workers_died={name.value: side.workers_died for name, side in self.sides.items()},
            judged=self.judged,
        )

    def _first_requests(self) -> tuple[TrialRequest, ...]:
        """What the gate asks for, after the trials of a check that this one goes on from."""
        if self.log.earlier:
            return self.log.replay(self.gate)
        return self.gate.next_requests(self.budget.affordable)

    async def _take_turns(self, requests: Sequence[TrialRequest]) -> None:
        executors = {name: side.executor() for name, side in self.sides.items()}
        async with all_ready(executors.values()):
            while requests:
                await self._run_block(executors, requests)
                requests = self.gate.next_requests(self.budget.affordable)

    async def _run_block(
        self, executors: Mapping[Side, Executor], requests: Sequence[TrialRequest]
    ) -> None:
        progress = Progress(total=sum(item.count for item in requests), doing="confirming")
        batches = {
            name: side.due([item for item in requests if item.side is name])
            for name, side in self.sides.items()
        }
        for side in self.sides.values():
            side.progress = progress
        try:
            await asyncio.gather(
                *(executors[name].run_due(batch) for name, batch in batches.items() if batch)
            )
        finally:
            progress.close()
        for side in self.sides.values():
            await side.settle()
        for item in requests:
            for score in self.sides[item.side].scores[item.case_id]:
                self._take_in(item, score)

    def _take_in(self, request: TrialRequest, score: TrialScore) -> None:
        self.budget.add(score)
        if score.passed is None:
            self.gate.give_up(request.case_id, request.side)
            self.log.add(request.case_id, request.side, None)
            return
        failed = failed_endpoints(score, self.classes[request.case_id])
        self.log.add(request.case_id, request.side, failed)
        self.gate.observe(request.case_id, request.side, failed)
