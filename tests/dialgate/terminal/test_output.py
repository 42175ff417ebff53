"""Reports go where they are asked to go, and leave what is there in its kind."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from dialgate.terminal.output import write_text
from dialgate_evals.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_text(str(pipe), "a report\n")
        assert os.read(reader, 100) == b"a report\n"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_folder_can_hold_no_report(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be written"):
        write_text(str(tmp_path), "a report\n")
