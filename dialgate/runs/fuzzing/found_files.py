"""Where `fuzz` leaves what it found: cases, and beside them what the agent did in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

REPLAYED = "replayed.jsonl"
"""What `--replay` tried again: a file of its own, so that a search's findings stay."""


def fuzz_folder(out: Path, suite: str) -> Path:
    """Everything that searches of the suite of this name leave."""
    return out / "fuzz" / suite


def found_file(out: Path, suite: str) -> Path:
    """The cases that the last search found."""
    return fuzz_folder(out, suite) / "found.jsonl"


def trials_file(cases: Path) -> Path:
    """What the agent did in each of these cases: a trajectory a line."""
    return cases.with_name(f"{cases.stem}-trials.jsonl")
