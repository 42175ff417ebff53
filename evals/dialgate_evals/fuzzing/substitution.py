"""Whole names and numbers replaced throughout a case, all at once, so that it stays consistent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dialgate_evals.fuzzing.documents import Document, map_texts

if TYPE_CHECKING:
    from collections.abc import Mapping


def substitute(document: Mapping[str, object], names: Mapping[str, str]) -> Document:
    """The case with each name replaced wherever it stands as a word of its own.

    >>> case = {"messages": [{"role": "user", "content": "A-1, not A-12"}], "expect": {}}
    >>> substitute(case, {"A-1": "A-7"})["messages"][0]["content"]
    'A-7, not A-12'
    """
    parts = sorted(names, key=lambda name: (-len(name), name))
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, parts)) + r")(?!\w)")
    return map_texts(document, lambda text: pattern.sub(lambda found: names[found[0]], text))


def is_in(name: str, text: str) -> bool:
    """Whether the name stands in the text as a word of its own, whatever its letters' size."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None
