"""A sequential detector of a rate that rose over a limit: a good past must not hide a bad today.

Knows ones and zeros in their order; leaves what they mean and what follows to `live.demotion`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

_EVEN_UNTIL = 8192
"""Half of the weight is spread evenly over the first so many reviews, the rest over the blocks
behind, each twice as long as the one before and with a shrinking share."""

_ODDS_RATIOS = (1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
"""The rates over the limit that are mixed, as odds ratios to it."""


def start_weight(number: int) -> float:
    """The weight of a change at the review of this number, from 1; all of them sum to 1.

    >>> round(sum(start_weight(n) for n in range(1, 8193)), 6)
    0.5
    """
    if number <= _EVEN_UNTIL:
        return 0.5 / _EVEN_UNTIL
    block = (number - 1).bit_length() - _EVEN_UNTIL.bit_length() + 1
    # Block j from 1 holds the reviews over 8192 * 2^(j-1) up to 8192 * 2^j; 1/(j (j+1)) sum to 1.
    return 0.5 / (block * (block + 1)) / (_EVEN_UNTIL << (block - 1))


def mixed_rates(limit: float) -> tuple[float, ...]:
    """The rates over the limit that the detector bets on."""
    odds = limit / (1 - limit)
    return tuple(ratio * odds / (1 + ratio * odds) for ratio in _ODDS_RATIOS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDetector:
    """The detector's state after some reviews; `observe` gives the next one.

    Estimates: has the rate of ones risen over `limit` at some review? The evidence is a mixture
    over when (`start_weight`) and to which rate (`mixed_rates`) of likelihood ratios against the
    limit. Under any rates at or under the limit, also ones that depend on the past, it is a
    nonnegative supermartingale that starts at 1, so it ever reaches 1/alpha with chance alpha at
    most, however long one watches (Ville 1939; the recursion is Shiryaev 1963 and Roberts 1966;
    as an e-detector Shin, Ramdas & Rinaldo 2024). Each observation costs the same.
    """

    limit: float
    # 0 to 1
    reviews: int = 0
    ones: int = 0
    mixture: tuple[float, ...] = ()
    # per rate: the sum over starts of weight times likelihood ratio
    best: tuple[float, ...] = ()
    # per rate: the largest term of that sum
    starts: tuple[int, ...] = ()
    # per rate: the review, from 1, that term starts at
    spent: float = 0.0
    # the weight of the starts so far; the rest is evidence of 1 that waits

    @property
    def evidence(self) -> float:
        """The e-value now; 1 before any review."""
        if not self.mixture:
            return inf if self.limit == 0 and self.ones else 1.0
        return sum(self.mixture) / len(self.mixture) + max(0.0, 1 - self.spent)

    @property
    def since(self) -> int | None:
        """The most likely first review of the change, from 1; None before any review."""
        if not self.best:
            return 1 if self.limit == 0 and self.ones else None
        return self.starts[max(range(len(self.best)), key=self.best.__getitem__)]

    def exceeds(self, alpha: float) -> bool:
        """Whether a change is shown; the bound holds for the first time that this is true."""
        return self.evidence >= 1 / alpha

    def observe(self, one: bool) -> ChangeDetector:
        """The state after one more review."""
        number = self.reviews + 1
        counted = replace(self, reviews=number, ones=self.ones + one)
        if self.limit in {0.0, 1.0}:
            # At 0 a single one disproves the limit; a limit of 1 is never exceeded.
            return counted
        weight = start_weight(number)
        zero = (0.0,) * len(_ODDS_RATIOS)
        mixture, best, starts = [], [], []
        for index, rate in enumerate(mixed_rates(self.limit)):
            ratio = rate / self.limit if one else (1 - rate) / (1 - self.limit)
            before = (self.best or zero)[index]
            mixture.append(min(((self.mixture or zero)[index] + weight) * ratio, 1e300))
            best.append(min(max(before, weight) * ratio, 1e300))
            starts.append(number if weight > before else self.starts[index])
        return replace(
            counted,
            mixture=tuple(mixture),
            best=tuple(best),
            starts=tuple(starts),
            spent=self.spent + weight,
        )
