"""The smallest set of changes that breaks a release, and the smallest that mends it.

Delta debugging over mixed releases: halves first, then what stays around them, so that changes
that break only together are found too. One question is asked once. Leaves what a question costs to
`blame.question` and running it to `dialgate.changes.blame`.
Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_gate.blame.question import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Choice = frozenset[int]


class SpentError(Exception):
    """The budget is spent before the search was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blame:
    """What the search found; pieces by their numbers."""

    breaks: tuple[int, ...]
    # put into the baseline they break it, and no part of them does
    mends: tuple[int, ...]
    # taken out of the candidate they mend it; empty where that was not found
    questions: int
    is_done: bool
    # False: the budget was spent, and `breaks` is what is left to look at


class Search:
    """One search; `ask` says of a choice of pieces, put into the baseline, whether it breaks."""

    def __init__(self, size: int, ask: Callable[[Choice], Answer]) -> None:
        """`size` pieces; the baseline is taken to hold and the candidate to break."""
        self._all = frozenset(range(size))
        self._ask = ask
        self._known: dict[Choice, Answer] = {
            frozenset(): Answer.HOLDS,
            self._all: Answer.BREAKS,
        }
        self._left: tuple[int, ...] = tuple(range(size))

    def run(self) -> Blame:
        """The smallest sets, as far as the budget goes."""
        mends: tuple[int, ...] = ()
        is_done = True
        try:
            self._shrink()
            mends = self._mend(self._left)
        except SpentError:
            is_done = False
        return Blame(
            breaks=self._left,
            mends=mends,
            questions=len(self._known) - 2,
            is_done=is_done,
        )

    def spent(self) -> Blame:
        """What is known where not one question could be paid for: nothing."""
        return Blame(breaks=self._left, mends=(), questions=0, is_done=False)

    def _breaks(self, choice: Sequence[int]) -> bool:
        key = frozenset(choice)
        if key not in self._known:
            self._known[key] = self._ask(key)
        return self._known[key] is Answer.BREAKS

    def _shrink(self) -> None:
        """Zeller's ddmin: after it no piece of what is left can be taken away alone."""
        parts = 2
        while len(self._left) > 1:
            blocks = _blocks(self._left, parts)
            smaller = next((block for block in blocks if self._breaks(block)), None)
            if smaller is not None:
                self._left, parts = smaller, 2
                continue
            others = [tuple(i for i in self._left if i not in block) for block in blocks]
            rest = next((o for o in others if parts > 2 and self._breaks(o)), None)
            if rest is not None:
                self._left, parts = rest, max(parts - 1, 2)
            elif parts >= len(self._left):
                return
            else:
                parts = min(2 * parts, len(self._left))

    def _mend(self, breaking: tuple[int, ...]) -> tuple[int, ...]:
        """The first of the guilty pieces whose absence mends the candidate, else all of them."""
        for piece in breaking:
            if not self._breaks(tuple(self._all - {piece})):
                return (piece,)
        if len(breaking) > 1 and not self._breaks(tuple(self._all - set(breaking))):
            return breaking
        return ()


def smallest_part(size: int, ask: Callable[[Choice], Answer]) -> tuple[Choice | None, bool]:
    """The smallest choice of pieces that still breaks, and whether none is smaller.

    Unlike between two releases, nothing at all may break too. None: no choice was asked that does.
    `ask` raises SpentError where the budget ends.
    """
    broke: Choice | None = None

    def asked(choice: Choice) -> Answer:
        nonlocal broke
        found = ask(choice)
        if found is Answer.BREAKS:
            broke = choice
        return found

    if not size:
        return None, True
    try:
        if asked(frozenset()) is Answer.BREAKS:
            return frozenset(), True
    except SpentError:
        return None, False
    found = Search(size, asked).run()
    return broke, found.is_done


def _blocks(pieces: tuple[int, ...], parts: int) -> list[tuple[int, ...]]:
    """The pieces in so many blocks of nearly the same size, in order."""
    size, more = divmod(len(pieces), parts)
    found, begin = [], 0
    for number in range(parts):
        end = begin + size + (number < more)
        found.append(pieces[begin:end])
        begin = end
    return [block for block in found if block]
