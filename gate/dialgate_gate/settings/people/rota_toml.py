"""A rota in TOML: people who take turns, and single shifts over them.

Turns are counted in local days, so that a turn begins at the same hour after the clocks change.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dialgate_gate.settings.people.rota import MOST_SHIFTS, Rota, Shift

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rotation:
    people: tuple[str, ...]
    starts: dt.datetime
    every_days: int
    until: dt.datetime | None

    def shifts(self, start: dt.datetime, end: dt.datetime) -> Iterator[Shift]:
        turn = dt.timedelta(days=self.every_days)
        # One turn more to either side: local days are 23 to 25 hours long.
        first = max(0, (start - self.starts) // turn - 1)
        number = first
        while number - first <= MOST_SHIFTS:
            begins, ends = (self._turn(number + step) for step in (0, 1))
            ends = ends if self.until is None else min(ends, self.until)
            if begins >= end or begins >= ends:
                return
            if ends > start:
                said = self.people[number % len(self.people)]
                yield Shift(said=said, start=begins, end=ends)
            number += 1

    def _turn(self, number: int) -> dt.datetime:
        local = self.starts.replace(tzinfo=None) + dt.timedelta(days=self.every_days * number)
        return local.replace(tzinfo=self.starts.tzinfo)


def parse_rota(document: Mapping[str, Any], place: str) -> Rota:
    """The rota of a checked file. Raises ValueError for a time or time zone that is none."""
    zone = _zone(document.get("timezone", "UTC"))
    rotations = [
        _Rotation(
            people=tuple(item["people"]),
            starts=_moment(item["starts"], zone),
            every_days=item["every_days"],
            until=_moment(item["until"], zone) if "until" in item else None,
        )
        for item in document.get("rotation", ())
    ]
    single = [
        Shift(
            said=item["person"],
            start=_moment(item["from"], zone),
            end=_moment(item["until"], zone),
            over=True,
        )
        for item in document.get("shift", ())
    ]

    def shifts(start: dt.datetime, end: dt.datetime) -> list[Shift]:
        turns = [shift for rotation in rotations for shift in rotation.shifts(start, end)]
        return [*turns, *(s for s in single if s.start < end and s.end > start)]

    return Rota(place=place, shifts=shifts)


def _zone(name: str) -> dt.tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no time zone {name[:80]!r}") from None


def _moment(text: str, zone: dt.tzinfo) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
