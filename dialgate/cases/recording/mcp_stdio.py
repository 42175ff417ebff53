"""Between an MCP client and a server that it would start: lines pass both ways and are kept.

Each line goes on as it came; an answer is kept before it does. Leaves what lines mean to
`dialgate_evals.recording.json_rpc`.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from dialgate_evals.errors import UsageError
from dialgate_evals.files.json_text import json_line
from dialgate_evals.recording.json_rpc import Pairing, messages_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dialgate.cases.recording.recorder import Recorder
    from dialgate.cases.recording.replaying import Replayed

_PIECE = 2**16
_LONGEST_LINE = 64 * 2**20
_LONGEST_END_S = 2.0


def server_name(command: Sequence[str], key: bytes) -> str:
    """What a server without a name is called: its program, and a mark of its arguments.

    Arguments may hold keys, so they are not written down.
    """
    text = "\0".join(command).encode("utf-8", "surrogateescape")
    return f"{Path(command[0]).name}-{hmac.digest(key, text, hashlib.sha256).hex()[:8]}"


def lines_of(handle: int) -> Iterator[bytes]:
    """Each line as soon as it is there, with its end; a longer one in pieces."""
    held: list[bytes] = []
    size = 0
    while piece := os.read(handle, _PIECE):
        *whole, rest = piece.split(b"\n")
        for line in whole:
            yield b"".join(held) + line + b"\n"
            held, size = [], 0
        held.append(rest)
        size += len(rest)
        if size > _LONGEST_LINE:
            yield b"".join(held)
            held, size = [], 0
    if any(held):
        yield b"".join(held)


def _write(handle: int, raw: bytes) -> None:
    view = memoryview(raw)
    while view:
        view = view[os.write(handle, view) :]


def pass_between(command: Sequence[str], name: str, recorder: Recorder) -> int:
    """Runs the server until it or the client ends; gives the server's exit code."""
    try:
        server = subprocess.Popen(list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    except OSError as error:
        raise UsageError(f"{command[0]} can't be started: {error.strerror}.") from None
    pairing, lock = Pairing(name), threading.Lock()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: _end(server))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to the server too
    assert server.stdin is not None
    assert server.stdout is not None
    asking = threading.Thread(
        target=_pass_in, args=(server.stdin, pairing, lock), daemon=True, name="client"
    )
    asking.start()
    for line in lines_of(server.stdout.fileno()):
        for message in messages_in(line):
            with lock:
                found = pairing.answered(message)
            if found is not None:
                recorder.keep_now(found)
        try:
            _write(1, line)
        except OSError:  # the client is gone
            break
    server.stdout.close()
    return _ended(server)


def _pass_in(to: IO[bytes], pairing: Pairing, lock: threading.Lock) -> None:
    """The client's lines, until it closes them."""
    with suppress(OSError, ValueError):
        for line in lines_of(0):
            at = time.time()
            for message in messages_in(line):
                with lock:
                    pairing.asked(message, at)
            _write(to.fileno(), line)
    with suppress(OSError):
        to.close()


def _end(server: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        server.terminate()


def _ended(server: subprocess.Popen[bytes]) -> int:
    try:
        code = server.wait(_LONGEST_END_S)
    except subprocess.TimeoutExpired:
        server.terminate()
        try:
            code = server.wait(_LONGEST_END_S)
        except subprocess.TimeoutExpired:
            server.kill()
            code = server.wait()
    return code if code >= 0 else 128 - code


def replay_stdio(replayed: Replayed, name: str, tell: Callable[[str], None]) -> None:
    """Answers the client's lines from recordings, until it closes them."""
    for line in lines_of(0):
        before = replayed.unmatched
        for answer in replayed.answer_mcp(line, name):
            if replayed.unmatched > before and "error" in answer:
                tell(str(answer["error"].get("message")))
            try:
                _write(1, json_line(answer))
            except OSError:
                return
