"""Rows of a source that are no review events: how many are too many, and one sentence a kind.

A column that is written in another way is wrong in every row; it is said once, with its rows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.files.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

BAD_SHARE = 0.01
"""More bad rows than this share, and the file is refused as a whole."""

MOST_NAMED = 100
"""So many kinds of bad rows are listed where a source is refused; the others are counted."""

_FEW = 3
# rows of a kind that are named one by one
_MOST_RANGES = 10
_VALUE = re.compile(r'"(?:[^"\\]|\\.)*"|\d+(?:\.\d+)?')


def are_too_many(*, rows: int, bad_rows: int) -> bool:
    """Whether so many bad rows make the whole source one that can't be trusted."""
    return bad_rows > BAD_SHARE * rows


def refuse_bad(bad: Sequence[Problem], *, rows: int, bad_rows: int) -> None:
    """Raises ConfigurationError where over 1 % of the rows are bad, with each kind of them."""
    if not are_too_many(rows=rows, bad_rows=bad_rows):
        return
    listed = [problem for alike in _kinds(bad) for problem in _told(alike, rows)]
    named = listed[:MOST_NAMED]
    if len(listed) > MOST_NAMED:
        more = len(listed) - MOST_NAMED
        found = f"{more:,} more kinds of bad rows; {bad_rows:,} of {rows:,} rows in all"
        named.append(Problem(file=bad[0].file, found=found, expected="at most 1 % bad"))
    raise ConfigurationError(named)


def _kinds(bad: Sequence[Problem]) -> list[list[Problem]]:
    """Problems that differ in nothing but their place and the values that they show."""
    found: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in bad:
        key = (problem.file, _VALUE.sub("…", problem.found), problem.expected)
        found.setdefault(key, []).append(problem)
    return list(found.values())


def _told(alike: Sequence[Problem], rows: int) -> Sequence[Problem]:
    if len(alike) <= _FEW:
        return alike
    first = alike[0]
    others = _ranges([problem.place for problem in alike[1:]])
    advice = f"The same in {others}: {len(alike):,} of {rows:,} rows. {first.advice}".rstrip()
    return [
        Problem(file=first.file, place=first.place, found=first.found, expected=first.expected,
                advice=advice)
    ]  # fmt: skip


def _ranges(places: Sequence[str]) -> str:
    """`lines 3-13 and 15`; the places as they are where they hold no numbers."""
    numbers = [int(found[1]) for place in places if (found := re.search(r"(\d+)$", place))]
    if len(numbers) != len(places):
        return f"{len(places):,} more places"
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    shown = [str(one) if one == last else f"{one}-{last}" for one, last in spans[:_MOST_RANGES]]
    more = len(spans) - len(shown)
    word = (re.match(r"[a-z]+", places[0]) or ["line"])[0]
    return f"{word}s {', '.join(shown)}{' and others' if more else ''}"
