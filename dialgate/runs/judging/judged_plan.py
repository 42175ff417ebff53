"""What `dialgate plan` says of losses in replies: a suite's criteria, labels and rates together.

Leaves simulating to `dialgate_gate.planning.judged_loss`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dialgate.runs.judging.licensed import criteria_of, read_labelled
from dialgate_evals.actions.rubrics.judge_reading import NOBODY
from dialgate_evals.actions.rubrics.licence import decides
from dialgate_evals.scoring.expected_actions import prepare_case
from dialgate_gate.licensing.judge_licence import license_judge
from dialgate_gate.planning.judged_loss import JudgedSuite, judged_places, tell_losses
from dialgate_gate.planning.plan_input import Procedure
from dialgate_gate.settings.gate_policy import FailOn
from dialgate_gate.statistics.judged.corrected_difference import CALIBRATION_ERROR
from dialgate_gate.verdict.recorded.judged_replies import CORRECTED_ERROR, VOTED_SHARE
from dialgate_gate.verdict.sequential.unit import PASS_ERROR

if TYPE_CHECKING:
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.planning.plan_input import PlanInput

_SIMULATIONS = 100
_LIVE_LOSSES = 0.15
# of alpha: losses of the suite as a whole, by fresh pairs of every case
_USUAL_RATE = 0.9
# of a case without a trial on record


def plan_replies(workspace: Workspace, plan: PlanInput) -> dict[str, Any] | None:
    """What can be told of a loss in judged replies; None where the suite has no judge.

    Raises ConfigurationError where labels, calibration or policy.toml can't be read.
    """
    if workspace.judges is NOBODY:
        return None
    labelled = read_labelled(workspace)
    licence = license_judge(labelled.measure(), labelled.policy, labelled.places)
    tools = workspace.release().tools
    deciding: dict[int, tuple[str, ...]] = {}
    for place, judged in enumerate(plan.cases):
        case = workspace.cases_by_id[judged.id]
        expected = prepare_case(case, tools=tools, actions=workspace.actions)
        classes = labelled.classes_of[case.id]
        names = [item.name for item in criteria_of(case, expected, workspace)]
        deciding[place] = tuple(sorted(n for n in names if decides(licence, n, classes)))
    names = sorted({name for group in deciding.values() for name in group})
    if not names:
        return {"criteria": [], "cases": 0, "told": []}
    errors = licence.errors_of([(name,) for name in names])
    is_live = plan.procedure is Procedure.SEQUENTIAL
    policy = plan.policy
    fail_on = policy.suite_fails_on(sorted({n for case in plan.cases for n in case.classes}))
    suite = JudgedSuite(
        deciding=deciding,
        rates=np.array([_rate(item.passed, item.trials) for item in plan.history]),
        trials=(plan.trials, plan.trials),
        by_criterion={name: errors[name,] for name in names},
        pass_error=PASS_ERROR - CALIBRATION_ERROR if is_live else CORRECTED_ERROR,
        loss_error=(_LIVE_LOSSES if is_live else VOTED_SHARE) * policy.alpha,
        tolerated=0.0 if fail_on is FailOn.CASE else policy.margin,
    )
    return {
        "criteria": names,
        "cases": len(judged_places(suite)),
        "margin": policy.margin,
        "told": [
            {
                "labels": item.labels,
                "overlooked": round(item.overlooked, 6),
                "excluded": None if item.excluded is None else round(item.excluded, 6),
                "caught": item.caught,
            }
            for item in tell_losses(suite, simulations=_SIMULATIONS, seed=plan.seed)
        ],
    }


def _rate(passed: int, trials: int) -> float:
    """What a case is taken to pass at: pulled towards the usual by a trial's weight."""
    return (passed + _USUAL_RATE) / (trials + 1)
