"""The `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date.

Knows both forms; how long a trial really waits is left to the engine.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime


def parse_retry_after(value: str | None, *, now: dt.datetime) -> float | None:
    """Seconds from `now` (aware), at least 0; None where the header is absent or means nothing.

    >>> now = dt.datetime(2026, 11, 23, 12, 0, 0, tzinfo=dt.UTC)
    >>> parse_retry_after("7", now=now)
    7.0
    >>> parse_retry_after("Mon, 23 Nov 2026 12:00:30 GMT", now=now)
    30.0
    >>> parse_retry_after("soon", now=now) is None
    True
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdecimal():
        return float(text) if len(text) < 10 else None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - now).total_seconds())
