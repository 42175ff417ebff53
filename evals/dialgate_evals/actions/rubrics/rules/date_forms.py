"""Days that a text names, as people write them in several languages.

`2026-11-29`, `29.11.2026`, `11/29/2026`, `November 29th, 2026`, `29 de noviembre`; where day and
month could be exchanged both readings are kept. Leaves what must be stated to `stated`.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from dialgate_evals.actions.rubrics.rules.folded_text import fold_word
from dialgate_evals.actions.rubrics.rules.language_words import MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterator

_MONTH = r"([^\W\d_]{3,10})\.?"
_DAY = r"([0-9]{1,2})(?:st|nd|rd|th|er|º|ª|\.)?"
_OF = r"(?:of\s|de\s|di\s)?"
_YEAR = r"([0-9]{4})"
_SHORT_YEAR = r"([0-9]{4}|[0-9]{2})"
_TWO = r"([0-9]{1,2})"
_FORMS = (
    ("ymd", rf"(?<!\d){_YEAR}[-/.]{_TWO}[-/.]{_TWO}(?!\d)"),
    ("ymd", rf"(?<!\d){_YEAR}年\s?{_TWO}月\s?{_TWO}日"),
    ("dmy", rf"(?<![\d.]){_TWO}\.\s?{_TWO}\.(?:\s?{_SHORT_YEAR})?(?!\d|\.\d)"),
    ("either", rf"(?<![\d/]){_TWO}[/-]{_TWO}[/-]{_SHORT_YEAR}(?![\d/-])"),
    ("named", rf"(?<!\w){_DAY}\s{_OF}{_MONTH}(?:,?\s(?:de\s|del\s)?{_YEAR})?(?!\w)"),
    ("month first", rf"(?<!\w){_MONTH}\s{_DAY}(?:,?\s{_YEAR})?(?!\w)"),
)
_PATTERNS = tuple([(form, re.compile(pattern)) for form, pattern in _FORMS])

Day = tuple[int | None, int, int]
"""Year (None: not said), month, day."""


class StatedDay(Struct, frozen=True, kw_only=True):
    """One day in a text with everything that it may mean."""

    readings: tuple[Day, ...]
    start: int
    end: int


@lru_cache(maxsize=64)
def days_in(plain: str) -> tuple[StatedDay, ...]:
    """Every day that the text names, in order.

    >>> days_in("until 29.11.2026")[0].readings
    ((2026, 11, 29),)
    >>> days_in("on 3/4/2026")[0].readings
    ((2026, 4, 3), (2026, 3, 4))
    """
    found: list[StatedDay] = []
    taken = bytearray(len(plain))
    for form, pattern in _PATTERNS:
        for match in pattern.finditer(plain):
            readings = tuple([day for day in _readings(form, match) if _exists(day)])
            if readings and not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = b"x" * len(match[0])
                found.append(StatedDay(readings=readings, start=match.start(), end=match.end()))
    return tuple(sorted(found, key=lambda day: day.start))


def means(reading: Day, day: dt.date) -> bool:
    """Whether the reading is the day; a year that nobody said fits any."""
    year, *rest = reading
    return year in {None, day.year} and rest == [day.month, day.day]


def without_days(plain: str, days: tuple[StatedDay, ...]) -> str:
    """The text with what names days blanked out: their digits are no numbers."""
    parts, begin = [], 0
    for day in days:
        parts += [plain[begin : day.start], " " * (day.end - day.start)]
        begin = day.end
    return "".join([*parts, plain[begin:]])


def _readings(form: str, match: re.Match[str]) -> Iterator[Day]:
    first, second, third = match.groups()
    if form == "ymd":
        yield int(first), int(second), int(third)
    elif form == "dmy":
        yield _year(third), int(second), int(first)
    elif form == "either":
        yield from dict.fromkeys(
            [(_year(third), int(second), int(first)), (_year(third), int(first), int(second))]
        )
    else:
        day, month = (first, second) if form == "named" else (second, first)
        number = MONTHS.get(fold_word(month))
        if number is not None:
            yield _year(third), number, int(day)


def _year(text: str | None) -> int | None:
    if text is None:
        return None
    return int(text) if len(text) == 4 else 2000 + int(text)


def _exists(day: Day) -> bool:
    year, month, number = day
    try:
        dt.date(2024 if year is None else year, month, number)
    except ValueError:
        return False
    return True
