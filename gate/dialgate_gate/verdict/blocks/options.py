"""What one case may run in a block, and what an option is expected to bring.

An option is how many trials of each side are run and how likely each side is run at all. Leaves
choosing to `blocks.steering` and what came of it to `blocks.running_products`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import comb, log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


class Option(NamedTuple):
    """The trials of one case in one block."""

    candidate_trials: int
    # n, at least 1
    baseline_trials: int
    # h; 0: the baseline is taken to pass always, which only counts against the candidate
    candidate_chance: float = 1.0
    # pc, that the candidate's trials are run; what they show is divided by it
    baseline_chance: float = 1.0
    # pb

    @property
    def is_certain(self) -> bool:
        """Whether the candidate is always run, so that another unit may use the block too."""
        return self.candidate_chance == 1.0


OPTIONS = (
    *(Option(n, h) for n in (1, 2) for h in (0, 1, 2)),
    *(Option(1, 1, 1.0, pb) for pb in (0.5, 0.25, 0.12)),
    *(Option(1, 0, pc) for pc in (0.7, 0.5, 0.35, 0.22)),
    *(Option(1, 1, pc, pb) for pc, pb in ((0.7, 0.3), (0.5, 0.25), (0.35, 0.15), (0.22, 0.1))),
)
"""Seventeen are enough: more trials of a case in one block gain nothing."""

PAIR = OPTIONS.index(Option(1, 1))
"""One fresh pair: the option of a full block."""

STAKES = np.array([0.08, 0.12, 0.18, 0.26, 0.36, 0.48, 0.6, 0.72, 0.82, 0.9])
"""The stakes that steering chooses from."""

RATES = np.array(
    [0, 0.02, 0.05, *np.arange(0.1, 0.81, 0.1), 0.87, 0.92, 0.95, 0.97, 0.985, 0.995, 1.0]
)
"""Success rates that a case may have, for steering."""


UNBEARABLE = -1e9
"""In place of the growth of an option that the stake is too high for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OptionTable:
    """What each option brings, by the stake and by the rate of a case that didn't change."""

    growth: NDArray[np.float64]
    # mean of log(1 + stake * D): rates x (stakes x options); very low: the stake is too high
    square: NDArray[np.float64]
    # mean of its square
    candidate_cost: NDArray[np.float64]
    # agent calls expected, by option
    baseline_cost: NDArray[np.float64]
    certain: NDArray[np.bool_]
    candidate_chance: NDArray[np.float64]
    baseline_trials: NDArray[np.int64]


@lru_cache(maxsize=1)
def option_table() -> OptionTable:
    """The table, made once: exact binomial sums."""
    shape = (len(RATES), len(STAKES), len(OPTIONS))
    growth, square = np.zeros(shape), np.zeros(shape)
    for place, option in enumerate(OPTIONS):
        for row, rate in enumerate(RATES):
            chances, values = map(np.array, zip(*differences(option, float(rate)), strict=True))
            bearable = option.candidate_chance > STAKES
            logs = np.zeros((len(STAKES), len(values)))
            logs[bearable] = np.log1p(STAKES[bearable, np.newaxis] * values)
            growth[row, :, place] = np.where(bearable, logs @ chances, UNBEARABLE)
            square[row, :, place] = logs**2 @ chances
    return OptionTable(
        growth=growth.reshape(len(RATES), -1),
        square=square.reshape(len(RATES), -1),
        candidate_cost=np.array([o.candidate_chance * o.candidate_trials for o in OPTIONS]),
        baseline_cost=np.array([o.baseline_chance for o in OPTIONS]),
        certain=np.array([option.is_certain for option in OPTIONS]),
        candidate_chance=np.array([option.candidate_chance for option in OPTIONS]),
        baseline_trials=np.array([option.baseline_trials for option in OPTIONS]),
    )


def differences(
    option: Option, baseline: float, candidate: float | None = None
) -> Iterator[tuple[float, float]]:
    """Every value that the difference of one case can take, with its chance.

    candidate: its success rate; None: the baseline's, as of an unchanged case.
    """
    now = baseline if candidate is None else candidate
    for (p_now, d_now), (p_before, d_before) in product(
        _side(option.candidate_trials, option.candidate_chance, now, 1.0),
        _side(option.baseline_trials, option.baseline_chance, baseline, -1.0),
    ):
        if p_now * p_before > 0:
            yield p_now * p_before, d_now + d_before


def _side(trials: int, chance: float, rate: float, sign: float) -> Iterator[tuple[float, float]]:
    """One side's share of the difference: the share of passes less 1, over the chance."""
    if trials == 0:
        yield 1.0, 0.0
        return
    if chance < 1:
        yield 1 - chance, 0.0
    for passes in range(trials + 1):
        likely = comb(trials, passes) * rate**passes * (1 - rate) ** (trials - passes)
        yield chance * likely, sign * (passes / trials - 1) / chance


def log_threshold(error: float) -> float:
    """How large a log product must grow to be wrong with this chance at most (Ville, 1939)."""
    return log(1 / error)
