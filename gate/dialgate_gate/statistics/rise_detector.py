"""A sequential detector of a rate that rose over a limit: a good past must not hide a bad today.

Knows ones and zeros in their order; leaves what they mean and what follows to `live.demotion`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_EVEN_UNTIL = 8192
"""Half of the weight is spread evenly over the first so many reviews, the rest over the blocks
behind, each twice as long as the one before and with a shrinking share."""

_MOST = 1e300
"""Of a term: beyond it nothing grows, and nothing overflows."""

_ODDS_RATIOS = (1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
"""The rates over the limit that are mixed, as odds ratios to it."""


def start_weight(number: int) -> float:
    """The weight of a rise at the review of this number, from 1; all of them sum to 1.

    >>> round(sum(start_weight(n) for n in range(1, 8193)), 6)
    0.5
    """
    if number <= _EVEN_UNTIL:
        return 0.5 / _EVEN_UNTIL
    block = (number - 1).bit_length() - _EVEN_UNTIL.bit_length() + 1
    # Block j from 1 holds the reviews over 8192 * 2^(j-1) up to 8192 * 2^j; 1/(j (j+1)) sum to 1.
    return 0.5 / (block * (block + 1)) / (_EVEN_UNTIL << (block - 1))


def spent_weight(number: int) -> float:
    """The weights of the first so many reviews together.

    >>> round(spent_weight(8192) + start_weight(8193), 9) == round(spent_weight(8193), 9)
    True
    """
    if number <= _EVEN_UNTIL:
        return number * (0.5 / _EVEN_UNTIL)
    block = (number - 1).bit_length() - _EVEN_UNTIL.bit_length() + 1
    # The blocks before this one hold 1/2 of 1 - 1/block: 1/(j (j+1)) is 1/j - 1/(j+1).
    return 1 - 0.5 / block + (number - (_EVEN_UNTIL << (block - 1))) * start_weight(number)


def mixed_rates(limit: float) -> tuple[float, ...]:
    """The rates over the limit that the detector bets on."""
    odds = limit / (1 - limit)
    return tuple(ratio * odds / (1 + ratio * odds) for ratio in _ODDS_RATIOS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiseDetector:
    """The detector's state after some reviews; `observe` gives the next one.

    Estimates: has the rate of ones risen over `limit` at some review? The e-value is a mixture
    over when (`start_weight`) and to which rate (`mixed_rates`) of likelihood ratios against the
    limit. Under any rates at or under the limit, also ones that depend on the past, it is a
    nonnegative supermartingale that starts at 1, so it ever reaches 1/alpha with chance alpha at
    most, however long one watches (Ville 1939; the recursion is Shiryaev 1963 and Roberts 1966;
    as an e-detector Shin, Ramdas & Rinaldo 2024). A run of zeros costs what one of them does: over
    it the e-value only falls, by powers of the ratio. The same reviews give the same floats
    however they are cut, as long as each cut lies behind a one.
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

    @property
    def e_value(self) -> float:
        """The e-value now; 1 before any review."""
        if not self.mixture:
            return inf if self.limit == 0 and self.ones else 1.0
        # What is left of the weights of all starts is a stake of 1 that waits.
        return sum(self.mixture) / len(self.mixture) + max(0.0, 1 - spent_weight(self.reviews))

    @property
    def since(self) -> int | None:
        """The most likely first review of the rise, from 1; None before any review."""
        if not self.best:
            return 1 if self.limit == 0 and self.ones else None
        return self.starts[max(range(len(self.best)), key=self.best.__getitem__)]

    def exceeds(self, alpha: float) -> bool:
        """Whether a rise is shown; the bound holds for the first time that this is true."""
        return self.e_value >= 1 / alpha

    def observe(self, one: bool) -> RiseDetector:
        """The state after one more review."""
        return self.observe_runs([0]) if one else self.after_zeros(1)

    def after_zeros(self, count: int) -> RiseDetector:
        """The state after so many more reviews, all of them zeros."""
        end = self.reviews + count
        if self.limit in {0.0, 1.0} or not count:
            return replace(self, reviews=end)
        terms = _Terms.of(self)
        terms.add_zeros(count)
        return terms.state(self.limit, self.ones)

    def observe_runs(self, gaps: Iterable[int], alpha: float | None = None) -> RiseDetector:
        """The state after each gap of zeros and the one that ends it.

        With `alpha` it ends at the first one that exceeds: over zeros nothing grows.
        """
        if self.limit in {0.0, 1.0}:
            return self._observe_extreme(gaps, alpha)
        terms, ones = _Terms.of(self), self.ones
        bar = inf if alpha is None else 1 / alpha
        near = (bar - 1.5) * len(_ODDS_RATIOS)
        for gap in gaps:
            terms.add_zeros(gap)
            terms.add_one()
            ones += 1
            # What waits is 1 at most: far under the bar it needs no looking at.
            if sum(terms.mixture) >= near and terms.e_value() >= bar:
                break
        return terms.state(self.limit, ones)

    def _observe_extreme(self, gaps: Iterable[int], alpha: float | None) -> RiseDetector:
        """At 0 a single one disproves the limit; a limit of 1 is never exceeded."""
        found = self
        for gap in gaps:
            found = replace(found, reviews=found.reviews + gap + 1, ones=found.ones + 1)
            if alpha is not None and found.exceeds(alpha):
                break
        return found

    def as_json(self) -> dict[str, Any]:
        """The state but for its limit: `resume` takes it back."""
        return {
            "reviews": self.reviews,
            "ones": self.ones,
            "mixture": list(self.mixture),
            "best": list(self.best),
            "starts": list(self.starts),
        }

    @classmethod
    def resume(cls, limit: float, state: Mapping[str, Any]) -> RiseDetector:
        """The detector that `as_json` wrote down."""
        return cls(
            limit=limit,
            reviews=state["reviews"],
            ones=state["ones"],
            mixture=tuple(state["mixture"]),
            best=tuple(state["best"]),
            starts=tuple(state["starts"]),
        )


class _Terms:
    """The terms of a state while it is moved on, in place: a look has half a million ones."""

    def __init__(self, limit: float, reviews: int) -> None:
        rates = mixed_rates(limit)
        self.reviews = reviews
        self.mixture = [0.0] * len(rates)
        self.best = [0.0] * len(rates)
        self.starts = [0] * len(rates)
        self._ups = [rate / limit for rate in rates]
        self._downs = [(1 - rate) / (1 - limit) for rate in rates]
        self._powers: dict[int, list[tuple[float, float, float, float]]] = {}
        # by length: runs are mostly short
        self._block_end = 0
        self._weight = 0.0

    @classmethod
    def of(cls, state: RiseDetector) -> _Terms:
        """The terms that a state was made of, to go on from there."""
        found = cls(state.limit, state.reviews)
        if state.mixture:
            found.mixture, found.best = list(state.mixture), list(state.best)
            found.starts = list(state.starts)
        return found

    def state(self, limit: float, ones: int) -> RiseDetector:
        """The state of these terms; before any review it has none."""
        if not self.reviews:
            return RiseDetector(limit=limit)
        return RiseDetector(
            limit=limit,
            reviews=self.reviews,
            ones=ones,
            mixture=tuple(self.mixture),
            best=tuple(self.best),
            starts=tuple(self.starts),
        )

    def e_value(self) -> float:
        """The e-value of the terms as they stand."""
        return sum(self.mixture) / len(self.mixture) + max(0.0, 1 - spent_weight(self.reviews))

    def add_zeros(self, count: int) -> None:
        """Cut where the weight of a start changes, each piece is a sum of powers."""
        end = self.reviews + count
        mixture, best = self.mixture, self.best
        while self.reviews < end:
            weight = self._weigh(self.reviews + 1)
            last = self._block_end if self._block_end < end else end  # noqa: FURB136 - a hot loop
            length = last - self.reviews
            terms = self._powers.get(length)
            if terms is None:
                terms = self._powers[length] = self._powers_of(length)
            for index, (ratio, before, power, held) in enumerate(terms):
                mixture[index] = mixture[index] * power + weight * held
                if best[index] * before >= weight:
                    best[index] *= power
                else:
                    best[index], self.starts[index] = weight * ratio, last
            self.reviews = last

    def _powers_of(self, length: int) -> list[tuple[float, float, float, float]]:
        """Of each rate the ratio, its powers over a run but one and over it, and their sum."""
        found = []
        for ratio in self._downs:
            power = ratio**length
            held = ratio * (1 - power) / (1 - ratio)
            found.append((ratio, ratio ** (length - 1), power, held))
        return found

    def add_one(self) -> None:
        """One more review, a one."""
        self.reviews += 1
        weight, mixture, best = self._weigh(self.reviews), self.mixture, self.best
        for index, ratio in enumerate(self._ups):
            mixed, held = (mixture[index] + weight) * ratio, best[index]
            mixture[index] = mixed if mixed < _MOST else _MOST  # noqa: FURB136 - a hot loop
            if weight > held:
                held, self.starts[index] = weight, self.reviews
            held *= ratio
            best[index] = held if held < _MOST else _MOST  # noqa: FURB136 - a hot loop

    def _weigh(self, number: int) -> float:
        """The weight of a start at this review, which is that of all in its block."""
        if number > self._block_end:
            self._block_end = _last_of_weight(number)
            self._weight = start_weight(number)
        return self._weight


def _last_of_weight(number: int) -> int:
    """The last review whose start weighs what this one's does."""
    if number <= _EVEN_UNTIL:
        return _EVEN_UNTIL
    return 1 << (number - 1).bit_length()
