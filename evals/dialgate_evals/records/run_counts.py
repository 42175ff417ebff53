"""What run.json counts of a run's trials; leaves the trials themselves to `records.run_record`."""

from __future__ import annotations

from math import fsum
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.outcomes import TrialStatus
from dialgate_evals.dialects.texts.endings import MALFORMED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from dialgate_evals.actions.outcomes import TrialScore


def count_trials(
    scores: Sequence[TrialScore], *, cached: int, workers_died: int = 0
) -> dict[str, Any]:
    """`counts` as run.json holds them; `agent_calls` are trials that were run for this."""
    statuses = [score.status for score in scores]
    costs = [score.cost_usd for score in scores if score.cost_usd is not None]
    return {
        "cases": len({score.case_id for score in scores}),
        "trials": len(scores),
        "passed": statuses.count(TrialStatus.PASSED),
        "failed": statuses.count(TrialStatus.FAILED),
        "errored": statuses.count(TrialStatus.ERRORED),
        "cached": cached,
        "agent_calls": len(scores) - cached,
        "tool_calls": sum([score.tool_calls for score in scores]),
        "invalid_calls": sum([score.invalid_calls for score in scores]),
        "failed_calls": sum([score.failed_calls for score in scores]),
        "unmatched_reads": sum([score.unmatched_reads for score in scores]),
        "text_calls": sum([score.text_calls for score in scores]),
        "refusals": sum([score.refusal for score in scores]),
        "cut_off": sum([score.finish_reason == "length" for score in scores]),
        "filtered": sum([score.finish_reason == "content_filter" for score in scores]),
        "malformed": sum([score.finish_reason == MALFORMED for score in scores]),
        "workers_died": workers_died,
        "cost_usd": round(fsum(costs), 9) if costs else None,
        **count_votes(scores),
    }


def count_votes(scores: Sequence[TrialScore]) -> dict[str, int]:
    """How often each answer is what votes came to; nothing where no trial has a criterion."""
    answers = [item.answer.value for score in scores for item in score.rulings]
    return {f"criteria_{name}": answers.count(name) for name in sorted(set(answers))}


def list_cached(scores: Sequence[TrialScore], cached: AbstractSet[int]) -> dict[str, list[int]]:
    """By case: its trials that come from an earlier run, which are no new evidence.

    `cached` holds their positions in `scores`.
    """
    found: dict[str, list[int]] = {}
    for position in sorted(cached):
        found.setdefault(scores[position].case_id, []).append(scores[position].trial)
    return {case_id: sorted(found[case_id]) for case_id in sorted(found)}
