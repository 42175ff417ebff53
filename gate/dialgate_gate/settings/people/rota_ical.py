"""A rota in an iCal file (RFC 5545), as on-call services and calendars export it.

Knows events, their recurrence, exceptions and time zones, read by `icalendar` and `dateutil`; whom
an event means is asked of its attendees first, then of its summary.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from dialgate_evals.files.time_bounds import OutOfTimeError, bounded
from dialgate_gate.settings.people.rota import MOST_SHIFTS, Rota, Shift

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_EVENTS = 2_000
_READING_S = 5.0
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    uid: str
    said: str
    start: dt.datetime
    length: dt.timedelta
    rule: str | None
    more: tuple[dt.datetime, ...]
    without: frozenset[dt.datetime]
    instead_of: dt.datetime | None
    is_cancelled: bool


def parse_ical(raw: bytes, place: str) -> Rota:
    """The rota of an iCal file. Raises ValueError where it is none, or one that never ends.

    Raises ImportError where the package that reads it is not installed.
    """
    events = _read(raw)
    moved = {
        (event.uid, event.instead_of.astimezone(dt.UTC))
        for event in events
        if event.instead_of is not None
    }

    def shifts(start: dt.datetime, end: dt.datetime) -> list[Shift]:
        found = []
        try:
            with bounded(_READING_S):
                for shift in _shifts(events, moved, start, end):
                    found.append(shift)
                    if len(found) > MOST_SHIFTS:
                        raise ValueError(f"{place} has over {MOST_SHIFTS:,} shifts in one window")
        except OutOfTimeError:
            raise ValueError(f"{place} takes over {_READING_S:g} s to be read") from None
        return found

    return Rota(place=place, shifts=shifts)


def _read(raw: bytes) -> list[_Event]:
    import icalendar  # noqa: PLC0415 - an extra

    try:
        with bounded(_READING_S):
            calendar = icalendar.Calendar.from_ical(raw)
            zone = _zone(calendar)
            parts = calendar.walk("VEVENT")
            if len(parts) > MOST_EVENTS:
                raise ValueError(f"over {MOST_EVENTS:,} events")
            return [_event(part, zone) for part in parts]
    except OutOfTimeError:
        raise ValueError(f"it takes over {_READING_S:g} s to be read") from None
    except (KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise ValueError(f"no iCal file ({type(error).__name__}: {error})") from None


def _zone(calendar: Any) -> dt.tzinfo:  # noqa: ANN401 - a part of icalendar, which has no types of its own here
    name = str(calendar.get("X-WR-TIMEZONE", "UTC"))
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError(f"there is no time zone {name[:80]!r}") from None


def _event(part: Any, zone: dt.tzinfo) -> _Event:  # noqa: ANN401 - as above
    start = _moment(part["DTSTART"].dt, zone)
    rule = part.get("RRULE")
    if isinstance(rule, list):
        raise ValueError("an event with several RRULEs")  # noqa: TRY004 - the file is wrong
    if rule is not None and {str(word) for word in rule.get("FREQ", ())} - _FREQUENCIES:
        raise ValueError(f"an event that recurs {rule['FREQ'][0]}: turns are of days")
    recurrence = part.get("RECURRENCE-ID")
    return _Event(
        uid=str(part.get("UID", "")),
        said=_said(part),
        start=start,
        length=_end(part, start, zone) - start,
        rule=None if rule is None else _local_rule(rule, start),
        more=tuple(_moments(part.get("RDATE"), zone)),
        without=frozenset(m.astimezone(dt.UTC) for m in _moments(part.get("EXDATE"), zone)),
        instead_of=None if recurrence is None else _moment(recurrence.dt, zone),
        is_cancelled=str(part.get("STATUS", "")).upper() == "CANCELLED",
    )


def _said(part: Any) -> str:  # noqa: ANN401 - as above
    attendees = part.get("ATTENDEE", ())
    named = [attendees] if isinstance(attendees, str) else list(attendees)
    mails = [str(item)[7:] for item in named if str(item).casefold().startswith("mailto:")]
    return mails[0] if len(mails) == 1 else str(part.get("SUMMARY", ""))


def _end(part: Any, start: dt.datetime, zone: dt.tzinfo) -> dt.datetime:  # noqa: ANN401 - as above
    if "DTEND" in part:
        return _moment(part["DTEND"].dt, zone)
    if "DURATION" in part:
        length: dt.timedelta = part["DURATION"].dt
        return start + length
    is_day = not isinstance(part["DTSTART"].dt, dt.datetime)
    return start + dt.timedelta(days=1) if is_day else start


def _moment(value: dt.date, zone: dt.tzinfo) -> dt.datetime:
    if not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time(), zone)
    return value.replace(tzinfo=zone) if value.tzinfo is None else value


def _moments(value: Any, zone: dt.tzinfo) -> Iterator[dt.datetime]:  # noqa: ANN401 - as above
    for group in value if isinstance(value, list) else [value] if value is not None else ():
        for item in group.dts:
            said = item.dt
            yield _moment(said[0] if isinstance(said, tuple) else said, zone)


def _local_rule(rule: Any, start: dt.datetime) -> str:  # noqa: ANN401 - as above
    """The rule in the event's own time: turns begin at the same hour after the clocks change."""
    parts = {key: value for key, value in rule.items() if key != "UNTIL"}
    until = rule.get("UNTIL")
    text: str = type(rule)(parts).to_ical().decode("ascii")
    if until:
        last = _moment(until[0], start.tzinfo or dt.UTC)
        is_day = not isinstance(until[0], dt.datetime)
        last = last + dt.timedelta(days=1, seconds=-1) if is_day else last
        local = last.astimezone(start.tzinfo).replace(tzinfo=None)
        text += f";UNTIL={local:%Y%m%dT%H%M%S}"
    return text


def _shifts(
    events: Sequence[_Event],
    moved: set[tuple[str, dt.datetime]],
    start: dt.datetime,
    end: dt.datetime,
) -> Iterator[Shift]:
    for event in events:
        for begins in _begins(event, start, end):
            key = begins.astimezone(dt.UTC)
            is_replaced = event.instead_of is None and (event.uid, key) in moved
            if is_replaced or key in event.without or event.is_cancelled:
                continue
            ends = _plus(begins, event.length)
            if begins < end and ends > start:
                yield Shift(said=event.said, start=begins, end=ends)


def _begins(event: _Event, start: dt.datetime, end: dt.datetime) -> Iterator[dt.datetime]:
    if event.rule is None:
        yield event.start
    else:
        from dateutil.rrule import rrulestr  # noqa: PLC0415 - an extra

        zone = event.start.tzinfo
        day = dt.timedelta(days=1)
        local = [moment.astimezone(zone).replace(tzinfo=None) for moment in (start, end)]
        rule = rrulestr(event.rule, dtstart=event.start.replace(tzinfo=None))
        for begins in rule.xafter(local[0] - event.length - day, inc=True):
            if begins > local[1] + day:
                break
            yield begins.replace(tzinfo=zone)
    yield from event.more


def _plus(begins: dt.datetime, length: dt.timedelta) -> dt.datetime:
    """The end of a turn: whole days are days of the calendar, what is less is hours."""
    if length % dt.timedelta(days=1):
        return begins + length if begins.tzinfo is None else (
            (begins.astimezone(dt.UTC) + length).astimezone(begins.tzinfo)
        )  # fmt: skip
    return (begins.replace(tzinfo=None) + length).replace(tzinfo=begins.tzinfo)
