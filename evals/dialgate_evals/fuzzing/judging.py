"""Whether a trial of a variant keeps what its relation says.

Where a write timed out nobody knows whether it took effect: the trial is judged both ways, and
both must be right. Leaves everything else to the scorer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.case import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.fuzzing.variant import Variant


def judge(variant: Variant, trajectory: Trajectory, around: Surroundings) -> TrialScore:
    """The score of the trial; the worse one where a call may have taken effect or not."""
    scorer = Scorer(tools=variant.tools, actions=around.actions)
    score = scorer.score(variant.case, trajectory)
    if not variant.relation.as_if_done or not score.passed:
        return score
    return scorer.score(variant.case, as_if_done(trajectory))


def as_if_done(trajectory: Trajectory) -> Trajectory:
    """The trial as it was where every call that timed out took effect."""
    return replace(trajectory, messages=[_done(message) for message in trajectory.messages])


def _done(message: Mapping[str, Any]) -> Mapping[str, Any]:
    if message.get("fault") != Fault.TIMEOUT.value:
        return message
    return {key: value for key, value in message.items() if key != "error"}
