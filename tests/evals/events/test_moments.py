"""Times as databases export them are read; without an offset they are nobody's guess."""

from __future__ import annotations

import pytest

from dialgate_evals.events.moments import parse_moment, why_no_moment

READ = {
    "2026-11-01T08:37:00Z": "08:37:00",
    "2026-11-01t08:37:00z": "08:37:00",
    "2026-11-01 08:37:00+00": "08:37:00",
    "2026-11-01 09:37:00.25+01": "08:37:00.250000",
    "2026-11-01 14:07:00+0530": "08:37:00",
    "2026-11-01 14:07:00+05:30": "08:37:00",
    "2026-11-01 09:30:28+00:53:28": "08:37:00",
    "2026-11-01 08:37:00 UTC": "08:37:00",
    "2026-11-01 08:37:00.123456789 UTC": "08:37:00.123456",
    "2026-11-01 08:37:00.000 +0000": "08:37:00",
    "2026-11-01 03:37:00 -05": "08:37:00",
    "2026-11-01 03:37:00 \u221205:00": "08:37:00",
    "2026-11-01T08:37Z": "08:37:00",
    "2026-11-01 08:37:00 GMT+00:00": "08:37:00",
    "2026-11-01 08:37:00,5+00": "08:37:00.500000",
}


@pytest.mark.parametrize(("text", "time"), READ.items())
def test_each_spelling(text: str, time: str) -> None:
    found = parse_moment(text)
    assert found is not None
    assert found.isoformat() == f"2026-11-01T{time}+00:00"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-01 08:37:00", "2026-11-01T08:37:00", "2026-11-01", "08:37:00Z", "infinity", "",
        "2026-13-01 08:37:00+00", "2026-11-01 25:37:00+00", "2026-11-01 08:37:00+99",
        "2026-11-01 08:37:00 CET", "1761986220", "0001-01-01 00:00:00+00", "01/11/2026 08:37 UTC",
        "2026-11-01 08:37:00+5", "20261101T083700Z",
    ],
)  # fmt: skip
def test_anything_else_is_no_moment(text: str) -> None:
    assert parse_moment(text) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2026-11-01 08:37:00", "without an offset"), ("45962.359", "a spreadsheet counts days"),
        ("1761986220", "seconds since 1970"), ("1761986220000", "seconds since 1970"),
        (1761986220, "seconds since 1970"), ("01.11.2026 08:37", "one country's order"),
        ("11/1/2026 8:37 AM", "one country's order"), ("soon", ""), ("", ""), (None, ""),
    ],
)  # fmt: skip
def test_what_it_seems_to_be_is_said(value: object, words: str) -> None:
    assert words in why_no_moment(value)
    assert bool(words) is bool(why_no_moment(value))
