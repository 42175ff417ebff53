"""Numbers that a text states, whatever notation its language has.

`1.234,56`, `1,234.56`, `1 234,56`, `1'234.56` and `1,23,456` are read; where a notation has two
readings (`1,234`), both are kept, unless the text's other numbers show which mark is its decimal
one. Leaves what must be stated to `stated`.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from dialgate_evals.actions.rubrics.rules.folded_text import fold_word, fold_words
from dialgate_evals.actions.rubrics.rules.language_words import (
    LARGE_NUMERALS,
    MAGNITUDES,
    NUMERALS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMBER = re.compile(
    r"(?<![\w.,])(?<![^\W\d_][-–/#:])(?<![0-9]:)([-−+]?)([$€£¥]\s?)?"
    r"([0-9]+(?:[.,'’][0-9]+|[ \u00a0\u202f\u2009][0-9]{3}(?![0-9]))*)"
    r"(?!:?[0-9]|[^\W\d_]+[0-9])(?:\s?([^\W\d_]+|[$€£¥]))?"
)
_CURRENCIES = frozenset("$ € £ ¥ eur euro euros usd gbp chf dollar dollars pounds yen inr".split())
"""Of two decimals or none: three digits behind a mark are thousands."""
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'’")
_LONGEST = 40
"""Characters of a number; more is an id."""


class StatedNumber(Struct, frozen=True, kw_only=True):
    """One number in a text with everything that it may mean."""

    readings: tuple[Decimal, ...]
    # none: digits that are no number in any notation
    start: int
    # its place in the text


def numbers_in(plain: str) -> tuple[StatedNumber, ...]:
    """Every number that the text writes in digits, in order.

    >>> [str(item.readings[0]) for item in numbers_in("1.234,56 € und 12,50 €")]
    ['1234.56', '12.50']
    """
    text = _ascii_digits(plain)
    found = [(match, _of_money(match)) for match in _NUMBER.finditer(text)]
    marks = {mark for _, readings in found for mark in _decimal_marks(readings)}
    mark = marks.pop() if len(marks) == 1 else None
    return tuple(
        [
            StatedNumber(readings=_values(match[1], readings, match[4], mark), start=match.start())
            for match, readings in found
        ]
    )


class Numerals(Struct, frozen=True, kw_only=True):
    """What a text says of numbers in words."""

    small: frozenset[int]
    # zero to twelve
    has_large: bool
    # a word that is a part of a larger number

    def may_say(self, value: Decimal) -> bool:
        """Whether the words may say the number, without a digit."""
        return value in self.small or (abs(value) > 12 and self.has_large)


@lru_cache(maxsize=64)
def numerals_in(plain: str) -> Numerals:
    """The numerals of a text, in any of the languages that the rules know."""
    words = set(fold_words(plain))
    return Numerals(
        small=frozenset([NUMERALS[word] for word in words if word in NUMERALS]),
        has_large=any(_LARGE.search(word) for word in words),
    )


_LARGE = re.compile(
    "|".join([part if len(part) > 5 else f"^{part}$" for part in sorted(LARGE_NUMERALS)])
)
"""`twenty`, and `vierzig` inside `zweiundvierzig`."""


def _ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(c)) if c.isdigit() and c.isdecimal() else c for c in text)


def _of_money(match: re.Match[str]) -> Sequence[tuple[str, str]]:
    """The readings of a match; an amount of money has no three decimals."""
    readings = _readings(match[3])
    is_money = match[2] is not None or fold_word(match[4] or "") in _CURRENCIES
    return readings[:1] if is_money and len(readings) == 2 else readings


def _readings(token: str) -> Sequence[tuple[str, str]]:
    """Every way to read the digits: the value as text, and the mark that was the decimal one."""
    bare = token.translate(_SPACES)
    if len(bare) > _LONGEST:
        return ()
    has_groups = bare != token and ("'" in token or "’" in token or not token.isascii())
    dots, commas = bare.count("."), bare.count(",")
    if not dots and not commas:
        return [(bare, "")]
    if dots and commas:
        return _of_both(bare)
    mark = "." if dots else ","
    parts = bare.split(mark)
    if len(parts) > 2:
        return [("".join(parts), "")] if _is_grouping(parts) else []
    decimal = (".".join(parts), mark)
    is_group = _is_grouping(parts) and not has_groups and parts[0] != "0"
    return [("".join(parts), "grouping"), decimal] if is_group else [decimal]


def _of_both(bare: str) -> Sequence[tuple[str, str]]:
    mark = max(".", ",", key=bare.rfind)
    other = "," if mark == "." else "."
    whole, _, part = bare.rpartition(mark)
    if mark in whole or not _is_grouping(whole.split(other)):
        return []
    return [(f"{whole.replace(other, '')}.{part}", mark)]


def _is_grouping(parts: Sequence[str]) -> bool:
    """Thousands in threes, or as in India: 12,34,567."""
    first, *rest = parts
    if not 1 <= len(first) <= 3 or not rest or len(rest[-1]) != 3:
        return False
    return all(len(part) == 3 for part in rest) or (
        len(first) <= 2 and all(len(part) == 2 for part in rest[:-1])
    )


def _decimal_marks(readings: Sequence[tuple[str, str]]) -> set[str]:
    """What the number shows to be the text's decimal mark; nothing where it could be either."""
    return {mark for _, mark in readings if mark in {".", ","}} if len(readings) == 1 else set()


def _values(
    sign: str, readings: Sequence[tuple[str, str]], unit: str | None, mark: str | None
) -> tuple[Decimal, ...]:
    if len(readings) == 2 and mark is not None:
        # "1,234" in a text that writes 12.50: a comma groups there.
        readings = readings[1:] if readings[1][1] == mark else readings[:1]
    powers = MAGNITUDES.get(fold_word(unit), (0,)) if unit else (0,)
    factor = -1 if sign in {"-", "−"} else 1
    return tuple([factor * Decimal(text).scaleb(power) for text, _ in readings for power in powers])
