"""The commit that breaks it, of a line of commits of which some can't be asked.

Halves the line. Leaves what a commit's answer costs to the caller, its statistics to
`blame.question`, and what a merge brings in to `dialgate.changes.blame`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_gate.blame.question import Answer
from dialgate_gate.blame.search import SpentError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class GuiltyRange:
    """Commits one of which breaks it, by their places in the line; one where it was found."""

    first: int
    last: int
    skipped: tuple[int, ...]
    # that could not be asked
    asked: int
    is_done: bool
    # False: the budget was spent


def find_breaking(size: int, ask: Callable[[int], Answer | None]) -> GuiltyRange:
    """The first commit that breaks it, of `size` of which the last is known to.

    What lies before the line is known to hold. `ask` says None where a commit can't be asked, and
    raises SpentError where the budget ends. Where the answer lies among commits that can't be
    asked, all of those are the range.
    """
    holds, breaks = -1, size - 1
    skipped: set[int] = set()
    asked = 0
    is_done = True
    try:
        while open_ones := [p for p in range(holds + 1, breaks) if p not in skipped]:
            middle = (holds + breaks) / 2
            place = min(open_ones, key=lambda p: (abs(p - middle), p))
            answer = ask(place)
            asked += 1
            if answer is None:
                skipped.add(place)
            elif answer is Answer.BREAKS:
                breaks = place
            else:
                holds = place
    except SpentError:
        is_done = False
    return GuiltyRange(
        first=holds + 1,
        last=breaks,
        skipped=tuple(sorted(skipped)),
        asked=asked,
        is_done=is_done,
    )
