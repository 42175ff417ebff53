"""Evidence that a loss is under a margin, or over one: running products over blocks.

Both may be looked at after every block (Ville, 1939). Leaves which trials are run to
`blocks.steering`.

Why the products are fair. Given the past, the mean of a case's difference D is at most its true
difference d, and 1 + stake * D is never negative. Cases are independent given the past, so the
mean of the product over cases is at most the product of 1 + stake * d; with one stake for all
cases that is at most (1 + stake * mean d) ** cases, by the inequality of arithmetic and geometric
means, however the loss is spread. While the loss is at least the margin, dividing by
(1 - stake * margin) ** cases leaves a mean of at most 1.
Source: Spertus & Stark (2022), with every case its own stratum; Waudby-Smith & Ramdas (2024).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, inf, log, log1p
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dialgate_gate.verdict.blocks.options import log_threshold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

SHARED_STAKES = (0.0, 0.2, 0.4, 0.6, 0.8)
"""Stakes of a block that serves several units: their weights stand before anything is seen."""
SHARED_WEIGHTS = (0.08, 0.23, 0.23, 0.23, 0.23)
LOSS_STAKES = (0.1, 0.25, 0.5, 0.8)
_STEPS = 40
# of bisection


@dataclass(slots=True, kw_only=True)
class _Segment:
    """Blocks that share their stakes: the mixture is over all of them together."""

    stakes: tuple[float, ...]
    log_weights: tuple[float, ...]
    sums: list[float]
    # of log(1 + stake * D) over blocks and cases, by stake
    blocks: int = 1

    def log_value(self, cases: int, margin: float) -> float:
        """The log of the segment's product at this margin."""
        draws = self.blocks * cases
        found = [
            weight + total - draws * log1p(-min(stake * margin, 1 - 1e-12))
            for stake, weight, total in zip(self.stakes, self.log_weights, self.sums, strict=True)
        ]
        return log_sum(found)


def log_sum(values: Sequence[float]) -> float:
    """The log of a sum of exponentials; plain numbers, because the lists are short."""
    top = max(values)
    if len(values) == 1 or top == -inf:
        return top
    return top + log(sum(exp(value - top) for value in values))


@dataclass(slots=True, kw_only=True)
class MarginProduct:
    """The running product against "the loss is at least the margin", on one endpoint of a unit."""

    cases: int
    margin: float
    segments: list[_Segment] = field(default_factory=list)
    blocks: int = 0
    best_bound: float = 1.0
    # the smallest loss excluded so far at the level of `bound`
    log_value: float = 0.0
    # the log of the product at the margin; kept, because steering asks for it again and again
    _settled: float = 0.0
    # of it, what all segments but the last bring: they don't change any more

    def add(
        self,
        differences: NDArray[np.float64],
        *,
        stakes: Sequence[float],
        weights: Sequence[float] = (1.0,),
        is_continued: bool = False,
        is_capped: bool = False,
    ) -> None:
        """Takes in a block: a difference for every case of the unit.

        is_continued: the stakes are those of the last block and the mixture goes on over both.
        is_capped: the block may only count against the release (an outage).
        Raises ValueError for another number of cases, or a difference that the stakes can't bear.
        """
        if len(differences) != self.cases:
            raise ValueError(f"found {len(differences)} differences of {self.cases} cases")
        factors = 1 + np.outer(stakes, differences)
        if (factors < -1e-12).any():
            raise ValueError("found a stake too high for a difference")
        with np.errstate(divide="ignore"):
            sums = np.log(np.maximum(factors, 0)).sum(axis=1).tolist()
        fresh = _Segment(
            stakes=tuple(stakes), log_weights=tuple(log(weight) for weight in weights), sums=sums
        )
        self.blocks += 1
        if is_capped and fresh.log_value(self.cases, self.margin) > 0:
            return
        last = self.segments[-1] if self.segments else None
        if is_continued and last is not None and last.stakes == fresh.stakes:
            last.sums = [before + more for before, more in zip(last.sums, sums, strict=True)]
            last.blocks += 1
        else:
            self.segments.append(fresh)
            self._settled = self.log_value
        last_value = self.segments[-1].log_value(self.cases, self.margin)
        self.log_value = self._settled + last_value

    def _log_value(self, margin: float) -> float:
        return sum(segment.log_value(self.cases, margin) for segment in self.segments)

    def bound(self, error: float) -> float:
        """The smallest loss that is excluded with this error, at any number of looks; 1: none."""
        needed = log_threshold(error)
        if not self.segments or self._log_value(1 - 1e-9) < needed:
            return self.best_bound
        low, high = -1.0, 1 - 1e-9
        for _ in range(_STEPS):
            middle = (low + high) / 2
            low, high = (low, middle) if self._log_value(middle) >= needed else (middle, high)
        self.best_bound = min(self.best_bound, high)
        return self.best_bound


class _Highest(NamedTuple):
    """The log product over the first so many blocks, and the largest that it was at any look."""

    blocks: int = 0
    total: float = 0.0
    highest: float = 0.0


@dataclass(slots=True, kw_only=True)
class LossProduct:
    """The running product against "the loss is at most so much", from pairs of every case."""

    cases: int
    blocks: list[list[float]] = field(default_factory=list)
    # of each block: the sum of log(1 - stake * D) over cases, by stake
    best_bound: float = -1.0
    highest: dict[float, _Highest] = field(default_factory=dict)
    # by loss

    def add(self, differences: NDArray[np.float64]) -> None:
        """Takes in a block in which every case ran on both sides for sure."""
        if len(differences) != self.cases:
            raise ValueError(f"found {len(differences)} differences of {self.cases} cases")
        factors = 1 - np.outer(np.array(LOSS_STAKES), differences)
        with np.errstate(divide="ignore"):
            self.blocks.append(np.log(np.maximum(factors, 0)).sum(axis=1).tolist())

    def log_value(self, loss: float = 0.0) -> float:
        """The log of the product against "the loss is at most this"."""
        return sum(self._factors(self.blocks, loss))

    def _factors(self, blocks: Iterable[list[float]], loss: float) -> Iterator[float]:
        """What each block brings."""
        norms = [self.cases * log(max(1 + stake * loss, 1e-300)) for stake in LOSS_STAKES]
        share = log(len(norms))
        for sums in blocks:
            yield log_sum([total - norm for total, norm in zip(sums, norms, strict=True)]) - share

    def shows(self, loss: float, error: float) -> bool:
        """Whether a loss over this one is shown, after any of the blocks."""
        if not self.blocks:
            return False
        known = self.highest.get(loss) or _Highest()
        if known.blocks < len(self.blocks):
            total = known.total + sum(self._factors(self.blocks[known.blocks :], loss))
            known = _Highest(len(self.blocks), total, max(known.highest, total))
            self.highest[loss] = known
        return known.highest >= log_threshold(error)

    def bound(self, error: float) -> float:
        """The largest loss that is shown to be exceeded; -1 where none is."""
        needed = log_threshold(error)
        if not self.blocks or self.log_value(-1 + 1e-9) < needed:
            return self.best_bound
        low, high = -1 + 1e-9, 1.0
        for _ in range(_STEPS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.log_value(middle) >= needed else (low, middle)
        self.best_bound = max(self.best_bound, low)
        return self.best_bound


def p_value(log_value: float) -> float:
    """An any-time p-value from the log of a running product's highest value."""
    return 1.0 if log_value <= 0 else (0.0 if log_value == inf else exp(-log_value))
