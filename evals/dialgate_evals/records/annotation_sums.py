"""What the labels of recorded trials add up to: a benchmark's own verdict, shown and never used.

Counts numbers and true/false marks by name; words and whatever else a label may hold are left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dialgate_evals.actions.trajectory import Trajectory

MOST_NAMES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationSum:
    """One label over the trials that have it."""

    total: float = 0.0
    trials: int = 0
    is_mark: bool = True
    # every value was 0 or 1, so that the total is a count

    def add(self, value: float) -> AnnotationSum:
        """With one more trial's value.

        >>> AnnotationSum().add(True).add(0.0)
        AnnotationSum(total=1.0, trials=2, is_mark=True)
        """
        return replace(
            self,
            total=self.total + value,
            trials=self.trials + 1,
            is_mark=self.is_mark and value in {0, 1},
        )

    def as_json(self) -> dict[str, Any]:
        """As the verdict document holds it."""
        return {"total": round(self.total, 6), "trials": self.trials, "is_mark": self.is_mark}


def sum_annotations(trajectories: Iterable[Trajectory]) -> dict[str, AnnotationSum]:
    """The labels of the trials that could be run."""
    sums: dict[str, AnnotationSum] = {}
    for trajectory in trajectories:
        if trajectory.error is None:
            add_annotations(sums, trajectory.labels)
    return sums


def add_annotations(sums: dict[str, AnnotationSum], labels: Mapping[str, Any]) -> None:
    """Adds one trial's labels; of many names the first `MOST_NAMES` are kept."""
    for name, value in labels.items():
        if not isinstance(value, bool | int | float) or not _is_small(value):
            continue
        if name in sums or len(sums) < MOST_NAMES:
            sums[name] = sums.get(name, AnnotationSum()).add(float(value))


def _is_small(value: float) -> bool:
    """Whether it can be added up: no infinity, no integer of a thousand digits."""
    return (isinstance(value, int) or math.isfinite(value)) and abs(value) < 1e15
