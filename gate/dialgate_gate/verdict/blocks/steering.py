"""Which option each case runs next and at what stake: the cheapest way to an answer, by a model.

The model: cases keep one of the table's rates on both sides, their shares learnt from what was
seen. It steers and never decides. Leaves what a block shows to `blocks.running_products`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import erf, exp, inf, pi, sqrt
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.verdict.blocks.options import OPTIONS, RATES, STAKES, UNBEARABLE, option_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PRIOR = np.where(RATES == 1.0, 0.42, np.where(RATES == 0.0, 0.08, 0.5 / (len(RATES) - 2)))
_PRIOR_CASES = 3.0
# so many cases' worth of belief
_BELIEF = _PRIOR_CASES * _PRIOR
_LEARNING_STEPS = 15
_PATIENCE = 1.5
# 3 gives fewer, larger blocks for a tenth more calls
_PACES = np.array([0.4, 0.7, 1.2, 2.2])
_FIRST_PRICE = 0.006
_RECORDED_COST = 0.5
# of a baseline trial on record that may be evidence: free now, but gone then
_FEW_CASES = 64
# in simulated gates so few are often in a state that they were in before


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaseGroups:
    """Cases that look alike share a row: passes, trials and what is left on record."""

    rows: NDArray[np.int64]
    # group x (passes, trials, recorded baseline trials left)
    of_case: NDArray[np.int64]
    sizes: NDArray[np.int64]
    posterior: NDArray[np.float64]
    # group x rate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BlockChoice:
    """Options and stake of a block, fixed before it starts."""

    stake: float
    options: NDArray[np.int64]
    # by case: a place in OPTIONS
    growth: float
    # nats expected if nothing changed
    spread: float
    cost: float
    # agent calls expected
    price: float
    # nats a call, at the best pace

    @property
    def is_useful(self) -> bool:
        """Whether the block is expected to bring anything."""
        return self.growth > 0


def group_cases(
    passes: NDArray[np.int64], trials: NDArray[np.int64], left: NDArray[np.int64] | None = None
) -> CaseGroups:
    """The cases by what is known of them, with the rates that this leaves possible."""
    more = np.zeros_like(trials) if left is None else np.minimum(left, 63)
    if len(trials) > _FEW_CASES:
        return _grouped(passes, trials, more)
    return _grouped_before(
        *(np.asarray(known, dtype=np.int64).tobytes() for known in (passes, trials, more))
    )


@lru_cache(maxsize=512)
def _grouped_before(passes: bytes, trials: bytes, left: bytes) -> CaseGroups:
    """As `_grouped`; nobody may write into what comes back."""
    found = _grouped(*(np.frombuffer(known, dtype=np.int64) for known in (passes, trials, left)))
    for array in (found.rows, found.of_case, found.sizes, found.posterior):
        array.flags.writeable = False
    return found


def _grouped(
    passes: NDArray[np.int64], trials: NDArray[np.int64], more: NDArray[np.int64]
) -> CaseGroups:
    keys = (trials * 4096 + passes) * 64 + more
    order = keys.argsort(kind="stable")
    ordered = keys[order]
    is_first = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    starts = is_first.nonzero()[0]
    of_case = np.empty(len(keys), dtype=np.int64)
    of_case[order] = is_first.cumsum() - 1
    sizes = np.append(starts[1:], len(keys)) - starts
    first = order[starts]
    rows = np.array((passes[first], trials[first], more[first])).T
    return CaseGroups(
        rows=rows, of_case=of_case, sizes=sizes, posterior=_learn(rows[:, 0], rows[:, 1], sizes)
    )


def _learn(
    passes: NDArray[np.int64], trials: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Which rates each group may have; the shares of rates are learnt from all groups together.

    The shares need not add up to 1: what a group may have doesn't depend on their scale.
    """
    failed = trials - passes
    likelihood = RATES ** passes[:, None] * (1 - RATES) ** failed[:, None]
    weights = _PRIOR
    for _ in range(_LEARNING_STEPS):
        weights = weights * ((sizes / (likelihood @ weights)) @ likelihood) + _BELIEF
    posterior = likelihood * weights
    found: NDArray[np.float64] = posterior / posterior.sum(axis=1, keepdims=True)
    return found


def choose_block(
    groups: CaseGroups,
    *,
    margin: float,
    need: float,
    only_certain: bool = False,
    highest_stake: float = 1.0,
) -> BlockChoice | None:
    """The block that reaches `need` nats most cheaply, seen from here; None where none helps.

    only_certain: options that run the candidate for sure, because another unit uses the block.
    Source: Dinkelbach (1967) for the price; the shortfall of a normal sum for the pace.
    """
    is_few = len(groups.of_case) <= _FEW_CASES
    choose = _chosen_before if is_few else _choose_block
    return choose(groups, margin, need, only_certain, highest_stake)


def _choose_block(
    groups: CaseGroups, margin: float, need: float, only_certain: bool, highest_stake: float
) -> BlockChoice | None:
    cases = int(groups.sizes.sum())
    usable = (STAKES * margin < 1) & (highest_stake >= STAKES)
    if margin <= 0 or not usable.any():
        return None
    table = option_table()
    cost = _costs(groups)
    growth = _by_stake(groups, table.growth)[usable]
    if only_certain:
        growth = np.where(table.certain, growth, UNBEARABLE)
    gift = -cases * np.log1p(-STAKES[usable] * margin)
    price = _FIRST_PRICE
    for _ in range(3):
        _, total, spent = _choose(growth, cost, groups.sizes, np.array([price]), gift)
        best = int((total - price * spent).argmax())
        price = max(total[0, best] / spent[0, best], 1e-6) if spent[0, best] > 0 else 1.0
    chosen, total, spent = _choose(growth, cost, groups.sizes, _PACES * price, gift)
    square = _by_stake(groups, table.square)[usable]
    mean, second = _picked(growth, chosen), _picked(square, chosen)
    spread = np.sqrt(np.maximum((second - mean**2) @ groups.sizes, 1e-9))
    place = _cheapest(need, total, spent, spread, price)
    if place is None:
        return None
    return BlockChoice(
        stake=float(STAKES[usable][place[1]]),
        options=chosen[place][groups.of_case],
        growth=float(total[place]),
        spread=float(spread[place]),
        cost=float(spent[place]),
        price=float(price),
    )


@lru_cache(maxsize=256)
def _chosen_before(
    groups: CaseGroups, margin: float, need: float, only_certain: bool, highest_stake: float
) -> BlockChoice | None:
    """As `_choose_block`; nobody may write into what comes back."""
    found = _choose_block(groups, margin, need, only_certain, highest_stake)
    if found is not None:
        found.options.flags.writeable = False
    return found


def best_stake(
    groups: CaseGroups, options: NDArray[np.int64], *, margin: float, highest: float = 1.0
) -> float:
    """The stake that grows most on these options, for a unit that only looks on; 0: none does."""
    table = option_table()
    lowest_chance = float(table.candidate_chance[options].min())
    usable = (min(lowest_chance, 1.0) > STAKES) & (highest >= STAKES) & (STAKES * margin < 1)
    if not usable.any() or margin <= 0:
        return 0.0
    growth = _by_stake(groups, table.growth)[usable]
    total = growth[:, groups.of_case, options].sum(axis=1)
    total = total - len(options) * np.log1p(-STAKES[usable] * margin)
    best = int(np.argmax(total))
    return float(STAKES[usable][best]) if total[best] > 0 else float(STAKES[usable][0])


def _by_stake(groups: CaseGroups, table: NDArray[np.float64]) -> NDArray[np.float64]:
    """A figure of the table as each group may expect it: stakes x groups x options."""
    found = groups.posterior @ table
    return found.reshape(len(groups.rows), len(STAKES), len(OPTIONS)).transpose(1, 0, 2)


def _costs(groups: CaseGroups) -> NDArray[np.float64]:
    """Agent calls of each option, by group; recorded trials are used first, at half the price."""
    table = option_table()
    left = groups.rows[:, 2][:, None]
    trials = table.baseline_trials[None, :]
    fresh = np.maximum(trials - left, 0) + _RECORDED_COST * np.minimum(trials, left)
    found: NDArray[np.float64] = table.candidate_cost + table.baseline_cost * fresh
    return found


def _choose(
    growth: NDArray[np.float64],
    cost: NDArray[np.float64],
    sizes: NDArray[np.int64],
    prices: NDArray[np.float64],
    gift: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """By price and stake: each group's best option, the nats and the calls they come to."""
    chosen = (growth - prices[:, None, None, None] * cost).argmax(axis=3)
    spent = cost[np.arange(len(cost)), chosen]
    return chosen, gift + _picked(growth, chosen) @ sizes, spent @ sizes


def _picked(figures: NDArray[np.float64], chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    """The figure of each group's chosen option, by price and stake."""
    _, stakes, groups = chosen.shape
    found: NDArray[np.float64] = figures[np.arange(stakes)[:, None], np.arange(groups), chosen]
    return found


def _cheapest(
    need: float,
    total: NDArray[np.float64],
    spent: NDArray[np.float64],
    spread: NDArray[np.float64],
    price: float,
) -> tuple[int, int] | None:
    """The pace and the stake that cost least, with what the block may fall short by; of any gain.

    What falls short for sure is worked out of all at once; what may by chance, only of those that
    could still be the cheapest.
    """
    missing = need - total
    least = np.where(total > 0, spent + _PATIENCE * np.maximum(missing, 0) / price, inf)
    lowest, found = inf, None
    for place in zip(*(least < inf).nonzero(), strict=True):
        if least[place] < lowest:
            short = _shortfall(float(missing[place]), float(spread[place]))
            score = float(spent[place]) + _PATIENCE * short / price
            if score < lowest:
                lowest, found = score, place
    return found


def _shortfall(missing: float, spread: float) -> float:
    """What a normal sum is expected to fall short by."""
    z = missing / spread
    density = exp(-z * z / 2) / sqrt(2 * pi) if abs(z) < 30 else 0.0
    return float(missing * (1 + erf(z / sqrt(2))) / 2 + spread * density)
