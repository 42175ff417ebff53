"""A side of `tools diff` may be a pipe: standard input, or what a shell puts in a file's place."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING

import pytest

from dialgate.changes.tool_diffing import read_side
from dialgate_evals.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

TOOLS = json.dumps([{"name": "pay", "parameters": {"type": "object"}}])


def test_a_pipe_is_read() -> None:
    reading, writing = os.pipe()
    os.write(writing, TOOLS.encode())
    os.close(writing)
    side = read_side(f"/dev/fd/{reading}", timeout_s=60)
    os.close(reading)
    assert [tool.name for tool in side.tools] == ["pay"]
    assert side.name == "a pipe"


def test_a_named_pipe_is_read(tmp_path: Path) -> None:
    path = tmp_path / "tools"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=(TOOLS,))
    writer.start()
    side = read_side(str(path), timeout_s=60)
    writer.join()
    assert [tool.name for tool in side.tools] == ["pay"]


def test_a_dash_is_standard_input() -> None:
    reading, writing = os.pipe()
    os.write(writing, TOOLS.encode())
    os.close(writing)
    before = os.dup(0)
    os.dup2(reading, 0)
    try:
        assert [tool.name for tool in read_side("-", timeout_s=60).tools] == ["pay"]
    finally:
        os.dup2(before, 0)
        for descriptor in (before, reading):
            os.close(descriptor)


@pytest.mark.parametrize("name", ["", "nothing.json"])
def test_a_folder_and_nothing_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is no file"):
        read_side(str(tmp_path / name), timeout_s=1)
