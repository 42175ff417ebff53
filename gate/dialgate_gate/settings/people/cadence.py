"""What is to be looked at again, and what is overdue.

Counts from the later of the last change and the last review that found nothing to change. Pure;
leaves finding the last change to `dialgate`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from dialgate_gate.settings.people.owners import Owners
    from dialgate_gate.settings.people.people_policy import ReviewEvery

WHAT = {"policy": "The policy", "cases": "The golden cases", "drill": "The kill-switch drill"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One thing, when it was last looked at, and how often it is to be."""

    thing: str
    last: dt.date | None
    # None: nothing says so
    every_days: int
    today: dt.date

    @property
    def is_overdue(self) -> bool:
        """Whether more days than that have gone by."""
        return self.last is None or (self.today - self.last).days > self.every_days

    def __str__(self) -> str:
        what = WHAT[self.thing]
        if self.last is None:
            return f"{what}: nothing says when it was last looked at; every {self.every_days} days."
        age = (self.today - self.last).days
        return f"{what}: last looked at {age} days ago, on {self.last}; every {self.every_days}."

    def as_json(self) -> dict[str, Any]:
        """Days as ISO 8601, with whether it is overdue."""
        return {
            "thing": self.thing,
            "last": None if self.last is None else self.last.isoformat(),
            "every_days": self.every_days,
            "overdue": self.is_overdue,
        }


def reviews_of(
    every: ReviewEvery, owners: Owners, changed: Mapping[str, dt.date | None], today: dt.date
) -> tuple[Review, ...]:
    """Policy, cases and drill. `changed` says when each last changed, as far as that is known.

    A review that is dated in the future says nothing.
    """
    days = {"policy": every.policy, "cases": every.cases, "drill": every.drill}
    found = []
    for thing, count in days.items():
        said = owners.reviewed.get(thing)
        known = [changed.get(thing), None if said is None else said.at]
        last = max((day for day in known if day is not None and day <= today), default=None)
        found.append(Review(thing=thing, last=last, every_days=count, today=today))
    return tuple(found)
