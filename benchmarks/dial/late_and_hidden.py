"""Whether the dial's bounds survive reality: late decisions, hidden and missed bad actions, cycles.

Run `python benchmarks/dial/late_and_hidden.py`; fixed seeds, some minutes. Each class stays at the
limit exactly, so that every promotion and every demotion is wrong: 20 tasks a day for 100 days,
looked at every day from 200 counted tasks on, by the rules that `dial recommend` applies.
"""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass
from math import log
from pathlib import Path

import numpy as np

PROJECT = Path(__file__).parents[2]
sys.path[:0] = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]

from benchmarks.dial.alike_reviews import ever_demoted
from dialgate_evals.events.event_cube import DecisionDelay
from dialgate_evals.events.review_events import Mode
from dialgate_gate.live.decision_delay import settling_of
from dialgate_gate.live.live_bound import live_bound
from dialgate_gate.live.live_reviews import LiveStanding
from dialgate_gate.statistics.upper_rate import log_product_below

LIMIT, CONFIDENCE, STREAMS, DAYS, A_DAY, LEAST = 0.05, 0.95, 1_000, 100, 20, 200
DATES = [dt.date(2026, 1, 1) + dt.timedelta(days=day) for day in range(DAYS)]


@dataclass(frozen=True, kw_only=True)
class Reality:
    """What keeps a bad action from being seen as one at once."""

    name: str
    mode: Mode = Mode.IN_THE_LOOP
    late: float = 0.0
    # days until an intervention comes; good actions are approved at once
    is_random: bool = False
    # exponential with that mean, in place of exactly that long
    escalated: float = 0.0
    # share of bad actions that are escalated and never decided
    decided: float = 0.0
    # share of the escalated that are decided after all
    missed: float = 0.0
    # share of bad actions that reviewers let through
    canaries: int = 0
    # a day; planted bad actions
    swing: float = 0.0
    # of the rate over each day, up and down; the mean stays
    mixture: float = 0.0
    # the same over each fortnight, as other tasks come; it begins anywhere


REALITIES = (
    Reality(name="as it should be"),
    Reality(name="interventions 100 reviews late, in the loop", late=5),
    Reality(name="the same, on the loop", late=5, mode=Mode.ON_THE_LOOP),
    Reality(name="50 reviews late on average (exponential)", late=2.5, is_random=True),
    Reality(name="30 % of the bad escalated, never decided", escalated=0.3),
    Reality(name="the same, half of them decided", escalated=0.3, decided=0.5),
    Reality(name="reviewers miss 30 %, a canary a day", missed=0.3, canaries=1),
    Reality(name="reviewers miss 5 %, five canaries a day", missed=0.05, canaries=5),
    Reality(name="rate swings by 80 % over each day", swing=0.8),
    Reality(name="the mixture of tasks swings by 30 % over each fortnight", mixture=0.3),
    Reality(name="all of it: late, hidden, missed, swinging", late=5, escalated=0.2, missed=0.1,
            canaries=2, swing=0.5),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Stream:
    """The tasks of one class in their order."""

    day: np.ndarray
    open_: np.ndarray
    # escalated and never decided
    decided: np.ndarray
    # escalated and decided
    stopped: np.ndarray
    # with an intervention, once it has come
    comes: np.ndarray
    # the day on which it comes
    planted: np.ndarray
    # by day and canary, whether it was let through


def a_stream(reality: Reality, seed: int) -> Stream:
    """One class that stays at the limit."""
    generator = np.random.default_rng([17, seed])
    tasks = DAYS * A_DAY
    hour = (np.arange(tasks) % A_DAY) / A_DAY
    day = np.arange(tasks) // A_DAY
    mixed = np.sin(2 * np.pi * (day / 14 + generator.random()))
    rate = LIMIT * (1 + reality.swing * np.sin(2 * np.pi * hour)) * (1 + reality.mixture * mixed)
    bad = generator.random(tasks) < rate
    seen = bad & (generator.random(tasks) >= reality.missed)
    passed = seen & (generator.random(tasks) < reality.escalated)
    decided = passed & (generator.random(tasks) < reality.decided)
    late = generator.exponential(reality.late, tasks) if reality.is_random else reality.late
    return Stream(
        day=day,
        open_=passed & ~decided,
        decided=decided,
        stopped=seen & ~(passed & ~decided),
        comes=day + np.ceil(late * np.ones(tasks)).astype(int),
        planted=generator.random((DAYS, reality.canaries)) < reality.missed,
    )


def promoted(reality: Reality, seed: int, *, is_naive: bool = False) -> bool:
    """Whether the class is promoted on any day; `is_naive`: by its interventions alone."""
    stream = a_stream(reality, seed)
    day, open_ = stream.day, stream.open_
    for today in range(1, DAYS):
        known = stream.stopped & (stream.comes <= today)
        oldest = today + 1
        if not is_naive:
            there = (day <= today) & ~open_
            oldest -= settled_days(reality, day, stream.comes, known, there, today)
        counts = day < oldest
        standing = LiveStanding(
            reviews=int((counts & ~open_).sum()),
            interventions=int((counts & known).sum()),
            escalations=int((counts & open_).sum()),
            escalated_reviewed=int((counts & stream.decided).sum()),
            escalated_bad=int((counts & stream.decided & known).sum()),
            canaries=(today + 1) * reality.canaries,
            canaries_missed=int(stream.planted[: today + 1].sum()),
        )
        if standing.canaries_missed and not is_naive:
            # No promotion rests on a queue that let a planted bad action through.
            return False
        if standing.reviews >= LEAST and shows(standing, is_naive=is_naive):
            return True
    return False


def demoted(reality: Reality, streams: int) -> float:
    """The share of classes that are demoted, ever: what comes later only raises the e-value.

    A task that nobody decided counts as one without an intervention.
    """
    tasks = np.array([a_stream(reality, seed).stopped for seed in range(streams)])
    return ever_demoted(tasks, 1)


def settled_days(
    reality: Reality,
    day: np.ndarray,
    comes: np.ndarray,
    known: np.ndarray,
    there: np.ndarray,
    today: int,
) -> int:
    """How many of the latest days don't count yet."""
    codes = day * 1_000 + np.where(known, comes - day, 0) * 2 + known
    found, numbers = np.unique(codes[there], return_counts=True)
    delays = {
        DecisionDelay("1", DATES[code // 1_000], code % 1_000 // 2, bool(code % 2)): number
        for code, number in zip(found.tolist(), numbers.tolist(), strict=True)
    }
    days = settling_of(delays, reality.mode, least_days=7, today=DATES[today]).days
    return days + 1 if days else 0


def shows(live: LiveStanding, *, is_naive: bool) -> bool:
    """Whether the limit is shown to be kept."""
    if is_naive:
        events, tasks, limit, each = float(live.interventions), live.reviews, LIMIT, CONFIDENCE
    else:
        bound = live_bound(live, CONFIDENCE)
        events, tasks, each = bound.events, bound.tasks, bound.each
        limit = bound.scaled(LIMIT)
    return (
        bool(tasks)
        and events / tasks < limit
        and log_product_below(events, tasks, limit) >= -log(1 - each)
    )


def main() -> None:
    """Prints the table of docs/explanation/dial-statistics.md."""
    streams = int(sys.argv[1]) if len(sys.argv) > 1 else STREAMS
    print("| | promoted wrongly, by interventions alone | with these rules | demoted wrongly |")
    print("| --- | --- | --- | --- |")
    for reality in REALITIES:
        shares = [
            np.mean([promoted(reality, seed, is_naive=naive) for seed in range(streams)])
            for naive in (True, False)
        ]
        fell = demoted(reality, streams)
        print(f"| {reality.name} | {shares[0]:.1%} | {shares[1]:.1%} | {fell:.1%} |", flush=True)


if __name__ == "__main__":
    main()
