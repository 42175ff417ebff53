"""Success rates of simulated agents: drawn from what is on record, else from a named mixture.

Knows the prior and its source; leaves reading records to the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.verdict.blocks.options import RATES
from dialgate_gate.verdict.blocks.steering import group_cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

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

    Of cases on record, drawn from what their trials leave possible, the shares of the rates being
    learnt from all cases together: where nearly all passed, a case that passed once seldom fails.
    Where no case is on record, drawn from the mixture.
    """
    if not any(case.trials for case in history):
        return rng.choice(_MIXTURE, size=len(history), p=_SHARES)
    chances = _chances(tuple(history))
    places = (chances < rng.random((len(history), 1))).sum(axis=1)
    drawn: NDArray[np.float64] = RATES[np.minimum(places, len(RATES) - 1)]
    return drawn


@lru_cache(maxsize=8)
def _chances(history: tuple[CaseHistory, ...]) -> NDArray[np.float64]:
    """By case the summed chances of the rates."""
    passes = np.array([case.passed for case in history])
    groups = group_cases(passes, np.array([case.trials for case in history]))
    found: NDArray[np.float64] = groups.posterior.cumsum(axis=1)[groups.of_case]
    return found
