"""What each reviewer says of found cases, on disk before anybody is told that it is kept.

One file a reviewer, replaced whole under a lock: found cases are few. Leaves what is written into
the suite to `found.queue`.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dialgate.cases.accepting.journal import journal_of
from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import JsonTextError, json_line, parse_json
from dialgate_evals.files.problems import Problem, show_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = "found-*.json"


class FoundWord(StrEnum):
    """What a reviewer says of a found case."""

    TAKE = "take"
    # this is what should follow: it becomes the suite's
    LEAVE = "leave"
    # it is not right, or not wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDecision:
    """One reviewer's word on one found case."""

    digest: str
    # of the case's document: another version of it is another case
    word: FoundWord
    reviewer: str
    at: str
    # RFC 3339, UTC


def decisions_file(folder: Path, reviewer: str) -> Path:
    """Where the reviewer's words on found cases lie: beside their journal, by the same name."""
    name = journal_of(folder, reviewer, "").path.name
    return folder / f"{name.replace('decisions-', 'found-', 1).removesuffix('.jsonl')}.json"


def read_all(folder: Path) -> list[FoundDecision]:
    """Everybody's decisions, by file. Raises ConfigurationError where a file is none of these."""
    return [item for path in sorted(folder.glob(NAMES)) for item in _read(path)]


def keep(folder: Path, decision: FoundDecision, *, word: FoundWord | None) -> None:
    """Keeps the decision with this word; None takes the reviewer's word on the case back.

    Raises UsageError where the disk doesn't take it.
    """
    path = decisions_file(folder, decision.reviewer)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(path):
            known = _read(path) if path.exists() else []
            rows = [
                {"digest": item.digest, "word": item.word.value, "at": item.at}
                for item in known
                if item.digest != decision.digest
            ]
            if word is not None:
                rows.append({"digest": decision.digest, "word": word.value, "at": decision.at})
            document = {"schema": 1, "found": decision.reviewer, "decisions": rows}
            write_atomically(path, json_line(document))
    except OSError as error:
        raise UsageError(f"{show_path(path)}: {error.strerror}. Nothing was kept.") from None


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """The file itself is replaced, so that another one beside it holds the lock."""
    lock = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _read(path: Path) -> list[FoundDecision]:
    try:
        document = parse_json(path.read_bytes())
    except JsonTextError as error:
        raise _bad(path, str(error)) from None
    if not isinstance(document, dict) or set(document) != {"schema", "found", "decisions"}:
        raise _bad(path, "other keys than schema, found and decisions")
    reviewer, rows = document["found"], document["decisions"]
    if document["schema"] != 1 or not isinstance(reviewer, str) or not isinstance(rows, list):
        raise _bad(path, "another format")
    return [_decision(path, row, reviewer) for row in rows]


def _decision(path: Path, row: Any, reviewer: str) -> FoundDecision:  # noqa: ANN401 - unchecked JSON
    keys = {"digest", "word", "at"}
    is_row = isinstance(row, dict) and set(row) == keys
    if not is_row or not all(isinstance(value, str) for value in row.values()):
        raise _bad(path, "a decision without just a digest, a word and a time")
    if row["word"] not in set(FoundWord):
        raise _bad(path, f"the word {row['word']!r}")
    return FoundDecision(
        digest=row["digest"], word=FoundWord(row["word"]), reviewer=reviewer, at=row["at"]
    )


def _bad(path: Path, found: str) -> ConfigurationError:
    return ConfigurationError(
        [
            Problem(
                file=show_path(path),
                found=found,
                expected="a reviewer's words on found cases, as they were written",
                advice="Restore the file, or move it away to begin anew.",
            )
        ]
    )
