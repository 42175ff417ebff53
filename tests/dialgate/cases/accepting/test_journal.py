"""A decision that was confirmed is on disk; a crash costs at most the one that was not."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

import pytest

from dialgate.cases.accepting.journal import Journal, all_journals, journal_of
from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.events.accepting.decisions import Book, Decision, OutOfStepError, Word
from tests.integration.command_line import PATHS

if TYPE_CHECKING:
    from pathlib import Path

AT = "2026-11-01T08:00:00.000Z"


def a_right(book: Book, item: str = "i") -> Decision:
    return Decision(seq=book.entries + 1, item=item, word=Word.RIGHT, reviewer="Ada", at=AT)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return journal_of(tmp_path / "new" / "folder", "Ada", "run-1")


def again(journal: Journal) -> Journal:
    found = Journal(journal.path, "Ada", "run-1")
    found.read()
    return found


def test_what_was_appended_is_read_again(journal: Journal) -> None:
    for item in "ijk":
        journal.append(partial(a_right, item=item))
    assert again(journal).book == journal.book
    assert list(journal.book.standing()) == ["i", "j", "k"]


def test_two_processes_on_one_journal_see_each_others_entries(journal: Journal) -> None:
    other = Journal(journal.path, "Ada", "run-1")
    journal.append(a_right)
    other.append(lambda book: a_right(book, "j"))
    journal.append(lambda book: a_right(book, "k"))
    assert list(journal.book.standing()) == ["i", "j", "k"]
    other.read()
    assert other.book == journal.book == again(journal).book


@pytest.mark.parametrize("cut", range(1, 40, 6))
def test_a_last_line_that_a_crash_cut_short_is_dropped(journal: Journal, cut: int) -> None:
    journal.append(a_right)
    whole = journal.path.read_bytes()
    journal.append(lambda book: a_right(book, "j"))
    torn = journal.path.read_bytes()[:-cut]
    journal.path.write_bytes(torn)
    found = again(journal)
    assert list(found.book.standing()) == ["i"]
    found.append(lambda book: a_right(book, "k"))
    assert journal.path.read_bytes().startswith(whole)
    assert list(again(journal).book.standing()) == ["i", "k"]


def test_a_crash_before_the_first_line_was_whole_loses_nothing(journal: Journal) -> None:
    journal.path.parent.mkdir(parents=True)
    journal.path.write_bytes(b'{"schema":1,"jour')
    assert all_journals(journal.path.parent, "run-1") == []
    journal.append(a_right)
    assert list(again(journal).book.standing()) == ["i"]


@pytest.mark.parametrize(
    "line",
    [b"{}\n", b"nonsense\n", b'{"do":"undo","seq":2,"at":"x","undoes":7}\n', b"\xff\n"],
)
def test_a_bad_line_in_the_middle_is_refused_with_its_place(journal: Journal, line: bytes) -> None:
    journal.append(a_right)
    journal.path.write_bytes(journal.path.read_bytes() + line)
    with pytest.raises(ConfigurationError) as caught:
        again(journal)
    assert [problem.place for problem in caught.value.problems] == ["line 3"]
    with pytest.raises(ConfigurationError):
        journal.append(a_right)


def test_a_journal_of_another_run_or_reviewer_is_refused(journal: Journal) -> None:
    journal.append(a_right)
    for reviewer, run in (("Ada", "run-2"), ("Bob", "run-1")):
        with pytest.raises(ConfigurationError):
            Journal(journal.path, reviewer, run).read()


def test_an_entry_that_can_not_follow_leaves_the_file_as_it_was(journal: Journal) -> None:
    journal.append(a_right)
    before = journal.path.read_bytes()
    with pytest.raises(OutOfStepError):
        journal.append(lambda book: a_right(Book(reviewer="Ada")))
    assert (journal.path.read_bytes(), journal.book.entries) == (before, 1)


def test_names_that_read_alike_have_journals_of_their_own(tmp_path: Path) -> None:
    names = ["Ada B", "Ada-B", "ada b", "../Ada", "Ada\x00", "é", ""]
    paths = {journal_of(tmp_path, name, "r").path for name in names}
    assert len(paths) == len(names)
    assert {path.parent for path in paths} == {tmp_path}


def test_a_folder_that_takes_no_files_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(UsageError, match="Nothing was kept"):
        journal_of(tmp_path / "taken", "Ada", "r").append(a_right)


KILLED = """
import os, signal, sys
from pathlib import Path
from dialgate.cases.accepting.journal import journal_of
from dialgate_evals.events.accepting.decisions import Decision, Word
journal = journal_of(Path(sys.argv[1]), "Ada", "r")
for number in range(1, 6):
    journal.append(lambda book: Decision(
        seq=number, item=f"i{number}", word=Word.RIGHT, reviewer="Ada", at="2026-11-01T08:00:00Z"))
    print(number, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_kill_9_loses_nothing_that_was_confirmed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        capture_output=True, text=True, check=False, env={"PYTHONPATH": PATHS, "PATH": "/usr/bin"},
    )  # fmt: skip
    assert done.returncode == -9
    confirmed = done.stdout.split()
    assert confirmed == ["1", "2", "3", "4", "5"]
    (journal,) = all_journals(tmp_path, "r")
    assert list(journal.book.standing()) == [f"i{number}" for number in confirmed]
