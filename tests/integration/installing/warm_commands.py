"""A `dialgate` for shells whose imports are done: what a page or a CI script calls by name.

A third of a second of processor time goes into the imports of each command. A server of this test
process imports once; each call is a fork of it, with the caller's streams, environment, folder and
arguments. That a process of its own starts is shown with `dialgate_process`.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import importlib
import io
import marshal
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tests.integration.command_line import PATHS, PROJECT
from tests.integration.whole_runs import SETTINGS

if TYPE_CHECKING:
    from typing import NoReturn, TextIO

_IMPORTED = (
    "dialgate.cli", "dialgate.reporting.several.judging", "dialgate.reporting.rendering",
    "dialgate.runs.running", "dialgate.dial.dialing", "dialgate.signatures.verifying",
    "dialgate.changes.comparing", "dialgate.reporting.record_rendering", "jinja2", "tabulate",
    "dialgate_evals.files.json_schema.defects", "duckdb",
    "dialgate.commands.gate.check", "dialgate.commands.gate.github", "dialgate.commands.runs.run",
    "dialgate.check.checking.release_check", "dialgate.reporting.several.command",
    "dialgate.reporting.github_reporting", "dialgate.runs.run_records",
    "dialgate.dial.recommending.recommending", "dialgate.dial.grounds.base_people",
    "dialgate.commands.dial.dial", "dialgate.cases.judging.asking",
    "dialgate_evals.running.agents.python_process", "dialgate_evals.records.reuse.earlier_trials",
    "dialgate_evals.running.containment.sandbox", "dialgate_evals.running.judges.panel",
    "dialgate_gate.settings.people.rota", "dialgate_evals.scoring.parting",
    "dialgate_reports.page.page_frame", "dialgate_reports.verdict.markdown",
    "cryptography.hazmat.primitives.serialization", "git", "numpy.random", "_strptime", "zoneinfo",
)  # fmt: skip

_CALL = """import _signal, marshal, os, socket, sys
listing = os.open("/proc/self/fd", os.O_RDONLY)
streams = [int(name) for name in os.listdir(listing) if int(name) != listing]
line = socket.socket(socket.AF_UNIX)
line.connect({address!r})
raw = marshal.dumps((streams, sys.argv[1:], dict(os.environ), os.getcwd()))
socket.send_fds(line, [len(raw).to_bytes(8, "big")], streams)
line.sendall(raw)
for number in (_signal.SIGINT, _signal.SIGTERM):
    _signal.signal(number, lambda number, _: line.send(bytes([number])))
os._exit(int(line.recv(8) or b"137"))
"""
"""Asks the server and passes signals on; ends with the command's code, 137 without an answer."""


@cache
def warm_dialgate() -> str:
    """The shell's words for `dialgate`: the server runs until this process ends."""
    folder = Path(tempfile.mkdtemp(prefix="dialgate-warm-"))
    address = folder / "line"
    (folder / "call.py").write_text(_CALL.format(address=str(address)))
    server = subprocess.Popen(
        [sys.executable, "-m", __name__, str(address)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": PATHS},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"

    def end() -> None:
        server.communicate()
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()

    atexit.register(end)
    return f'"{sys.executable}" -I -S "{folder / "call.py"}"'


def _serve(address: str) -> None:
    """Answers calls until standard input ends, as it does with the test process."""
    for module, name, value in SETTINGS:
        setattr(module, name, value)
    for name in _IMPORTED:
        importlib.import_module(name)
    with suppress(ImportError):  # of the extra "chat"
        importlib.import_module("openai")
    gc.freeze()  # else each fork's first collection copies all that was imported
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        print("ready", flush=True)  # noqa: T201 - whoever started this waits for the line
        while True:
            ready, _, _ = select.select([listener.fileno(), 0], [], [])
            if 0 in ready:
                _reap(0)
                return
            line, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _answer(line)
            line.close()
            _reap(os.WNOHANG)


def _reap(options: int) -> None:
    """Takes leave of calls that ended: their processor time is this process's then."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, options) != (0, 0):
            pass


def _answer(line: socket.socket) -> NoReturn:
    """In a fork: runs the command in another and says how it ended, or ends it with its caller."""
    head, streams, _, _ = socket.recv_fds(line, 8, 64)
    raw = b""
    while len(raw) < int.from_bytes(head, "big"):
        raw += line.recv(65536)
    child = os.fork()
    if child == 0:
        line.close()
        _become(streams, *marshal.loads(raw))
    for stream in streams:
        os.close(stream)
    ended = os.pidfd_open(child)
    while ended not in select.select([line.fileno(), ended], [], [])[0]:
        told = line.recv(1)
        os.kill(child, told[0] if told else signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    with suppress(BrokenPipeError):
        line.sendall(str(code if code >= 0 else 128 - code).encode())
    os._exit(0)


def _become(
    streams: list[int],
    numbers: list[int],
    arguments: list[str],
    environment: dict[str, str],
    folder: str,
) -> NoReturn:
    """Runs the command as `python -m dialgate` in that folder would."""
    from dialgate.cli import main
    from dialgate.terminal.outer_process import THIS_RUN

    # First out of each other's way.
    moved = [fcntl.fcntl(stream, fcntl.F_DUPFD, 256) for stream in streams]
    os.closerange(0, 256)
    for stream, number in zip(moved, numbers, strict=True):
        os.dup2(stream, number)
    os.closerange(256, 512)
    sys.stdin, sys.stdout, sys.stderr = _text(0, "r"), _text(1, "w"), _text(2, "w")
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.path[0] = folder
    sys.argv = [str(PROJECT / "dialgate/__main__.py"), *arguments]
    THIS_RUN.__init__()  # type: ignore[misc]  # each run draws its own nonce
    code: object = 1
    try:
        main()
    except SystemExit as end:
        code = end.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


def _text(number: int, mode: str) -> TextIO:
    binary = open(number, f"{mode}b", closefd=False)  # noqa: SIM115 - a descriptor
    errors = "backslashreplace" if number == 2 else "strict"
    return io.TextIOWrapper(binary, "utf-8", errors, line_buffering=number == 2)


if __name__ == "__main__":
    _serve(sys.argv[1])
