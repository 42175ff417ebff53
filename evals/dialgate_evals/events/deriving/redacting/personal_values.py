"""Where a text holds personal data or a secret that can be known by its form alone.

Knows e-mail addresses, phone numbers, card numbers (Luhn), IBANs (mod 97) and common secrets; a
name or a customer number has no form of its own: `personal_keys` knows usual names of fields, the
rest is left to `[redact]`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dialgate_evals.actions.secret_shapes import find_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class ValueKind(StrEnum):
    """What an identified value is; it decides which shape its pseudonym keeps."""

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    IBAN = "iban"
    SECRET = "secret"  # noqa: S105 - the name of a kind
    NAMED = "named"
    # by a pattern or a pointer of [redact]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One identified value in a text."""

    start: int
    end: int
    kind: ValueKind


_EMAIL = re.compile(
    # A quote before it is not part of it: many frameworks write data as Python or SQL does.
    r"(?<![\w.+%-])[\w.+%-][\w.+%'-]{0,63}"
    r"@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w-])"
)
_DIGIT_RUN = re.compile(r"(?<![\w+])\d(?:[ -]?\d){12,18}(?![\w])", re.ASCII)
_IBAN = re.compile(r"(?<![^\W_])[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{1,4}){3,8}(?![^\W_])", re.ASCII)
_PHONE = re.compile(
    r"""(?<![\w+.])(?:
        \+\d(?:[ ().\/-]{0,2}\d){7,14}           # international
      | 00[1-9]\d(?:[ ().\/-]{0,2}\d){6,12}      # international, dialled
      | \(\d{3}\)[ ]?\d{3}[ .-]\d{4}             # North America
      | \d{3}[.-]\d{3}[.-]\d{4}
      | 0\d{2,4}[ \/]\d{3,8}(?:[ -]\d{2,6})?     # trunk prefix, as in Germany or Britain
    )(?![\w-])""",
    re.ASCII | re.VERBOSE,
)
_LEAST_SECRET = 14
_LEAST_NUMBER = 8
_DIGIT = re.compile(r"\d", re.ASCII)
_CARD_PREFIX = re.compile(r"3[0-9]|4|5[0-9]|6[0-9]|2[2-7]")


def find_values(text: str) -> Iterator[Span]:
    """Every span that a built-in form recognises; spans may overlap."""
    if "@" in text:
        yield from _found(_EMAIL, text, ValueKind.EMAIL)
    if len(text) > _LEAST_SECRET:
        for match in find_secrets(text):
            yield Span(start=match.start(), end=match.end(), kind=ValueKind.SECRET)
    if len(text) < _LEAST_NUMBER or not _DIGIT.search(text):
        return
    for match in _DIGIT_RUN.finditer(text):
        if _CARD_PREFIX.match(match[0]) and is_card_number(match[0]):
            yield Span(start=match.start(), end=match.end(), kind=ValueKind.CARD)
    for match in _IBAN.finditer(text):
        end = _iban_end(match)
        if end is not None:
            yield Span(start=match.start(), end=end, kind=ValueKind.IBAN)
    yield from _found(_PHONE, text, ValueKind.PHONE)


def _found(pattern: re.Pattern[str], text: str, kind: ValueKind) -> Iterator[Span]:
    for match in pattern.finditer(text):
        yield Span(start=match.start(), end=match.end(), kind=kind)


def _iban_end(match: re.Match[str]) -> int | None:
    """Where the IBAN in the match ends: words in capitals may follow it."""
    text = match[0]
    for end in range(len(text), 14, -1):
        if text[end - 1] != " " and (end == len(text) or text[end] == " ") and is_iban(text[:end]):
            return match.start() + end
    return None


def is_card_number(text: str) -> bool:
    """Whether the digits of the text satisfy Luhn's check. Source: ISO/IEC 7812-1, annex B.

    >>> is_card_number("4111 1111 1111 1111"), is_card_number("4111 1111 1111 1112")
    (True, False)
    """
    digits = [int(character) for character in text if character in "0123456789"]
    return 13 <= len(digits) <= 19 and luhn_sum(digits) % 10 == 0


def luhn_sum(digits: Sequence[int]) -> int:
    """Luhn's sum over the digits, the check digit last."""
    doubled = [2 * d - 9 * (d > 4) if i % 2 else d for i, d in enumerate(reversed(digits))]
    return sum(doubled)


def is_iban(text: str) -> bool:
    """Whether the text is an IBAN by its check digits. Source: ISO 13616-1, mod 97-10.

    >>> is_iban("DE89 3704 0044 0532 0130 00"), is_iban("DE88 3704 0044 0532 0130 00")
    (True, False)
    """
    plain = text.replace(" ", "")
    return 15 <= len(plain) <= 34 and iban_remainder(plain) == 1


def iban_remainder(plain: str) -> int:
    """The IBAN without blanks as a number, the first four characters moved to the end, mod 97."""
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97
