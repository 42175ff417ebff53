"""A problem: what is wrong where, what was expected, what to do.

Knows how a problem reads as a sentence; leaves finding problems to the readers and to lint.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dialgate_evals.files.plain_text import printable, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong in one place of one file."""

    file: str
    # path as a person would type it, relative to the current folder
    place: str = ""
    # line ("line 12"), key ("gate.alpha") or JSON Pointer; empty: the file as a whole
    found: str
    expected: str
    advice: str = ""
    # what to do; empty where `expected` says it all
    severity: Severity = "error"

    def __str__(self) -> str:
        where = f"{self.file}: {self.place}" if self.place else self.file
        sentence = f"{where}: found {self.found}; expected {self.expected}."
        return printable(f"{sentence} {self.advice}".rstrip())


def show_path(path: Path) -> str:
    """The path as a person would type it from the current folder."""
    return os.path.relpath(path).replace(os.sep, "/")


def show_value(value: object) -> str:
    """A value found in a file, as one short printable line."""
    if isinstance(value, str):
        return shorten(f'"{value}"', 80)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, dict):
        return shorten(f"a table with {join_words([str(key) for key in value]) or 'no keys'}", 80)
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return shorten(str(value), 80)


def join_words(words: Sequence[str]) -> str:
    """`a, b and c`, for the lists in sentences."""
    if len(words) <= 1:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]
