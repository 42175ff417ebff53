"""How long decisions take to come: only tasks that are older than that count for a promotion.

A bad action looks fine until somebody says otherwise, so young tasks look better than they are.
Knows delays in calendar days (UTC), as tasks are counted by day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_evals.events.review_events import Mode
from dialgate_gate.statistics.binomial_bounds import regularised_incomplete_beta
from dialgate_gate.wording import count_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from dialgate_evals.events.event_cube import DecisionDelay

_SHARE, _CHANCE = 0.95, 0.05
"""The delay is one that this share of them doesn't exceed, by a bound that errs with the chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """How old a task must be to count."""

    days: int = 0
    # calendar days (UTC) that must have ended after the task's own; 0: none
    sentence: str = ""
    # where it comes from; empty: nothing was estimated

    def counts(self, day: dt.date, today: dt.date) -> bool:
        """Whether tasks of the day are old enough."""
        return self.days == 0 or (today - day).days > self.days


def settling_of(
    delays: Mapping[DecisionDelay, int], mode: Mode, *, least_days: int, today: dt.date
) -> Settling:
    """The usual delay of the class's decisions in the mode in force.

    `delays`: tasks by day, by days until the decision that counts (their first intervention, else
    their last decision), and by whether it was an intervention. `least_days`: on and out of the
    loop at least, as an action that nobody touched yet has had no decision there.

    Estimated is a bound of the delay that 95 % of interventions don't exceed (an order statistic,
    too short with a chance of 5 % at most: Wilks 1941); under 59 of them, the longest. A late
    intervention is known of old tasks only, so delays are taken of the older half of the days,
    and of all where that half has fewer than half of the interventions. In shadow and in the loop
    every event is a decision: there the delay is also that of all tasks. What takes longer than
    half of the time since the class was moved is not seen.
    """
    known = {delay: count for delay, count in delays.items() if delay.day <= today}
    stopped = _older({delay: count for delay, count in known.items() if delay.is_stopped}, today)
    days = _bound(stopped)
    text = f"of {count_of(sum(stopped.values()), 'intervention')}"
    if mode.rank <= Mode.IN_THE_LOOP.rank:
        every = _bound(_older(known, today))
        if every > days:
            days, text = every, f"of {count_of(sum(known.values()), 'reviewed task')}"
    elif least_days > days:
        days, text = least_days, f"{text}, and the policy's live.settle_days"
    if not days:
        return Settling()
    sentence = (
        f"Decisions take up to {count_of(days, 'day')} (95 %, {text}): younger tasks don't count."
    )
    return Settling(days=days, sentence=sentence)


def _older(delays: Mapping[DecisionDelay, int], today: dt.date) -> dict[int, int]:
    """Delays of the older half of the days, as far as they were to be seen by today."""
    if not delays:
        return {}
    half = (today - min(delay.day for delay in delays)).days / 2
    old = {delay: n for delay, n in delays.items() if (today - delay.day).days >= half}
    if 2 * sum(old.values()) < sum(delays.values()):
        old = dict(delays)
    return _by_days(old.items())


def _by_days(items: Iterable[tuple[DecisionDelay, int]]) -> dict[int, int]:
    found: dict[int, int] = {}
    for delay, count in items:
        found[delay.days] = found.get(delay.days, 0) + count
    return found


def _bound(counts: Mapping[int, int]) -> int:
    """The least order statistic that 95 % don't exceed but for the chance; else the longest."""
    total = sum(counts.values())
    if not total:
        return 0
    low, high = 1, total
    if regularised_incomplete_beta(_SHARE, total, 1) <= _CHANCE:
        while low < high:
            middle = (low + high) // 2
            if regularised_incomplete_beta(_SHARE, middle, total - middle + 1) <= _CHANCE:
                high = middle
            else:
                low = middle + 1
    seen = 0
    for days in sorted(counts):
        seen += counts[days]
        if seen >= high:
            return days
    return max(counts)
