"""Who is on call at a time: time zones, turns, exceptions; a time with nobody is a finding."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_gate.live.alarms.on_call import owner_on_call
from dialgate_gate.settings.dial import DialSettings
from dialgate_gate.settings.gate_policy import GatePolicy
from dialgate_gate.settings.people.owners import parse_owners
from dialgate_gate.settings.people.rota_ical import parse_ical
from dialgate_gate.settings.people.rota_toml import parse_rota
from dialgate_gate.settings.policy import Policy
from dialgate_gate.settings.runbook import Runbook
from dialgate_gate.settings.settings import GateSettings

if TYPE_CHECKING:
    from dialgate_gate.settings.people.rota import Rota

OWNERS = parse_owners(
    {
        "schema": 1,
        "person": {
            "mara": {"name": "Mara Lindqvist", "mail": "mara@desk.io"},
            "jo": {"name": "Jo Okafor", "mail": "jo@desk.io"},
            "ann": {"mail": "ann@desk.io", "left": "2026-11-10"},
        },
    }
)
TURNS = {
    "schema": 1,
    "timezone": "Europe/Berlin",
    "rotation": [{"people": ["mara", "jo"], "starts": "2026-10-19T09:00:00", "every_days": 7}],
    "shift": [
        {"person": "jo", "from": "2026-11-04T00:00:00", "until": "2026-11-05T00:00:00"},
        {"person": "ann", "from": "2026-11-09T12:00:00Z", "until": "2026-11-11T12:00:00Z"},
    ],
}
WEEKLY = """BEGIN:VCALENDAR
VERSION:2.0
X-WR-TIMEZONE:Europe/Berlin
BEGIN:VEVENT
UID:1
DTSTART;TZID=Europe/Berlin:20261019T090000
DTEND;TZID=Europe/Berlin:20261026T090000
RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231T000000Z
EXDATE;TZID=Europe/Berlin:20261130T090000
SUMMARY:On Call - Mara Lindqvist - Primary
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;TZID=Europe/Berlin:20261026T090000
DURATION:P7D
RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4
SUMMARY:Primary
ATTENDEE:mailto:JO@desk.io
END:VEVENT
BEGIN:VEVENT
UID:2
RECURRENCE-ID;TZID=Europe/Berlin:20261109T090000
DTSTART;TZID=Europe/Berlin:20261109T120000
DTEND;TZID=Europe/Berlin:20261116T090000
SUMMARY:jo
END:VEVENT
END:VCALENDAR
"""


def at(text: str, rota: Rota) -> list[str]:
    found = rota.at(dt.datetime.fromisoformat(text), OWNERS)
    assert bool(found.people) is (found.why_nobody is None)
    return [person.id for person in found.people]


def toml(**more: object) -> Rota:
    return parse_rota({**TURNS, **more}, "rota.toml")


def ical(text: str = WEEKLY) -> Rota:
    return parse_ical(text.replace("\n", "\r\n").encode(), "rota.ics")


@pytest.mark.parametrize(
    ("moment", "who"),
    [
        ("2026-10-19T06:59:59Z", []),
        ("2026-10-19T07:00:00Z", ["mara"]),
        # the clocks went back on 25 October: 9 o'clock is 8 UTC from then on
        ("2026-10-26T07:59:59Z", ["mara"]),
        ("2026-10-26T08:00:00Z", ["jo"]),
        ("2026-11-03T12:00:00Z", ["mara"]),
        ("2026-11-04T12:00:00+01:00", ["jo"]),
        ("2026-11-09T20:00:00Z", ["ann"]),
        ("2026-11-10T00:00:00Z", []),
        ("2056-11-06T12:00:00Z", ["mara"]),
    ],
)
def test_turns_in_local_days_and_single_shifts_over_them(moment: str, who: list[str]) -> None:
    assert at(moment, toml()) == who


@pytest.mark.parametrize(
    ("moment", "who"),
    [
        ("2026-10-19T06:59:59Z", []),
        ("2026-10-19T07:00:00Z", ["mara"]),
        ("2026-10-26T08:00:00Z", ["jo"]),
        ("2026-11-02T08:00:00Z", ["mara"]),
        ("2026-11-09T10:59:00Z", []),
        ("2026-11-09T11:00:00Z", ["jo"]),
        ("2026-11-30T12:00:00Z", []),
        ("2026-12-07T12:00:00Z", ["jo"]),
        ("2026-12-28T12:00:00Z", ["mara"]),
        ("2027-01-11T12:00:00Z", []),
    ],
)
def test_a_calendar_with_recurrence_exceptions_and_a_moved_turn(
    moment: str, who: list[str]
) -> None:
    assert at(moment, ical()) == who


def test_gaps_are_named_with_their_times() -> None:
    start = dt.datetime(2026, 11, 9, 8, tzinfo=dt.UTC)
    found = ical().gaps(start, start + dt.timedelta(days=28), OWNERS)
    assert [str(gap) for gap in found] == [
        "2026-11-09 08:00 UTC to 2026-11-09 11:00 UTC: no shift",
        "2026-11-30 08:00 UTC to 2026-12-07 08:00 UTC: no shift",
    ]


def test_a_shift_of_nobody_or_of_one_who_left_is_a_gap() -> None:
    shift = {"person": "eve", "from": "2026-11-01T00:00:00Z", "until": "2026-11-02T00:00:00Z"}
    rota = parse_rota({**TURNS, "shift": [shift]}, "r")
    start = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    (gap,) = rota.gaps(start, start + dt.timedelta(days=2), OWNERS)
    assert '"eve", who is nobody of owners.toml' in gap.why
    start = dt.datetime(2026, 11, 9, tzinfo=dt.UTC)
    (left,) = toml().gaps(start, start + dt.timedelta(days=5), OWNERS)
    assert left.why == "ann has left"
    assert left.start == dt.datetime(2026, 11, 10, tzinfo=dt.UTC)


@given(st.integers(0, 60 * 24 * 90), st.sampled_from([toml(), ical()]))
def test_a_time_is_in_a_gap_exactly_where_nobody_is_on_call(minutes: int, rota: Rota) -> None:
    start = dt.datetime(2026, 10, 20, tzinfo=dt.UTC)
    moment = start + dt.timedelta(minutes=minutes)
    gaps = rota.gaps(start, start + dt.timedelta(days=91), OWNERS)
    is_gap = any(gap.start <= moment < gap.end for gap in gaps)
    assert is_gap is (not rota.at(moment, OWNERS).people)


def test_all_day_events_are_days_of_the_calendars_own_zone() -> None:
    day = "BEGIN:VEVENT\nUID:9\nDTSTART;VALUE=DATE:20261101\nSUMMARY:mara\nEND:VEVENT\n"
    rota = ical(WEEKLY.partition("BEGIN:VEVENT")[0] + day + "END:VCALENDAR\n")
    assert at("2026-10-31T23:00:00Z", rota) == ["mara"]
    assert at("2026-11-01T23:00:00Z", rota) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=4", "FREQ=SECONDLY", "SECONDLY"),
        ("X-WR-TIMEZONE:Europe/Berlin", "X-WR-TIMEZONE:Mars/Base", "time zone"),
        ("BEGIN:VEVENT\nUID:1\nDTSTART;TZID=Europe/Berlin:20261019T090000",
         "BEGIN:VEVENT\nUID:1", "no iCal file"),
    ],
)  # fmt: skip
def test_what_is_no_rota_is_refused(old: str, new: str, words: str) -> None:
    assert old in WEEKLY
    with pytest.raises(ValueError, match=words):
        ical(WEEKLY.replace(old, new))


def test_a_rule_that_never_comes_has_no_shift() -> None:
    never = WEEKLY.replace("FREQ=WEEKLY;INTERVAL=2;COUNT=4", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31")
    assert at("2026-10-27T00:00:00Z", ical(never)) == []


def test_a_summary_that_means_two_people_means_nobody() -> None:
    both = ical(WEEKLY.replace("On Call - Mara Lindqvist - Primary", "mara@desk.io or jo@desk.io"))
    assert at("2026-10-20T12:00:00Z", both) == []


class TestWhomToPage:
    """The person on call; else the reliability engineer, with the reason."""

    def settings(self, rota: Rota | None) -> GateSettings:
        runbook = Runbook(owners={"reliability_engineer": "jo", "product_owner": "mara"})
        policy = Policy(gate=GatePolicy())
        return GateSettings(
            policy=policy, dial=DialSettings(), runbook=runbook, owners=OWNERS, rota=rota
        )

    def test_who_is_on_call_is_paged(self) -> None:
        now = dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC)
        found = owner_on_call(self.settings(toml()), "refund", now)
        assert found.shown == "Mara Lindqvist"
        assert found.addresses == ("mara@desk.io",)
        assert found.raci.accountable.shown == "Mara Lindqvist"

    @pytest.mark.parametrize(("rota", "why"), [(None, "no rota"), (toml(), "no shift")])
    def test_in_a_gap_the_reliability_engineer_is(self, rota: Rota | None, why: str) -> None:
        now = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
        found = owner_on_call(self.settings(rota), "refund", now)
        assert found.shown == f"Jo Okafor ({why}: the reliability engineer)"
        assert found.addresses == ("jo@desk.io",)
