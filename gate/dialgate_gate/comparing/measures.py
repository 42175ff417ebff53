"""What each limit that is a ratio to the baseline compares: the figure of a trial, and how.

One line for each threshold of unit `ratio`; leaves limits to `verdict.budget` and figures that only
one side tells to `one_sided`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_gate.statistics.ratio import ratio_of_means, ratio_of_p95

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_gate.statistics.ratio import RatioEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure of trials, and the ratio of its values on both sides."""

    words: str
    # what a side that doesn't tell it leaves out
    figure: Callable[[TrialScore], float | None]
    # None: unknown
    ratio: Callable[..., RatioEstimate]


MEASURES: Mapping[str, Measure] = {
    "cost_ratio": Measure(
        words="a cost", figure=lambda score: score.cost_usd, ratio=ratio_of_means
    ),
    "latency_p95_ratio": Measure(
        words="a latency", figure=lambda score: score.latency_ms, ratio=ratio_of_p95
    ),
    "tool_calls_ratio": Measure(
        words="tool calls", figure=lambda score: float(score.tool_calls), ratio=ratio_of_means
    ),
}
"""By the policy's key."""
