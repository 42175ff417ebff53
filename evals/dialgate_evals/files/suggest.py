"""Did you mean: the closest of the known words.

Knows nothing of where the words come from.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def suggest_word(word: str, known: Iterable[str]) -> str:
    """`Did you mean "…"?` where a known word is close, else an empty string."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.7)
    return f'Did you mean "{close[0]}"?' if close else ""
