"""What redaction remembers of parts that come again: a conversation's history repeats itself.

Knows texts by what they hold; leaves what is replaced to `event_redaction`.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.deriving.redacting.personal_values import Span, ValueKind, find_values
from dialgate_evals.files.json_text import json_line

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Sequence


class Memory:
    """What was found in parts that come again, and what they became: histories repeat themselves.

    Belongs to one set of rules, whose secrets alone may differ.
    """

    def __init__(self) -> None:
        self.found: OrderedDict[bytes, tuple[dict[str, ValueKind], set[str]]] = OrderedDict()
        self.made: OrderedDict[tuple[bytes, bytes], Any] = OrderedDict()

    @staticmethod
    def key(part: object) -> bytes:
        """The same for the same data only."""
        return hashlib.blake2b(json_line(part), digest_size=16).digest()

    def bound(self) -> None:
        """Forgets the oldest texts, so that no feed fills the memory."""
        for held in (self.found, self.made):
            while len(held) > _MOST_REMEMBERED:
                held.popitem(last=False)


_MOST_REMEMBERED = 4096


def find_spans(text: str, patterns: Sequence[re.Pattern[str]]) -> Iterator[Span]:
    """Every span that a built-in form or a pattern recognises; spans may overlap."""
    yield from _known_values(text) if len(text) <= _LONGEST_KNOWN else find_values(text)
    for pattern in patterns:
        for match in pattern.finditer(text):
            if match[0]:
                yield Span(start=match.start(), end=match.end(), kind=ValueKind.NAMED)


_LONGEST_KNOWN = 2**15


@lru_cache(maxsize=2048)
def _known_values(text: str) -> tuple[Span, ...]:
    """A text is looked at twice, and comes again where histories repeat it."""
    return tuple(find_values(text))
