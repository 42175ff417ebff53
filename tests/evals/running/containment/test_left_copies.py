"""What a killed run leaves behind is taken out by the next one, and nothing that lives."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.running.containment import left_copies
from dialgate_evals.running.containment.left_copies import HeldFolder
from tests.integration.command_line import PATHS

if TYPE_CHECKING:
    from pathlib import Path

HOLDS = """
import sys
from dialgate_evals.running.containment.left_copies import HeldFolder
held = HeldFolder(sys.argv[1])
print(held.path, flush=True)
sys.stdin.read()
"""


def a_run(place: Path) -> tuple[subprocess.Popen[str], str]:
    """A process that holds a folder there until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(place)],
        env={"PYTHONPATH": PATHS},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def names(place: Path) -> set[str]:
    return {str(path) for path in place.iterdir()}


def test_the_folder_of_a_killed_run_goes_and_that_of_a_living_one_stays(tmp_path: Path) -> None:
    living, lives = a_run(tmp_path)
    killed, left = a_run(tmp_path)
    killed.kill()
    killed.communicate(timeout=60)
    assert names(tmp_path) == {lives, left}
    mine = HeldFolder(str(tmp_path))
    assert names(tmp_path) == {lives, str(mine.path)}
    mine.close()
    living.communicate(timeout=60)


def test_what_is_nobody_s_copy_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tmp-copy-without-a-lock").mkdir()
    linked = tmp_path / "tmp-copy-linked"
    linked.mkdir()
    (tmp_path / "target").write_text("", "utf-8")
    (linked / "lock").symlink_to(tmp_path / "target")
    HeldFolder(str(tmp_path)).close()
    assert len(names(tmp_path)) == 3


def test_its_name_says_nothing_of_who_made_it(tmp_path: Path) -> None:
    """An agent sees where its tree lies."""
    held = HeldFolder(str(tmp_path))
    assert "dialgate" not in held.path.name
    held.close()


def test_a_folder_that_another_run_takes_out_before_it_is_held_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = fcntl.flock
    lock_calls: list[int] = []

    def hold_late(file: int, how: int) -> None:
        lock_calls.append(file)
        if len(lock_calls) == 1:
            # The other run looks for left folders at the worst moment.
            left_copies.take_out_left_folders(tmp_path)
        hold(file, how)

    monkeypatch.setattr(fcntl, "flock", hold_late)
    held = left_copies.HeldFolder(str(tmp_path))
    assert held.path.is_dir()
    assert list(tmp_path.iterdir()) == [held.path]
    held.close()


def test_where_no_folder_stays_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_copies, "_hold", lambda _folder: None)
    with pytest.raises(OSError, match=r"no folder below .* stays"):
        left_copies.HeldFolder(str(tmp_path))
