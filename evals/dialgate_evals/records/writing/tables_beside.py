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
    from duckdb import DuckDBPyConnection


class TableWriter(Protocol):
    """What writes tables, by statements of SQL."""

    def execute(self, statement: str, /) -> object:
        """Does what the statement says. Raises duckdb.Error."""
        ...

    def close(self) -> None:
        """Ends it."""
        ...


def open_beside() -> TableWriter:
    """What will write, opened while the caller goes on."""
    if "duckdb" in sys.modules:  # what it takes is taken
        return _InThread()
    try:
        return _InProcess()
    except OSError:
        return _InThread()


class _InThread:
    """A connection of this process, opened in a thread."""

    def __init__(self) -> None:
        thread = ThreadPoolExecutor(max_workers=1)
        self._opening: Future[DuckDBPyConnection] = thread.submit(open_writer)
        thread.shutdown(wait=False)

    def execute(self, statement: str, /) -> None:
        self._opening.result().execute(statement)

    def close(self) -> None:
        self._opening.result().close()


class _InProcess:
    """A process that reads statements; where it fails, a connection of this one takes over."""

    def __init__(self) -> None:
        # Without `site`, which takes longer than all else: modules are found where they are here.
        command = [sys.executable, "-I", "-S", table_process.__file__, *sys.path]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for this process, which then ends that one
        )
        self._process = process
        self._end = weakref.finalize(self, _end, process)
        self._heard_ready = False
        self._own: DuckDBPyConnection | None = None

    def execute(self, statement: str, /) -> None:
        if self._own is None and not self._does(statement):
            self._own = open_writer()
        if self._own is not None:
            self._own.execute(statement)

    def close(self) -> None:
        self._end()
        if self._own is not None:
            self._own.close()

    def _does(self, statement: str) -> bool:
        """Whether that process did what the statement says."""
        assert self._process.stdin is not None
        if not self._heard_ready and not self._is_well():
            return False
        self._heard_ready = True
        try:
            self._process.stdin.write(json.dumps(statement).encode("ascii") + b"\n")
            self._process.stdin.flush()
        except OSError:
            return False
        return self._is_well()

    def _is_well(self) -> bool:
        assert self._process.stdout is not None
        return self._process.stdout.readline() == b"null\n"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the process by the end of its input, and waits for it."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(OSError):  # what it never read
        process.stdin.close()
    process.stdout.close()
    process.wait()
