"""Reads and writes labels and what judges said of them: files in the suite's folder.

Every problem is collected; a line that says of itself what it isn't is one. Leaves what they mean
to `label`.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from dialgate_evals.actions.rubrics.labels.label import parse_label
from dialgate_evals.actions.rubrics.votes import Answer
from dialgate_evals.files.file_reading import json_pointer
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_lines import read_json_lines
from dialgate_evals.files.json_text import JsonTextError, json_line
from dialgate_evals.files.problems import Problem, show_path, show_value
from dialgate_evals.files.schema_validation import check_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from dialgate_evals.actions.rubrics.labels.label import Label
    from dialgate_evals.files.file_reading import Problems

FOLDER = "labels"
CALIBRATION = "calibration.jsonl"
MOST_LABELS = 100_000
"""Of all files of a suite together."""


class CastVote(Struct, frozen=True, kw_only=True):
    """What a version of the judge said of one question."""

    judge: str
    # digest of the judge as a whole
    question: str
    # digest
    answer: Answer
    votes: Mapping[str, Answer]
    # by judge of judge.toml, or `rules`
    at: str

    def as_json(self) -> dict[str, Any]:
        """The vote as its file holds it."""
        return {
            "schema": 1,
            "judge": self.judge,
            "question": self.question,
            "answer": self.answer.value,
            "votes": [{"judge": name, "answer": said.value} for name, said in self.votes.items()],
            "at": self.at,
        }


def read_labels(folder: Path, problems: Problems) -> list[Label]:
    """All labels of the suite in `folder`; none where it has no such files."""
    found: list[Label] = []
    if (folder / FOLDER).is_symlink():
        place = show_path(folder / FOLDER)
        problems.append(Problem(file=place, found="a link", expected="a folder of the suite's own"))
        return found
    for path in sorted((folder / FOLDER).glob("*.jsonl")):
        for place, document in _documents(path, "label", problems):
            if len(found) == MOST_LABELS:
                expected = f"at most {MOST_LABELS:,} in {FOLDER}/"
                problems.append(
                    Problem(file=show_path(path), found="more labels", expected=expected)
                )
                return found
            label = parse_label(document)
            if label.question.digest != document["question"]:
                problems.append(
                    Problem(
                        file=show_path(path),
                        place=f"{place}/question",
                        found=show_value(document["question"]),
                        expected=f"{label.question.digest}, the digest of what the line asks",
                    )
                )
                continue
            found.append(label)
    return found


def read_votes(folder: Path, problems: Problems) -> list[CastVote]:
    """What judges said of labelled texts, in the file's order."""
    path = folder / CALIBRATION
    return [
        CastVote(
            judge=document["judge"],
            question=document["question"],
            answer=Answer(document["answer"]),
            votes={item["judge"]: Answer(item["answer"]) for item in document["votes"]},
            at=document["at"],
        )
        for _, document in _documents(path, "calibration", problems)
    ]


def _documents(path: Path, schema: str, problems: Problems) -> Iterator[tuple[str, Any]]:
    file = show_path(path)
    if path.is_symlink():
        problems.append(Problem(file=file, found="a link", expected="a file of the suite's own"))
        return
    if not path.exists():
        return
    try:
        for number, document in read_json_lines(path):
            place = f"line {number}"
            if isinstance(document, JsonTextError):
                problems.append(
                    Problem(file=file, place=place, found=str(document), expected="one JSON object")
                )
                continue
            bad = check_document(document, schema, file, _in_line(place))
            problems.extend(bad)
            if not bad:
                yield place, document
    except OSError as error:
        found = f"a file that can't be read ({error.strerror})"
        problems.append(Problem(file=file, found=found, expected="JSON Lines"))


def _in_line(place: str) -> Callable[[tuple[str | int, ...]], str]:
    return lambda path: f"{place}{json_pointer(path)}"


def append_label(folder: Path, label: Label) -> Path:
    """Adds a line to the person's own file of the suite, and is back once it is on the disk.

    A last line that a crash cut short is dropped. Raises OSError.
    """
    place = folder / FOLDER
    if place.is_symlink():
        raise OSError(errno.ELOOP, "a link in place of the folder", str(place))
    place.mkdir(exist_ok=True)
    path = place / f"{_plain(label.person)}.jsonl"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        end = _end_of_whole_lines(descriptor)
        os.ftruncate(descriptor, end)
        os.pwrite(descriptor, json_line(label.as_json()), end)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return path


def _end_of_whole_lines(descriptor: int) -> int:
    size = os.fstat(descriptor).st_size
    while size > 0:
        start = max(0, size - 65_536)
        last = os.pread(descriptor, size - start, start).rfind(b"\n")
        if last >= 0:
            return start + last + 1
        size = start
    return 0


def write_votes(folder: Path, votes: Iterable[CastVote]) -> Path:
    """Writes the file anew, whole or not at all."""
    path = folder / CALIBRATION
    write_atomically(path, b"".join(json_line(vote.as_json()) for vote in votes))
    return path


def _plain(person: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", person.casefold()).strip("-")[:60] or "someone"
