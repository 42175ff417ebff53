"""Agents by the success rates of their cases, and the ways in which a release may be worse.

Shared by the benchmarks of the gate; nothing here decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Rates = "NDArray[np.float64]"
WAYS = ("spread", "stable", "flaky", "broken", "trade")
"""The five ways to lose the margin."""


def shares(*parts: tuple[float, float]) -> Callable[[int, np.random.Generator], Rates]:
    """An agent by shares of its cases and their success rates."""

    def rates(cases: int, _: np.random.Generator) -> Rates:
        counts = [round(share * cases) for share, _ in parts[:-1]]
        return np.repeat([rate for _, rate in parts], [*counts, cases - sum(counts)])

    return rates


def beta(a: float, b: float) -> Callable[[int, np.random.Generator], Rates]:
    """An agent whose cases' rates are drawn from a beta distribution."""
    return lambda cases, rng: rng.beta(a, b, size=cases)


AGENTS = {
    "mixture": shares((0.7, 1.0), (0.2, 0.8), (0.1, 0.3)),
    "strong": shares((0.9, 1.0), (0.07, 0.9), (0.03, 0.5)),
    "mean .75": lambda cases, rng: 1 - rng.beta(1.1, 3.2, size=cases),
    "two levels": shares((0.5, 0.98), (0.5, 0.85)),
    "beta 3, .6": beta(3.0, 0.6),
    "noisy": shares((0.15, 0.75), (0.85, 0.995)),
    # two families that were never run while the method was built or its steering chosen
    "steps": shares((0.6, 1.0), (0.2, 0.95), (0.1, 0.7), (0.1, 0.5)),
    "beta .5, .05": beta(0.5, 0.05),
}


def lose(before: Rates, loss: float, way: str, rng: np.random.Generator) -> Rates:
    """The candidate's rates: the mean falls by `loss`, in one of the five ways."""
    now = before.copy()
    stable, flaky = np.flatnonzero(before >= 0.95), np.flatnonzero(before < 0.95)
    total = loss * len(before)
    if way == "trade":
        better = flaky[: len(flaky) // 2]
        total += float((1 - now[better]).sum())
        now[better] = 1.0
        rest = np.setdiff1d(np.arange(len(before)), better)
        _take(now, stable if len(stable) else rest, total)
    elif way == "broken":
        for place in rng.permutation(len(before)):
            taken = min(now[place], total)
            now[place] -= taken
            total -= taken
    else:
        chosen = {"spread": np.arange(len(before)), "stable": stable, "flaky": flaky}[way]
        total = _take(now, chosen, total)
        _take(now, np.arange(len(before)), total)
    return now


def losing(loss: float, way: str, before: Rates, rng: np.random.Generator) -> Rates:
    """`lose` with its size and way first."""
    return lose(before, loss, way, rng)


def _take(rates: Rates, places: NDArray[np.int64], total: float) -> float:
    """Lowers these rates alike by `total` in all; what could not be taken."""
    while total > 1e-9 and len(places := places[rates[places] > 1e-12]):
        taken = np.minimum(rates[places], total / len(places))
        rates[places] -= taken
        total -= float(taken.sum())
    return total
