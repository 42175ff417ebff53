"""One class of a fleet as it stands now: modes, rate, cost, alarms, who answers for it.

Values and their JSON; leaves gathering them to `dialgate` and what they need to `needs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_gate.ladder.recommendation import Recommendation
    from dialgate_gate.live.alarms.page import Page
    from dialgate_gate.settings.people.roles import RoleHolder
    from dialgate_runtime.mode import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePeriod:
    """A class's reviewed tasks that count, in one day or week."""

    start: str
    # YYYY-MM-DD, UTC
    reviews: int
    interventions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRate:
    """How often people stepped in, in the tasks that count for the next move."""

    reviews: int
    interventions: int
    high: float | None
    # upper bound of the rate; None: no review counts
    trend_per_day: float | None
    # how much the rate rises a day; None: too few days
    periods: tuple[RatePeriod, ...] = ()
    # the latest, in order of time

    @property
    def rate(self) -> float | None:
        """The plain share; None: no review counts."""
        return self.interventions / self.reviews if self.reviews else None

    def as_json(self) -> dict[str, Any]:
        """As the fleet's document writes it."""
        rate = self.rate
        return {
            "reviews": self.reviews,
            "interventions": self.interventions,
            "rate": None if rate is None else round(rate, 6),
            "high": self.high,
            "trend_per_day": None if self.trend_per_day is None else round(self.trend_per_day, 8),
            "periods": [
                {"start": item.start, "reviews": item.reviews, "interventions": item.interventions}
                for item in self.periods
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCost:
    """What a task costs, in US dollars, over the tasks whose cost is known."""

    tasks: int
    middle: float | None
    tail: float | None
    # P50 and P99; None: no cost is known

    def as_json(self) -> dict[str, Any]:
        """As the fleet's document writes it."""
        return {
            "tasks": self.tasks,
            "p50_usd": _rounded(self.middle),
            "p99_usd": _rounded(self.tail),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """One action class of a suite: its mode, what a runtime gets, its move and figures."""

    action_class: ActionClass
    dial: Mode
    effective: Mode
    # what a runtime gets now
    why: tuple[str, ...]
    # sentences: why that is less than the dial; empty: it is not
    leased_until: str | None
    # RFC 3339, UTC: the end of the lease that counts; None: none counts, or none is needed
    move: Recommendation
    rate: LiveRate
    cost: TaskCost
    alarms: tuple[Page, ...]
    accountable: RoleHolder
    acts_first: bool
    # a write that a runtime does now before people look

    @property
    def name(self) -> str:
        """The class's name."""
        return self.action_class.name

    @property
    def lapsed(self) -> tuple[str, ...]:
        """What the mode in force rests on and was lost, as sentences; alarms not among them."""
        paged = {page.alarm.sentence for page in self.alarms}
        lost = (item.condition.sentence for item in self.move.in_force.lapsed)
        return tuple(text for text in lost if text not in paged)

    def as_json(self) -> dict[str, Any]:
        """As the fleet's document writes it."""
        item, move = self.action_class, self.move
        return {
            "action_class": item.name,
            "effect": item.effect.value,
            "blast_radius": item.blast_radius.value,
            "reversible": item.reversible,
            "mode": self.dial.value,
            "effective": self.effective.value,
            "why": list(self.why),
            "leased_until": self.leased_until,
            "left": move.in_force.effective.value,
            "lapsed": list(self.lapsed),
            "move": move.move,
            "next": None if move.following is None else move.following.value,
            "missing": list(move.missing),
            "live": self.rate.as_json(),
            "cost": self.cost.as_json(),
            "alarms": [page.as_json() for page in self.alarms],
            "accountable": self.accountable.shown,
        }
