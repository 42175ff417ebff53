"""What each signal measures of a class's tasks, its limit, and the bets against it.

Knows one signal at a time; leaves scanning releases and times to `alarms.detecting`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.live.alarms.task_alarm import Limit
from dialgate_gate.settings.watch_policy import Signal
from dialgate_gate.statistics.watched.bets import bet_on_mean, bet_on_rate
from dialgate_gate.statistics.watched.learned import upper_mean, upper_quantile, upper_rate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dialgate_evals.events.counts.task_streams import TaskStream

TAILS = {Signal.LATENCY_P95_MS: 0.95, Signal.COST_P99_USD: 0.99}
"""The share of tasks that lie under the limit of a percentile."""

RATES = frozenset({Signal.ESCALATION_RATE, Signal.RETRY_LOOPS})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """One value a task, of the tasks whose value is known."""

    values: NDArray[np.float64]
    # rates: 0 or 1
    at_us: NDArray[np.int64]
    release: NDArray[np.int64]

    def only(self, which: NDArray[np.bool_]) -> Measured:
        """The same of the tasks chosen alone, in their order."""
        return replace(
            self,
            values=self.values[which],
            at_us=self.at_us[which],
            release=self.release[which],
        )

    def after(self, count: int) -> Measured:
        """Without the first so many."""
        return self.only(np.arange(len(self.values)) >= count)


def measure(signal: Signal, stream: TaskStream) -> Measured:
    """What the signal looks at, of the tasks that say it."""
    values = {
        Signal.ESCALATION_RATE: stream.escalated.astype(np.float64),
        Signal.RETRY_LOOPS: stream.looping.astype(np.float64),
        Signal.COST_USD: stream.cost_usd,
        Signal.COST_P99_USD: stream.cost_usd,
        Signal.LATENCY_P95_MS: stream.slowest_ms,
    }[signal]
    whole = Measured(values=values, at_us=stream.at_us, release=stream.release)
    return whole.only(~np.isnan(values))


def learn(signal: Signal, values: NDArray[np.float64], alpha: float, rise: float) -> Limit | None:
    """The limit that a quiet past teaches, too low with a chance of at most `alpha`.

    None: it is too short for that chance.
    """
    count = len(values)
    if signal in RATES:
        rate = rise * upper_rate(int(values.sum()), count, alpha)
        return Limit(value=rate, learned_from=count, rise=rise) if rate < 0.95 else None
    if signal is Signal.COST_USD:
        mean = upper_mean(values, alpha)
        if mean is None:
            return None
        return Limit(value=rise * mean.limit, learned_from=count, rise=rise, cut=rise * mean.cut)
    tail = upper_quantile(values, TAILS[signal], alpha)
    # A value of 0 is no limit: the next one of a cent would be over it.
    return Limit(value=rise * tail, learned_from=count, rise=rise) if tail else None


def bet(signal: Signal, values: NDArray[np.float64], limit: Limit) -> NDArray[np.float64]:
    """The log factors of bets that the limit is exceeded."""
    if signal is Signal.COST_USD:
        cut = values if limit.cut is None else np.minimum(values, limit.cut)
        return bet_on_mean(cut, limit.value)
    if signal in TAILS:
        return bet_on_rate(values > limit.value, 1 - TAILS[signal])
    return bet_on_rate(values > 0, limit.value)


def figure_of(signal: Signal, values: NDArray[np.float64]) -> float:
    """What the values show in the signal's unit: nearest rank for a percentile, else the mean."""
    if signal in TAILS:
        rank = max(1, int(np.ceil(TAILS[signal] * len(values))))
        return float(np.sort(values)[rank - 1])
    return float(values.mean())
