"""The outer process of a command: it lives, judges nothing, and alone gives the exit code.

The command itself runs in a child, which says over a pipe how it ended, with the nonce of this run
and the verdict that it wrote. A child that ends in any other way, whatever its exit code, did not
judge. Stops it within seconds after Ctrl-C or SIGTERM, whatever it is busy with. Standard library
only and imported before anything else: it must cost next to nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_UNJUDGED = 4
_INTERRUPTED = 130
_STOP_S = 4.0
"""How long the command may take to end after it was asked to."""

_STOPPING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
_PR_SET_PDEATHSIG = 1
_SENT_BY_A_PROCESS = 0  # si_code SI_USER; a terminal signals the whole group by itself

_CAUSES = {
    signal.SIGKILL: "it was killed, as a machine does that is out of memory",
    signal.SIGXCPU: "its limit of processor time was reached",
    signal.SIGXFSZ: "its limit on the size of a file was reached",
    signal.SIGSEGV: "it crashed",
    signal.SIGABRT: "it broke off",
    signal.SIGTERM: "it was told to end",
}


class Run:
    """What this process knows of its run."""

    def __init__(self) -> None:
        self.nonce = os.urandom(16).hex()
        # stands in the verdict: one of another run is none of this one
        self._verdict: dict[str, str] | None = None

    def wrote_verdict(self, path: Path, content: bytes, *, nonce: str = "") -> None:
        """Remembers the verdict that was written, for the outer process to look at.

        `nonce` stands in it, where whoever started the check drew one; else this run's does.
        """
        digest = hashlib.sha256(content).hexdigest()
        place = os.path.abspath(path)  # noqa: PTH100 - pathlib is not loaded here
        self._verdict = {"path": place, "sha256": digest, "nonce": nonce or self.nonce}

    def message(self, code: int) -> bytes:
        """How the command ended, as the outer process expects it."""
        said = {"nonce": self.nonce, "code": code, "verdict": self._verdict}
        return json.dumps(said).encode("ascii")


THIS_RUN = Run()


def run_supervised(command: Callable[[], int], *, needs_verdict: bool) -> int:
    """Runs the command in a child; its exit code, or 4 where it did not say how it ended.

    In the child it raises SystemExit with the command's code.
    """
    reading, writing = os.pipe()
    can_wait = hasattr(signal, "sigtimedwait")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {*_STOPPING, signal.SIGCHLD})
    sys.stdout.flush()
    sys.stderr.flush()
    own, child = os.getpid(), os.fork()
    if child == 0:
        os.close(reading)
        _die_with(own)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        code = command()
        os.write(writing, THIS_RUN.message(code))
        os.close(writing)
        raise SystemExit(code)
    os.close(writing)
    try:
        status, was_stopped = _wait(child) if can_wait else (os.waitpid(child, 0)[1], False)
        with os.fdopen(reading, "rb") as pipe:
            said = pipe.read(65536)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return _code(status, said, was_stopped=was_stopped, needs_verdict=needs_verdict)


def _die_with(parent: int) -> None:
    """Ends this process when the outer one is killed; nobody would wait for it any more."""
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415 - only the child needs it

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(_UNJUDGED)


def _wait(child: int) -> tuple[int, bool]:
    """The child's wait status, and whether it was asked to end."""
    ends_at: float | None = None
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status, ends_at is not None
        left = 3600.0 if ends_at is None else ends_at - time.monotonic()
        if left <= 0:
            os.kill(child, signal.SIGKILL)
            return os.waitpid(child, 0)[1], True
        heard = signal.sigtimedwait({*_STOPPING, signal.SIGCHLD}, left)
        if heard is None or heard.si_signo == signal.SIGCHLD:
            continue
        if heard.si_code <= _SENT_BY_A_PROCESS:
            is_again = ends_at is not None and heard.si_signo == signal.SIGINT
            os.kill(child, signal.SIGTERM if is_again else heard.si_signo)
        ends_at = ends_at or time.monotonic() + _STOP_S


def _code(status: int, said: bytes, *, was_stopped: bool, needs_verdict: bool) -> int:
    """The exit code that the child's end and its message allow."""
    message = _parse(said)
    ended = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
    if message is not None and ended == message["code"]:
        judged = ended in {0, 1, 3}
        problem = _verdict_problem(message) if needs_verdict and judged else None
        if problem is None:
            return int(message["code"])
        return _refuse(problem)
    if was_stopped:
        _say("Interrupted. What was finished is on record; --resume goes on.")
        return _INTERRUPTED
    if ended is None:
        number = os.WTERMSIG(status)
        cause = _CAUSES.get(signal.Signals(number), "it was ended by a signal") + _memory_limit()
        return _refuse(f"the command did not come to its end: {cause} (signal {number})")
    return _refuse(f"the command ended with exit code {ended} without saying what it found")


def _memory_limit() -> str:
    """Words on a limit of memory: what can't get any more may crash anywhere."""
    import resource  # noqa: PLC0415 - only errors need it

    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    if most == resource.RLIM_INFINITY:
        return ""
    return f"; its memory is limited to {most // 2**20} MiB (ulimit -v), which may be why"


def _parse(said: bytes) -> dict[str, Any] | None:
    """The child's message; None where it isn't of this run."""
    try:
        message = json.loads(said)
    except ValueError:
        return None
    is_ours = isinstance(message, dict) and message.get("nonce") == THIS_RUN.nonce
    return message if is_ours else None


def _verdict_problem(message: dict[str, Any]) -> str | None:
    """Why the verdict on disk is not this run's; None where it is."""
    named = message["verdict"]
    if named is None:
        return "the command wrote no verdict"
    try:
        with open(named["path"], "rb") as file:  # noqa: PTH123 - pathlib costs its import
            content = file.read()
        document = json.loads(content)
    except (OSError, ValueError):
        return "the verdict that was written can't be read again"
    if hashlib.sha256(content).hexdigest() != named["sha256"]:
        return "the verdict on disk is not the one that was written"
    if document.get("nonce") != named["nonce"] or document.get("exit_code") != message["code"]:
        return "the verdict on disk is of another run"
    return None


def _refuse(problem: str) -> int:
    _say(f"Nothing was judged: {problem}.")
    return _UNJUDGED


def _say(text: str) -> None:
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except OSError:
        pass
