"""Regular expressions of JSON Schema, which are ECMA-262's, as Python's `re` reads them.

Translates what means something else in Python: classes are of ASCII, `$` is the very end, groups
are named otherwise, and `\\p{…}` doesn't exist. Patterns in Python's own spelling stay as they are.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SPACES = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_CATEGORIES = {
    "letter": "L", "alphabetic": "L", "alpha": "L", "lowercase_letter": "Ll", "lowercase": "Ll",
    "uppercase_letter": "Lu", "uppercase": "Lu", "number": "N", "decimal_number": "Nd",
    "digit": "Nd", "punctuation": "P", "punct": "P", "symbol": "S", "separator": "Z",
    "space_separator": "Zs", "white_space": "Z", "mark": "M", "other": "C", "control": "Cc",
}  # fmt: skip
_SCRIPTS = {
    "latin": "LATIN", "greek": "GREEK", "cyrillic": "CYRILLIC", "han": "CJK UNIFIED IDEOGRAPH",
    "hiragana": "HIRAGANA", "katakana": "KATAKANA", "arabic": "ARABIC", "hebrew": "HEBREW",
    "thai": "THAI", "hangul": "HANGUL", "devanagari": "DEVANAGARI",
}  # fmt: skip
_KEPT = frozenset("dDwWbBnrtfv0123456789")
# escapes that Python knows, with `re.ASCII` in ECMA's meaning


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern, ready to be searched. Raises re.error where it is none."""
    return re.compile(_Translation(pattern).text(), re.ASCII)


class _Translation:
    """One pass over a pattern."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._in_class = False
        self._out: list[str] = []

    def text(self) -> str:
        """The pattern in Python's words."""
        while self._at < len(self._pattern):
            self._step()
        return "".join(self._out)

    def _step(self) -> None:
        rest = self._pattern[self._at :]
        letter = rest[0]
        if letter == "\\" and len(rest) > 1:
            self._escape(rest)
        elif self._in_class:
            self._in_class = letter != "]"
            # Python warns of what might become set operations.
            self._take(1, "\\" + letter if letter in "[&~|" else letter)
        elif rest.startswith("[^]"):
            self._take(3, r"[\s\S]")
        elif rest.startswith("[]"):
            self._take(2, "(?!)")
        elif letter == "[":
            self._in_class = True
            size = 2 if rest.startswith("[^") else 1
            self._take(size, rest[:size])
        elif letter == "$":
            self._take(1, r"\Z")
        elif re.match(r"\(\?<[^=!]", rest):
            self._take(3, "(?P<")
        else:
            self._take(1, letter)

    def _escape(self, rest: str) -> None:
        letter = rest[1]
        if letter in "pP" and (found := re.match(r"\\[pP]\{([^}]*)\}", rest)):
            self._take(found.end(), self._category(found[1], negated=letter == "P"))
        elif letter in "sS":
            self._take(2, self._spaces(negated=letter == "S"))
        elif letter == "u" and (found := re.match(r"\\u\{([0-9a-fA-F]+)\}", rest)):
            self._take(found.end(), _code_point(int(found[1], 16)))
        elif letter == "u" and (found := _SURROGATES.match(rest)):
            pair = 0x10000 + ((int(found[1], 16) - 0xD800) << 10) + int(found[2], 16) - 0xDC00
            self._take(found.end(), _code_point(pair))
        elif re.match(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2})", rest):
            size = 6 if letter == "u" else 4
            self._take(size, rest[:size])
        elif letter == "c" and (found := re.match(r"\\c([a-zA-Z])", rest)):
            self._take(3, f"\\x{ord(found[1]) % 32:02x}")
        elif letter == "k" and (found := re.match(r"\\k<([^>]+)>", rest)):
            self._take(found.end(), f"(?P={found[1]})")
        elif letter in _KEPT or not letter.isalpha() or not letter.isascii():
            self._take(2, rest[:2])
        elif letter in "AZ":
            self._take(2, rest[:2])  # written by Python's people for its ends of text
        else:
            self._take(2, re.escape(letter))

    def _spaces(self, *, negated: bool) -> str:
        if self._in_class:
            return _SPACES if not negated else _complement(_SPACES)
        return f"[^{_SPACES}]" if negated else f"[{_SPACES}]"

    def _category(self, name: str, *, negated: bool) -> str:
        ranges = _ranges_of(name)
        if self._in_class:
            return _complement(ranges) if negated else ranges
        return f"[^{ranges}]" if negated else f"[{ranges}]"

    def _take(self, size: int, text: str) -> None:
        self._at += size
        self._out.append(text)


_SURROGATES = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


def _code_point(number: int) -> str:
    if number > sys.maxunicode:
        raise re.error(f"no character has the number {number:x}")
    return f"\\U{number:08x}"


@lru_cache(maxsize=64)
def _ranges_of(name: str) -> str:
    """The characters of a Unicode property as ranges of a class. Raises re.error: not known."""
    plain = name.rpartition("=")[2].strip()
    category = _CATEGORIES.get(plain.lower(), plain)
    script = _SCRIPTS.get(plain.lower())
    if script is not None:
        return _as_ranges(
            code for code in range(sys.maxunicode + 1)
            if unicodedata.name(chr(code), "").startswith(script)
        )  # fmt: skip
    if not re.fullmatch(r"[LMNPSZC][a-z]?", category):
        raise re.error(f"the Unicode property {name!r} is not known here")
    return _as_ranges(
        code for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)).startswith(category)
    )  # fmt: skip


def _as_ranges(codes: Iterable[int]) -> str:
    found: list[list[int]] = []
    for code in codes:
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in found)


def _complement(ranges: str) -> str:
    """The ranges of every other character, for use inside a class."""
    inside = re.compile(f"[{ranges}]")
    return _as_ranges(c for c in range(sys.maxunicode + 1) if not inside.match(chr(c)))
