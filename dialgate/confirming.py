"""Runs the blocks that a confirmation asks for: fresh paired trials of suspects, both releases.

The wiring between `gate.confirmation`, which decides what to run, and the engine, which runs it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dialgate.live_runs import run_agent
from gate.suspects import (
    ConfirmationFindings,
    begin_confirmation,
    endpoints_of,
    sum_up,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate.evidence import EvidenceOptions
    from evals.action_classes import ActionRegistry
    from evals.case import Case
    from evals.outcomes import TrialScore
    from evals.release import Release
    from evals.workspace import Workspace
    from gate.comparison import RunComparison
    from gate.confirmation import Confirmation
    from gate.policy import GatePolicy


@dataclass(frozen=True, kw_only=True)
class RunnableSide:
    """A release that can be run now."""

    workspace: Workspace
    release: Release


def confirm_suspects(
    comparison: RunComparison,
    policy: GatePolicy,
    *,
    baseline: RunnableSide,
    candidate: RunnableSide,
    cases: Sequence[Case],
    actions: ActionRegistry,
    options: EvidenceOptions,
    calls_left: int,
) -> ConfirmationFindings:
    """Runs blocks until a regression is shown, no suspect is open, or the budget is spent."""
    confirmation = begin_confirmation(comparison, policy, calls_left=calls_left)
    by_id = {case.id: case for case in cases}
    fresh = replace(
        options, out=options.out / "confirmation", trials=1, resume=False, use_cache=False
    )
    blocks = agent_calls = 0
    while block := confirmation.next_block():
        blocks += 1
        agent_calls += 2 * len(block)
        asked = [by_id[case_id] for case_id in block]
        scores = [
            _by_case(
                run_agent(
                    side.workspace, side.release, cases=asked, actions=actions, options=fresh
                ).evidence.scores
            )
            for side in (baseline, candidate)
        ]
        for case_id in block:
            _observe(confirmation, case_id, scores[0][case_id], scores[1][case_id])
    waiting = any(p.blocks < policy.confirm_trials for p in confirmation.processes.values())
    return sum_up(
        confirmation,
        blocks=blocks,
        agent_calls=agent_calls,
        out_of_budget=confirmation.calls_left < 2 and waiting,
    )


def _observe(
    confirmation: Confirmation, case_id: str, baseline: TrialScore, candidate: TrialScore
) -> None:
    if baseline.passed is None or candidate.passed is None:
        confirmation.skip(case_id)
        return
    confirmation.observe(
        case_id,
        baseline=endpoints_of(confirmation, baseline),
        candidate=endpoints_of(confirmation, candidate),
    )


def _by_case(scores: Sequence[TrialScore]) -> dict[str, TrialScore]:
    return {score.case_id: score for score in scores}
