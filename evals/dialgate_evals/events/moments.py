"""Times as databases and spreadsheets export them, all with an offset.

RFC 3339 first, and what PostgreSQL, BigQuery, Snowflake and others write beside it: offsets of
hours alone, without a colon, after a space, or as a name of UTC; no seconds, or many digits.
A time without an offset is nobody's guess.
"""

from __future__ import annotations

import datetime as dt
import re

_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)(?:[Tt]| +)(?P<clock>\d\d:\d\d(?::\d\d)?)"
    r"(?:[.,](?P<fraction>\d{1,12}))?"
    r" *(?:(?P<utc>[Zz]|(?i:UTC|GMT))|(?i:UTC|GMT)?(?P<sign>[+\-\u2212])(?P<hours>\d\d)"
    r"(?::?(?P<minutes>\d\d)(?::?(?P<seconds>\d\d))?)?)",
    re.ASCII,
)


def parse_moment(text: str) -> dt.datetime | None:
    """The moment in UTC; None where the text is no time with its offset.

    >>> parse_moment("2026-11-01 08:37:00.5+00").isoformat()
    '2026-11-01T08:37:00.500000+00:00'
    """
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    clock = found["clock"] if len(found["clock"]) > 5 else found["clock"] + ":00"
    fraction = ((found["fraction"] or "") + "000000")[:6]
    offset = "+00:00"
    if found["utc"] is None:
        sign = "+" if found["sign"] == "+" else "-"
        offset = f"{sign}{found['hours']}:{found['minutes'] or '00'}:{found['seconds'] or '00'}"
    try:
        local = dt.datetime.fromisoformat(f"{found['date']}T{clock}.{fraction}{offset}")
        return local.astimezone(dt.UTC) if 1 < local.year < 9999 else None
    except (ValueError, OverflowError):
        return None


_NO_OFFSET = re.compile(r"\d{4}-\d\d-\d\d[Tt ]+\d\d:\d\d.*")
_SERIAL = re.compile(r"[1-9]\d{4}(?:[.,]\d+)?")
_EPOCH = re.compile(r"1\d{9}(?:\d{3}){0,3}(?:\.\d+)?")
_LOCAL = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\b.*")


def why_no_moment(value: object) -> str:
    """What a value that is no moment seems to be, as the rest of a sentence; else nothing."""
    text = str(value).strip()
    if _NO_OFFSET.fullmatch(text):
        return ", a time without an offset"
    if _SERIAL.fullmatch(text):
        return ", the number by which a spreadsheet counts days, without an offset"
    if _EPOCH.fullmatch(text):
        return ", a count of seconds since 1970 or of parts of them"
    if _LOCAL.fullmatch(text):
        return ", a date in one country's order, without an offset"
    return ""
