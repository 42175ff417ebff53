"""When a loss of speed is believed: turns of two versions in pairs, more of them where in doubt.

A machine's noise only adds time, and adds it to turns that lie together. So two figures say the
loss, the median ratio of pairs and the ratio of each version's best turn: both must be small for an
end after few pairs, both must be large for a failure. Pure but for the turns, an argument.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST_LOSS = 0.20
"""Share of processor time; from it on the guard fails."""

FEW, MANY = 3, 17
"""Pairs that every path gets, and those that one in doubt may get."""

_CLEAR = 0.12
"""Both figures below it end the pairs of a path at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What the pairs of one path show."""

    path: str
    pairs: int
    base_s: float
    # the best turn of the base
    share: float
    # more processor time than the base's; negative where it is less

    @property
    def is_too_much(self) -> bool:
        """Whether the guard fails by it."""
        return self.share >= MOST_LOSS


def two_losses(base_s: Sequence[float], head_s: Sequence[float]) -> tuple[float, float]:
    """How much more processor time the head takes, by pairs and by best turns; as shares.

    Raises ValueError: no pair.

    >>> paired, best = two_losses([1.0, 1.0, 9.0], [1.2, 1.3, 1.4])
    >>> round(paired, 2), round(best, 2)
    (0.2, 0.2)
    """
    if not base_s or len(base_s) != len(head_s):
        raise ValueError("expected as many turns of the base as of the head, and at least one")
    paired = statistics.median(head / base for base, head in zip(base_s, head_s, strict=True))
    return paired - 1, min(head_s) / min(base_s) - 1


def measure_loss(path: str, base: Callable[[], float], head: Callable[[], float]) -> Loss:
    """Turns in pairs, each side first in every second one, until the answer is clear.

    `base` and `head` take one turn and say its seconds; both took one before that warmed them up.
    """
    base_s: list[float] = []
    head_s: list[float] = []
    while len(base_s) < MANY:
        turns = [(base, base_s), (head, head_s)]
        for take, kept in turns if len(base_s) % 2 == 0 else reversed(turns):
            kept.append(take())
        if len(base_s) >= FEW and max(two_losses(base_s, head_s)) < _CLEAR:
            break
    share = min(two_losses(base_s, head_s))
    return Loss(path=path, pairs=len(base_s), base_s=min(base_s), share=share)
