"""Bounds on what hostile text can cost: a regular expression or a schema is given up in time.

Processor time is counted, not the clock: a busy machine gives up nothing more. A signal ends it, so
only the main thread is bounded by itself; elsewhere a child of its own decides a pattern.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

PATTERN_S = 1.0
"""Processor time for one pattern on one text."""

SCHEMA_S = 2.0
"""Processor time for one value and a schema that a user wrote."""

_too_slow: set[re.Pattern[str]] = set()
_bounded = threading.local()


class OutOfTimeError(Exception):
    """What was asked costs more than it may."""


@contextmanager
def bounded(limit_s: float) -> Iterator[None]:
    """Raises OutOfTimeError where the block takes longer; the outermost bound counts.

    Does nothing outside of the main thread, where no signal can end anything.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or getattr(_bounded, "is_on", False):
        yield
        return

    def give_up(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise OutOfTimeError

    before = signal.signal(signal.SIGVTALRM, give_up)
    _bounded.is_on = True
    try:
        # Again and again: a part that was given up must not free the rest.
        signal.setitimer(signal.ITIMER_VIRTUAL, limit_s, limit_s / 2)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    finally:
        _bounded.is_on = False
        signal.signal(signal.SIGVTALRM, before)


def found_in(pattern: str | re.Pattern[str], text: str) -> bool:
    """Whether the pattern is found in the text, as `re.search` finds it.

    Raises OutOfTimeError where that can't be told in PATTERN_S; a pattern that was given up once is
    given up at once from then on.
    """
    compiled = re.compile(pattern)
    if compiled in _too_slow:
        raise OutOfTimeError
    try:
        if threading.current_thread() is threading.main_thread() or _is_plain(compiled.pattern):
            with bounded(PATTERN_S):
                return compiled.search(text) is not None
        return _found_by_child(compiled, text)
    except OutOfTimeError:
        _too_slow.add(compiled)
        raise


def _is_plain(pattern: str) -> bool:
    """Whether it repeats nothing, so that its cost is that of its text."""
    return not re.search(r"[*+{]", pattern)


_CHILD = (
    "import json, re, resource, sys; resource.setrlimit(resource.RLIMIT_CPU, (2, 2)); "
    "pattern, flags, text = json.load(sys.stdin); "
    "sys.exit(0 if re.search(pattern, text, flags) else 1)"
)


def _found_by_child(pattern: re.Pattern[str], text: str) -> bool:
    asked = json.dumps([pattern.pattern, pattern.flags, text]).encode("ascii")
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _CHILD],
            input=asked,
            capture_output=True,
            timeout=60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OutOfTimeError from None
    if done.returncode not in {0, 1}:
        raise OutOfTimeError
    return done.returncode == 0
