"""The files that a command wrote, in few lines: those of a folder in one sentence."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from dialgate_evals.files.problems import join_words
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WIDTH = 80


def wrote_lines(files: Sequence[str], *folders: str) -> Iterator[str]:
    """A sentence for each of the folders, by the first that holds a file, and one for the rest."""
    rest = list(files)
    for folder in folders:
        inside = [file for file in rest if PurePath(file).is_relative_to(folder)]
        rest = [file for file in rest if file not in inside]
        names = [PurePath(file).relative_to(folder).as_posix() for file in inside]
        yield from _sentence(names, f"wrote {folder}: ")
    yield from _sentence(rest, "wrote ")


def _sentence(names: Sequence[str], head: str) -> Iterator[str]:
    if names:
        yield wrap(join_words(list(names)), _WIDTH, head, "  ")
