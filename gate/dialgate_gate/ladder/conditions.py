"""Each condition of the next mode beside what a class shows: bound, limit, and what is missing.

The same figures that `ladder.recommendation` decides by, as data that a report can draw. Leaves
live reviews to `ladder.live_conditions`, readiness to `ladder.readiness`, and what is decided to
the recommendation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

from dialgate_gate.statistics import (
    Bounds,
    clopper_pearson,
    clustered_failure_bounds,
    clustered_success_bounds,
)
from dialgate_gate.wording import count_of, show_rate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from dialgate_evals.actions.action_classes import BlastRadius
    from numpy.typing import NDArray

    from dialgate_gate.comparing.comparison import ClassComparison
    from dialgate_gate.settings.policy import LadderStep
    from dialgate_gate.statistics import PairedCounts

_MOST_CASES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One thing that a mode asks for, and what the class shows of it."""

    name: str
    # eval_run | eval_success | silent_rate | live_reviews | intervention_rate | review_queue |
    # blast_radius | cool_down | ladder
    unit: str
    # rate | reviews | days | word
    met: bool
    sentence: str
    source: str
    # run | events | policy | dial: where the figure comes from
    direction: str | None = None
    # at_least | at_most: how `shown` is held against `limit`
    shown: float | str | None = None
    # the bound that counts, or a count, or a word; None: nothing is known
    limit: float | str | None = None
    observed: float | None = None
    # the plain rate
    interval: tuple[float, float] | None = None
    # of the rate; each end alone holds at the confidence
    confidence: float | None = None
    needed: Mapping[str, int | None] = field(default_factory=dict)
    # {cases} or {reviews, interventions, days}: what would meet it; empty: met, or no number would

    def as_json(self) -> dict[str, Any]:
        """The condition as recommendations write it."""
        return {
            "name": self.name,
            "unit": self.unit,
            "met": self.met,
            "direction": self.direction,
            "shown": _rounded(self.shown),
            "limit": self.limit,
            "observed": _rounded(self.observed),
            "interval": None
            if self.interval is None
            else [_rounded(value) for value in self.interval],
            "confidence": self.confidence,
            "needed": dict(self.needed),
            "sentence": self.sentence,
            "source": self.source,
        }


def sentences_condition(name: str, found: Sequence[str], good: str, source: str) -> Condition:
    """A condition without a figure: met where no sentence was found against it."""
    sentence = " ".join(found) or good
    return Condition(
        name=name,
        unit="word",
        met=not found,
        sentence=sentence,
        source=source,
        shown="missing" if found else "met",
    )


def eval_conditions(step: LadderStep, item: ClassComparison | None) -> list[Condition]:
    """Success and silent failures in the eval run, as far as the step asks for them."""
    found = []
    if step.eval_success is not None:
        bounds = _bounds(item.success if item else None, clustered_success_bounds, step.confidence)
        found.append(_success(step.eval_success, bounds, step.confidence))
    if step.silent_rate is not None:
        bounds = _bounds(item.silence if item else None, clustered_failure_bounds, step.confidence)
        found.append(_silence(step.silent_rate, bounds, step.confidence))
    return found


def _bounds(
    counts: PairedCounts | None,
    bound: Callable[[NDArray[np.int64], NDArray[np.int64], float], Bounds],
    confidence: float,
) -> Bounds:
    if counts is None:
        return Bounds(estimate=None, low=None, high=None, n=0, confidence=confidence)
    return bound(counts.candidate_passed, counts.candidate_trials, confidence)


def _success(limit: float, bounds: Bounds, confidence: float) -> Condition:
    low = bounds.low
    met = low is not None and low >= limit
    more = None if met else _more_cases(bounds, confidence, lambda low, _: low >= limit, good=1)
    shown = "unknown, as no case of the class was run" if low is None else f"{show_rate(low)}"
    text = (
        f"Over {count_of(bounds.n, 'case')} of the eval run, success is at least "
        f"{shown} (confidence {confidence:g}); at least {show_rate(limit)} is asked."
    )
    return _eval_condition("eval_success", "at_least", bounds, low, limit, met, more, text)


def _silence(limit: float, bounds: Bounds, confidence: float) -> Condition:
    high = bounds.high
    met = high is not None and high <= limit
    more = None if met else _more_cases(bounds, confidence, lambda _, high: high <= limit, good=0)
    shown = "unknown, as no case of the class was run" if high is None else f"{show_rate(high)}"
    text = (
        f"Over {count_of(bounds.n, 'case')} of the eval run, silent failures are "
        f"at most {shown} (confidence {confidence:g}); at most {show_rate(limit)} is allowed."
    )
    return _eval_condition("silent_rate", "at_most", bounds, high, limit, met, more, text)


def _eval_condition(
    name: str,
    direction: str,
    bounds: Bounds,
    shown: float | None,
    limit: float,
    met: bool,
    more: int | None,
    text: str,
) -> Condition:
    needed: dict[str, int | None] = {} if more is None else {"cases": more}
    if more is not None:
        text += f" About {count_of(more, 'more case')} without a failure would show it."
    low, high = bounds.low, bounds.high
    return Condition(
        name=name,
        unit="rate",
        met=met,
        sentence=text,
        source="run",
        direction=direction,
        shown=shown,
        limit=limit,
        observed=bounds.estimate,
        interval=None if low is None or high is None else (low, high),
        confidence=bounds.confidence,
        needed=needed,
    )


def _more_cases(
    bounds: Bounds,
    confidence: float,
    is_reached: Callable[[float, float], bool],
    *,
    good: int,
) -> int | None:
    """The least number of further cases, all good, that would show it; None: too many."""
    n = bounds.n
    total = (bounds.estimate or 0.0) * n

    def reached(more: int) -> bool:
        return is_reached(*clopper_pearson(total + good * more, n + more, confidence))

    high = 1
    while not reached(high):
        high *= 2
        if high > _MOST_CASES:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def radius_condition(step: LadderStep, radius: BlastRadius) -> list[Condition]:
    """The class's blast radius beside the most that the step takes."""
    most = step.max_blast_radius
    if most is None:
        return []
    met = radius.rank <= most.rank
    text = f"A mistake's blast radius is {radius.value}; the mode takes at most {most.value}."
    return [
        Condition(
            name="blast_radius",
            unit="word",
            met=met,
            sentence=text if met else f"{text} No evidence changes that.",
            source="policy",
            direction="at_most",
            shown=radius.value,
            limit=most.value,
        )
    ]


def cool_down_condition(days: float, asked: int) -> Condition:
    """How long the class has been where it is, beside the rest that the policy asks for."""
    met = days >= asked
    return Condition(
        name="cool_down",
        unit="days",
        met=met,
        sentence=f"In this mode for {count_of(int(days), 'day')}; {asked} are asked.",
        source="dial",
        direction="at_least",
        shown=int(days),
        limit=asked,
        needed={} if met else {"days": ceil(asked - days)},
    )


def _rounded(value: float | str | None) -> float | str | None:
    return round(value, 6) if isinstance(value, float) else value
