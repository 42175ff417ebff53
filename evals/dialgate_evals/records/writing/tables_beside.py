"""Opens what writes a run's tables while its trials run, in a process of its own where it can.

Knows when that process can't be used: then this one writes, and says what is wrong. Leaves what it
does there to `writing.table_process`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from dialgate_evals.records.writing import table_process
from dialgate_evals.records.writing.table_process import open_writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection


class TableWriter(Protocol):
    """What writes tables, by statements of SQL."""

    def execute(self, statement: str, /) -> object:
        """Does what the statement says. Raises duckdb.Error."""
        ...

    def close(self) -> None:
        """Ends it."""
        ...


_FEW = 1_000
"""Trials whose run takes little memory: another process would cost them more than it saves."""


def open_beside(trials: int) -> TableWriter:
    """What will write tables of so many trials, opened while the caller goes on."""
    if trials < _FEW or "duckdb" in sys.modules:  # then what it takes is taken
        return WriterInThread()
    try:
        return WriterInProcess()
    except OSError:
        return WriterInThread()


class WriterInThread:
    """A connection of this process, opened in a thread."""

    def __init__(self) -> None:
        thread = ThreadPoolExecutor(max_workers=1)
        self._opening: Future[DuckDBPyConnection] = thread.submit(open_writer)
        thread.shutdown(wait=False)

    def execute(self, statement: str, /) -> None:
        """Does what the statement says. Raises duckdb.Error."""
        self._opening.result().execute(statement)

    def close(self) -> None:
        """Ends the connection."""
        self._opening.result().close()


class WriterInProcess:
    """A process that reads statements; where it fails, a connection of this one takes over."""

    def __init__(self, paths: Sequence[str] | None = None) -> None:
        """`paths`: where it looks for modules; None: where this one does. Raises OSError."""
        found = sys.path if paths is None else paths
        process = subprocess.Popen(
            # Without `site`, which takes longer than all else that it starts with.
            [sys.executable, "-I", "-S", table_process.__file__, *found],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for this process, which then ends that one
        )
        self.process = process
        self._end = weakref.finalize(self, _end, process)
        self._heard_ready = False
        self._own: DuckDBPyConnection | None = None

    def execute(self, statement: str, /) -> None:
        """Does what the statement says. Raises duckdb.Error."""
        if self._own is None and not self._does(statement):
            self._own = open_writer()
        if self._own is not None:
            self._own.execute(statement)

    def close(self) -> None:
        """Ends the process, and the connection that took over."""
        self._end()
        if self._own is not None:
            self._own.close()

    def _does(self, statement: str) -> bool:
        """Whether that process did what the statement says."""
        assert self.process.stdin is not None
        if not self._heard_ready and not self._is_well():
            return False
        self._heard_ready = True
        try:
            self.process.stdin.write(json.dumps(statement).encode("ascii") + b"\n")
            self.process.stdin.flush()
        except OSError:
            return False
        return self._is_well()

    def _is_well(self) -> bool:
        assert self.process.stdout is not None
        return self.process.stdout.readline() == b"null\n"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the process, which has answered all that was asked, and waits for it."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.kill()
    with suppress(OSError):  # what it never read
        process.stdin.close()
    process.stdout.close()
    process.wait()
