"""Pseudonyms: what stands for a person's value, made from the value and a key.

The same value always gets the same pseudonym under one key, in every case and file, and nobody
without the key can find the value by trying (docs/adr/0008-keyed-pseudonyms.md). A pseudonym keeps
the shape of its value: letters stay letters of the same case, digits digits, check digits right.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from dialgate_evals.events.deriving.redacting.personal_values import (
    ValueKind,
    iban_remainder,
    luhn_sum,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

DOMAIN = "example.com"
"""Where pseudonymous mail addresses live: reserved, so that none is anybody's (RFC 2606)."""

_DIGITS = "0123456789"
_DAY = re.compile(r"([12]\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(T.*)?", re.ASCII)
_LOCAL_DAY = re.compile(
    r"(?:0?[1-9]|[12]\d|3[01])([./-])(?:0?[1-9]|[12]\d|3[01])\1([12]\d{3})", re.ASCII
)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pseudonyms:
    """Makes pseudonyms with one key; `keeps_domains` leaves the domain of mail addresses."""

    key: bytes
    keeps_domains: bool = False

    def pseudonym(self, value: str, kind: ValueKind, attempt: int = 0) -> str:
        """What stands for the value; another `attempt` gives another pseudonym."""
        match kind:
            case ValueKind.EMAIL:
                return self._email(value, attempt)
            case ValueKind.PHONE:
                stream = self._stream("phone", _only_digits(value), attempt)
                return _same_shape(value, stream)
            case ValueKind.CARD:
                return self._card(value, attempt)
            case ValueKind.IBAN:
                return self._iban(value, attempt)
            case ValueKind.SECRET | ValueKind.NAMED:
                # One word for both: a name that a pattern finds here and a pointer there is one.
                return _same_form(value, self._stream("named", value.casefold(), attempt))
            case _ as never:
                assert_never(never)

    def _email(self, value: str, attempt: int) -> str:
        local, _, domain = value.rpartition("@")
        stream = self._stream("email", value.casefold(), attempt)
        tag = "".join(string.ascii_lowercase[next(stream) % 26] for _ in range(5))
        shown = domain if self.keeps_domains else DOMAIN
        return f"{_same_shape(local, stream)}.{tag}@{shown}"

    def _card(self, value: str, attempt: int) -> str:
        digits = _only_digits(value)
        stream = self._stream("card", digits, attempt)
        # The first digit names the scheme and stays; the last makes Luhn's sum right.
        made = [int(digits[0]), *(next(stream) % 10 for _ in digits[1:-1])]
        return _with_digits(value, [*made, -luhn_sum([*made, 0]) % 10])

    def _iban(self, value: str, attempt: int) -> str:
        plain = value.replace(" ", "")
        stream = self._stream("iban", plain, attempt)
        body = _same_shape(plain[4:], stream)
        check = 98 - iban_remainder(f"{plain[:2]}00{body}")
        made = iter(f"{plain[:2]}{check:02}{body}")
        return "".join(" " if character == " " else next(made) for character in value)

    def _stream(self, kind: str, text: str, attempt: int) -> Iterator[int]:
        """Endless numbers that only the key and the text decide."""
        message = f"{kind}\0{attempt}\0{text}".encode("utf-8", "surrogatepass")
        block = hmac.digest(self.key, message, hashlib.sha256)
        while True:
            for index in range(0, len(block), 2):
                yield int.from_bytes(block[index : index + 2], "big")
            block = hmac.digest(self.key, block, hashlib.sha256)


def _only_digits(value: str) -> str:
    return "".join(character for character in value if character in _DIGITS)


def _with_digits(value: str, digits: list[int]) -> str:
    made = iter(digits)
    return "".join(str(next(made)) if character in _DIGITS else character for character in value)


def _same_form(value: str, stream: Iterator[int]) -> str:
    """The value's shape; a day stays one of its year and a UUID one, as schemas ask for both."""
    if day := _DAY.fullmatch(value):
        month, number = 1 + next(stream) % 12, 1 + next(stream) % 28
        return f"{day[1]}-{month:02}-{number:02}{day[2] or ''}"
    if day := _LOCAL_DAY.fullmatch(value):
        # Both at most 12: a day in either order.
        one, other = 1 + next(stream) % 12, 1 + next(stream) % 12
        return f"{one:02}{day[1]}{other:02}{day[1]}{day[2]}"
    if _UUID.fullmatch(value):
        letters = "ABCDEF" if any(map(str.isupper, value)) else "abcdef"
        return "".join(c if c == "-" else (_DIGITS + letters)[next(stream) % 16] for c in value)
    return _same_shape(value, stream)


def _same_shape(value: str, stream: Iterator[int]) -> str:
    """The value with other letters and digits; a first digit that is not 0 stays so."""
    made: list[str] = []
    has_digit = False
    for character in value:
        if not character.isalnum():
            made.append(character)
            continue
        number = next(stream)
        if character in _DIGITS:
            leads = not has_digit and character != "0"
            made.append(str(1 + number % 9) if leads else str(number % 10))
            has_digit = True
        else:
            letters = string.ascii_uppercase if character.isupper() else string.ascii_lowercase
            made.append(letters[number % 26])
    return "".join(made)
