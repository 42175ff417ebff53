"""Who is on call at a time, and when nobody is.

Knows shifts; leaves reading them to `rota_toml` and `rota_ical`. Pure: the time is an argument.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dialgate_gate.settings.people.owners import Owners, Person

MOST_SHIFTS = 2_000
"""In one window that is looked at; a rota with more is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One person's time on call."""

    said: str
    # whom the file names
    start: dt.datetime
    end: dt.datetime
    # both with their time zone; the end is not in it
    over: bool = False
    # whether it stands in place of what else there is at its time


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time at which nobody of owners.toml is on call."""

    start: dt.datetime
    end: dt.datetime
    why: str

    def __str__(self) -> str:
        return f"{_minute(self.start)} to {_minute(self.end)}: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """Who is on call at one time; without people, why nobody is."""

    people: tuple[Person, ...]
    until: dt.datetime | None
    # when the shift ends; None: there is none
    why_nobody: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The people with their addresses, and the end of the shift in UTC."""
        return {
            "people": [
                {"person": p.id, "name": p.shown, "mail": p.mail, "handle": p.handle}
                for p in self.people
            ],
            "until": None if self.until is None else self.until.astimezone(dt.UTC).isoformat(),
            "why_nobody": self.why_nobody,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """A rota that was read."""

    place: str
    shifts: Callable[[dt.datetime, dt.datetime], Sequence[Shift]]
    # every shift that touches the window, in any order

    def at(self, moment: dt.datetime, owners: Owners) -> OnCall:
        """Who is on call at the moment, which has a time zone."""
        now = _in_force(self.shifts(moment, moment + dt.timedelta(seconds=1)), moment)
        known = {p.id: p for s in now if (p := _person(s, owners)) is not None}
        here = tuple(p for p in known.values() if p.is_here(moment.astimezone(dt.UTC).date()))
        if here:
            return OnCall(people=here, until=min(shift.end for shift in now))
        return OnCall(people=(), until=None, why_nobody=_why(now, owners))

    def gaps(self, start: dt.datetime, end: dt.datetime, owners: Owners) -> tuple[Gap, ...]:
        """Every time of the window at which nobody is on call, joined where they touch."""
        shifts = self.shifts(start, end)
        edges = {start, end}
        edges |= {e for s in shifts for e in (s.start, s.end) if start < e < end}
        day = dt.timedelta(days=1)
        leaving = (p.left for p in owners.people.values() if p.left is not None)
        midnights = (dt.datetime.combine(left, dt.time(), dt.UTC) for left in leaving)
        edges |= {m for m in midnights if start < m < end and end - start >= day}
        found: list[Gap] = []
        ordered = sorted(edges)
        for left, right in pairwise(ordered):
            on_call = self.at_from(shifts, left, owners)
            if on_call.why_nobody is None:
                continue
            if found and found[-1].end == left and found[-1].why == on_call.why_nobody:
                found[-1] = Gap(start=found[-1].start, end=right, why=on_call.why_nobody)
            else:
                found.append(Gap(start=left, end=right, why=on_call.why_nobody))
        return tuple(found)

    def at_from(self, shifts: Sequence[Shift], moment: dt.datetime, owners: Owners) -> OnCall:
        """As `at`, of shifts that were looked up already."""
        return Rota(place=self.place, shifts=lambda _from, _until: shifts).at(moment, owners)


def _in_force(shifts: Sequence[Shift], moment: dt.datetime) -> list[Shift]:
    now = [shift for shift in shifts if shift.start <= moment < shift.end]
    over = [shift for shift in now if shift.over]
    return sorted(over or now, key=lambda shift: (shift.start, shift.said))


def _person(shift: Shift, owners: Owners) -> Person | None:
    found = owners.find(shift.said)
    if found is not None:
        return found
    # A calendar's summary says more than a name: it counts where it means one person alone.
    words = f" {' '.join(shift.said.casefold().split())} "
    named = [
        person
        for person in owners.people.values()
        if any(_is_said(text, words) for text in (person.mail, person.name, person.handle) if text)
    ]
    return named[0] if len(named) == 1 else None


def _is_said(text: str, words: str) -> bool:
    wanted = text.casefold()
    place = words.find(wanted)
    while place >= 0:
        before, after = words[place - 1], words[place + len(wanted)]
        if not before.isalnum() and not after.isalnum():
            return True
        place = words.find(wanted, place + 1)
    return False


def _why(now: Sequence[Shift], owners: Owners) -> str:
    if not now:
        return "no shift"
    known = [person for shift in now if (person := _person(shift, owners)) is not None]
    if known:
        return f"{known[0].shown} has left"
    return f'the shift names "{now[0].said[:80]}", who is nobody of owners.toml'


def _minute(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
