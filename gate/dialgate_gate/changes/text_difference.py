"""What differs between two texts, word by word or line by line, as pieces in reading order.

Pure; knows nothing of releases and leaves colors and signs to `reports`. Long equal stretches are
cut to what stands beside a change, with the number of words or lines that were left out.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Piece = dict[str, str]

_CONTEXT = 14
_MOST_PARTS = 6_000
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


def compare_words(before: str, now: str) -> list[Piece]:
    """Pieces {op, text}, op one of `same`, `removed`, `added`, `skipped`; empty where equal.

    >>> compare_words("Refund up to 50 USD.", "Refund up to 200 USD.")[1:3]
    [{'op': 'removed', 'text': '50'}, {'op': 'added', 'text': '200'}]
    """
    return _pieces(_WORDS.findall(before), _WORDS.findall(now), "words")


def compare_lines(before: str, now: str) -> list[Piece]:
    """As `compare_words`, line by line."""
    return _pieces(before.splitlines(keepends=True), now.splitlines(keepends=True), "lines")


def _pieces(before: Sequence[str], now: Sequence[str], unit: str) -> list[Piece]:
    """Quadratic in the worst case, hence texts of many parts are shown as replaced whole."""
    if list(before) == list(now):
        return []
    if len(before) + len(now) > 2 * _MOST_PARTS:
        return _changed("".join(before), "".join(now))
    found: list[Piece] = []
    matcher = SequenceMatcher(a=before, b=now, autojunk=False)
    blocks = matcher.get_opcodes()
    for number, (op, start, end, low, high) in enumerate(blocks):
        if op == "equal":
            is_first, is_last = number == 0, number == len(blocks) - 1
            found += _same(before[start:end], unit, is_first=is_first, is_last=is_last)
        else:
            found += _changed("".join(before[start:end]), "".join(now[low:high]))
    return found


def _changed(removed: str, added: str) -> list[Piece]:
    pieces = ({"op": "removed", "text": removed}, {"op": "added", "text": added})
    return [piece for piece in pieces if piece["text"]]


def _same(parts: Sequence[str], unit: str, *, is_first: bool, is_last: bool) -> list[Piece]:
    """An equal stretch; its middle is left out where that saves room."""
    head = 0 if is_first else 2 * _CONTEXT
    tail = 0 if is_last else 2 * _CONTEXT
    cut = parts[head : len(parts) - tail]
    left_out = sum(not part.isspace() for part in cut)
    if left_out <= _CONTEXT:
        return [{"op": "same", "text": "".join(parts)}]
    pieces = (
        {"op": "same", "text": "".join(parts[:head])},
        {"op": "skipped", "text": f"{left_out:,} {unit}"},
        {"op": "same", "text": "".join(parts[len(parts) - tail :]) if tail else ""},
    )
    return [piece for piece in pieces if piece["text"]]
