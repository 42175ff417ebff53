"""Success rates of simulated agents: drawn from what is on record, else from a named mixture.

Knows the prior and its source; leaves reading records to the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_RATES = np.linspace(0.0, 1.0, 21)
_PRIOR = np.concatenate([[0.03], np.full(19, 0.27 / 19), [0.70]])
"""Most cases always pass, a few never do, the rest may have any rate."""

_MIXTURE = np.array([1.0, 0.8, 0.3])
_SHARES = np.array([0.7, 0.2, 0.1])
"""Where nothing is on record: 70 % of the cases always pass, 20 % pass 8 times in 10, 10 % 3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHistory:
    """How often a case passed on record; no trial: nothing is known of it."""

    passed: int = 0
    trials: int = 0


def draw_rates(history: Sequence[CaseHistory], rng: np.random.Generator) -> NDArray[np.float64]:
    """A success rate for each case.

    Of cases on record, drawn from the posterior over a grid of 21 rates: a case that passed once
    may still fail at times, and one that failed once may have been unlucky. Where no case is on
    record, drawn from the mixture.
    """
    if not any(case.trials for case in history):
        return rng.choice(_MIXTURE, size=len(history), p=_SHARES)
    drawn = np.empty(len(history))
    chances: dict[CaseHistory, NDArray[np.float64]] = {}
    for index, case in enumerate(history):
        if case not in chances:
            chances[case] = np.cumsum(_posterior(case))
        drawn[index] = _RATES[np.searchsorted(chances[case], rng.random())]
    return drawn


def _posterior(case: CaseHistory) -> NDArray[np.float64]:
    """Chances of the grid's rates after the trials on record; they sum to 1."""
    likelihood = _RATES**case.passed * (1 - _RATES) ** (case.trials - case.passed)
    weights = _PRIOR * likelihood
    found: NDArray[np.float64] = weights / weights.sum()
    return np.minimum(found, 1.0)
