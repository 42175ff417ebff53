"""Children end with their pipes, however their end came about."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.running.agent_protocol import InfrastructureError
from dialgate_evals.running.agents.process import ChildProcess
from dialgate_evals.running.containment.sandbox import Launch

if TYPE_CHECKING:
    from pathlib import Path


def test_an_end_that_is_cancelled_leaves_no_pipe_behind(tmp_path: Path) -> None:
    """As where two workers fail to start and the first one's error cancels the other's end."""

    async def cancel_an_end() -> bool:
        reading = (sys.executable, "-c", "import sys; sys.stdin.read()")
        child = await ChildProcess.start(
            Launch(command=reading, environment={}, folder=str(tmp_path))
        )
        ending = asyncio.ensure_future(child.end())
        await asyncio.sleep(0)
        ending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ending
        closing: bool = child._process._transport.is_closing()  # type: ignore[attr-defined]  # nothing public says it
        return closing

    assert asyncio.run(cancel_an_end())


def test_a_program_that_cannot_be_started_leaves_no_line_behind(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    nothing = Launch(
        command=(str(tmp_path / "no-such-program"),),
        environment={},
        folder=str(tmp_path),
        line=ours,
        theirs=theirs,
    )
    with pytest.raises(InfrastructureError, match="can't be started"):
        asyncio.run(ChildProcess.start(nothing))
    assert [ours.fileno(), theirs.fileno()] == [-1, -1]
