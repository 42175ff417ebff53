"""Progress of a run on standard error: a bar on a terminal, plain lines now and then in CI."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_evals.actions.outcomes import TrialScore

_BAR = 24
_EVERY_S = 0.1
_LINE_EVERY_S = 15.0


class Progress:
    """Counts finished trials; shows rate, cost so far, failures and the time left."""

    def __init__(self, *, total: int, doing: str) -> None:
        self._total = total
        self._doing = doing
        self._done = self._failed = self._errored = 0
        self._cost_usd: float | None = None
        self._began = self._shown = time.monotonic()
        self._is_terminal = sys.stderr.isatty()

    def advance(self, score: TrialScore) -> None:
        """Takes in one finished trial."""
        self._count(score)
        self._show_now_and_then()

    def advance_all(self, scores: Iterable[TrialScore]) -> None:
        """Counts scores that came together, and draws once for all of them."""
        for score in scores:
            self._count(score)
        self._show_now_and_then()

    def _count(self, score: TrialScore) -> None:
        self._done += 1
        self._failed += score.passed is False
        self._errored += score.passed is None
        if score.cost_usd is not None:
            self._cost_usd = (self._cost_usd or 0.0) + score.cost_usd

    def step(self) -> None:
        """Takes in one step of other work."""
        self._done += 1
        self._show_now_and_then()

    def _show_now_and_then(self) -> None:
        now = time.monotonic()
        if now - self._shown >= (_EVERY_S if self._is_terminal else _LINE_EVERY_S):
            self._shown = now
            self._show(now)

    def close(self) -> None:
        """Takes the bar away; what ran is said by the command."""
        if self._is_terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _show(self, now: float) -> None:
        text = describe_progress(
            done=self._done,
            total=self._total,
            failed=self._failed,
            errored=self._errored,
            cost_usd=self._cost_usd,
            elapsed_s=now - self._began,
        )
        if self._is_terminal:
            filled = _BAR * self._done // max(self._total, 1)
            sys.stderr.write(f"\r\x1b[K[{'#' * filled:<{_BAR}}] {text}")
        else:
            sys.stderr.write(f"{self._doing}: {text}\n")
        sys.stderr.flush()


def show_step(done: int, total: int, doing: str) -> None:
    """One line on a terminal for the step that is begun, over the one before; nothing elsewhere.

    With `done` equal to `total` the line is taken away.
    """
    if sys.stderr.isatty():
        text = "" if done >= total else f"{doing}: {done + 1:,} of {total:,}"
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


def describe_progress(
    *,
    done: int,
    total: int,
    failed: int,
    errored: int,
    cost_usd: float | None,
    elapsed_s: float,
) -> str:
    """`120/300, 40.0/s, 3 failed, 1.25 US dollars, 5 s left`."""
    rate = done / elapsed_s if elapsed_s > 0 else 0.0
    parts = [f"{done:,}/{total:,}", f"{rate:.1f}/s", f"{failed:,} failed"]
    if errored:
        parts.append(f"{errored:,} could not be run")
    if cost_usd is not None:
        parts.append(f"{cost_usd:.2f} US dollars")
    if rate > 0:
        parts.append(f"{(total - done) / rate:,.0f} s left")
    return ", ".join(parts)
