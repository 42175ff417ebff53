"""Bounds on what hostile text can cost: a regular expression or a schema is given up in time.

Processor time is counted, not the clock: a busy machine gives up nothing more. In the main thread a
signal ends it; elsewhere schemas look at the time, and a child of its own decides a pattern.
"""

from __future__ import annotations

import gc
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from types import FrameType

PATTERN_S = 1.0
"""Processor time for one pattern on one text."""

SCHEMA_S = 2.0
"""Processor time for one value and a schema that a user wrote."""

_MOST_GIVEN_UP, _MOST_IN_ALL = 3, 20
"""How often the same question, and all of them, are given up before they are no longer asked."""

_here = threading.local()
# this thread's bound and whose patience it is


class OutOfTimeError(Exception):
    """What was asked costs more than it may; its text names it, where that is known."""


class Patience:
    """What was given up on behalf of one side: it is soon given up at once, for that side alone.

    A text of the candidate's agent must not cost the baseline a pattern that they share.
    """

    def __init__(self) -> None:
        self._given_up: Counter[object] = Counter()
        self._notes: dict[str, None] = {}

    def lent(self) -> AbstractContextManager[Mapping[str, None]]:
        """Within it questions are this side's; gives what could not be decided, in words."""
        return _Lent(self)

    def begin(self) -> Mapping[str, None]:
        """Forgets the notes of before; gives those to come."""
        self._notes = {}
        return self._notes

    def is_over(self, asked: object) -> bool:
        """Whether so much was given up that it is no longer asked."""
        is_spent = self._given_up.total() >= _MOST_IN_ALL
        return is_spent or self._given_up[asked] >= _MOST_GIVEN_UP

    def give_up(self, asked: object, words: str) -> None:
        """Takes note of a question that could not be decided in time."""
        self._given_up[asked] += 1
        self._notes[words] = None


class _Lent:
    """A patience while it is lent; of every trial and call, so it costs little."""

    __slots__ = ("_before", "_patience")

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._before: Patience | None = None

    def __enter__(self) -> Mapping[str, None]:
        self._before = getattr(_here, "patience", None)
        _here.patience = self._patience
        return self._patience.begin()

    def __exit__(self, *_: object) -> None:
        _here.patience = self._before


@contextmanager
def decided(asked: object, words: str, limit_s: float) -> Iterator[None]:
    """A question that may be too hard; in words for people.

    Raises OutOfTimeError where it takes longer, or took longer before for the same side.
    """
    patience: Patience | None = getattr(_here, "patience", None)
    too_hard = f"{words} can't be decided in {limit_s:g} s"
    if patience is not None and patience.is_over(asked):
        patience.give_up(asked, words)
        raise OutOfTimeError(too_hard)
    try:
        with bounded(limit_s):
            yield
    except (OutOfTimeError, RecursionError) as error:
        # What is named already is a part of this question; what is ours is never too deep.
        if limit_s == inf or (isinstance(error, OutOfTimeError) and error.args):
            raise
        if patience is not None:
            patience.give_up(asked, words)
        raise OutOfTimeError(too_hard) from None


@contextmanager
def bounded(limit_s: float) -> Iterator[None]:
    """Raises OutOfTimeError where the block takes longer; the outermost bound counts.

    Outside of the main thread no signal can end anything: there `look_at_the_time` has to.
    """
    if limit_s == inf or getattr(_here, "ends_at", None) is not None:
        yield
        return
    _here.ends_at = time.thread_time() + limit_s
    try:
        if threading.current_thread() is threading.main_thread():
            with _alarm(limit_s):
                yield
        else:
            yield
    finally:
        _here.ends_at = None


def look_at_the_time() -> None:
    """Raises OutOfTimeError where this thread's bound is over. For loops that may be long."""
    ends_at = getattr(_here, "ends_at", None)
    if ends_at is not None and time.thread_time() > ends_at:
        raise OutOfTimeError


@contextmanager
def _alarm(limit_s: float) -> Iterator[None]:
    def give_up(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise OutOfTimeError

    before = signal.signal(signal.SIGVTALRM, give_up)
    # What is raised in a callback of the collector is lost.
    collects = gc.isenabled()
    gc.disable()
    try:
        # Again and again: a part that was given up must not free the rest.
        signal.setitimer(signal.ITIMER_VIRTUAL, limit_s, limit_s / 2)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    finally:
        signal.signal(signal.SIGVTALRM, before)
        if collects:
            gc.enable()


def found_in(pattern: str | re.Pattern[str], text: str, *, written: str | None = None) -> bool:
    """Whether the pattern is found in the text, as `re.search` finds it.

    `written` is how a person wrote it. Raises OutOfTimeError where it can't be told in PATTERN_S.
    """
    compiled = re.compile(pattern)
    shown = compiled.pattern if written is None else written
    if len(shown) > _SHOWN:
        shown = f"{shown[:_SHOWN]}…"
    with decided(compiled, f"the pattern {shown!r}", PATTERN_S):
        if threading.current_thread() is threading.main_thread() or _is_plain(compiled.pattern):
            return compiled.search(text) is not None
        return _found_by_child(compiled, text)


_SHOWN = 80


def _is_plain(pattern: str) -> bool:
    """Whether it repeats nothing and chooses nothing, so that its cost is that of its text."""
    return not re.search(r"[*+{?|]", pattern)


_CHILD = (
    "import json, re, resource, signal, sys; resource.setrlimit(resource.RLIMIT_CPU, (1, 1)); "
    "pattern, flags, text, limit_s = json.load(sys.stdin); "
    "signal.setitimer(signal.ITIMER_VIRTUAL, limit_s); "
    "sys.exit(0 if re.search(pattern, text, flags) else 1)"
)
"""Ends by a signal where the search takes longer, whole seconds being all that a limit knows."""


def _found_by_child(pattern: re.Pattern[str], text: str) -> bool:
    asked = json.dumps([pattern.pattern, pattern.flags, text, PATTERN_S]).encode("ascii")
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
