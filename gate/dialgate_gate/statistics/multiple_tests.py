"""Several tests at once: p-values adjusted so that alpha holds for all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedTests:
    """Adjusted p-values in the order given; a test is shown where its value is at most alpha."""

    adjusted: tuple[float, ...]
    alpha: float
    method: str = "Holm"

    @property
    def shown(self) -> tuple[bool, ...]:
        """Which tests are shown at alpha over all of them together."""
        return tuple(value <= self.alpha for value in self.adjusted)


def holm(p_values: Sequence[float], alpha: float) -> AdjustedTests:
    """Holm's step-down adjustment: the chance of any false alarm is at most alpha.

    Needs no assumption on how the tests depend on each other.
    Raises ValueError for a value that is no probability. Source: Holm (1979).

    >>> holm([0.01, 0.04, 0.03], alpha=0.05).adjusted
    (0.03, 0.06, 0.06)
    """
    if any(not 0 <= value <= 1 for value in p_values):
        raise ValueError(f"found p-values outside 0 to 1: {list(p_values)}")
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted = [1.0] * len(p_values)
    running = 0.0
    for rank, index in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = running
    return AdjustedTests(adjusted=tuple(adjusted), alpha=alpha)
