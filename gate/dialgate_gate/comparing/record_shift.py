"""Whether a release behaves today as its record says: a finding of its own, never evidence.

A record of another day steers: it says which cases vary. Where today's trials of the very same
release lie apart from it, something behind its unchanged names changed (a provider's model, a
server), and a reader must know. Pure; leaves where trials come from to `dialgate`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dialgate_gate.statistics import PairedCounts, regression_p_value
from dialgate_gate.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN_BY = 0.01
"""Both directions together; every check asks, so it is stricter than a single look."""

Counts = tuple[int, int]
"""Passed, and trials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordShift:
    """Today's trials of a release beside those on record."""

    cases: int
    recorded: Counts
    today: Counts
    p_value: float
    # of the smaller direction, doubled
    is_shown: bool

    @property
    def sentence(self) -> str:
        """What a reader must know; empty where nothing is shown."""
        if not self.is_shown:
            return ""
        return (
            f"The baseline behaves otherwise than its record: {self.today[0]} of {self.today[1]} "
            f"trials passed today, {self.recorded[0]} of {self.recorded[1]} before in the same "
            f"{count_of(self.cases, 'case')}. Something behind its unchanged names changed, such "
            "as the provider's model; what is on record is no evidence of today."
        )

    def as_json(self) -> dict[str, Any]:
        """As the verdict holds it."""
        return {
            "cases": self.cases,
            "recorded": {"passed": self.recorded[0], "trials": self.recorded[1]},
            "today": {"passed": self.today[0], "trials": self.today[1]},
            "p_value": self.p_value,
            "shown": self.is_shown,
        }


def find_shift(
    *, recorded: Mapping[str, Counts], today: Mapping[str, Counts]
) -> RecordShift | None:
    """The shift over the cases that both hold; None where none does."""
    shared = sorted(case for case in recorded.keys() & today.keys() if today[case][1])
    if not shared:
        return None
    before, now = ([side[case] for case in shared] for side in (recorded, today))
    p_value = min(1.0, 2 * min(_worse(before, now), _worse(now, before)))
    return RecordShift(
        cases=len(shared),
        recorded=(sum(item[0] for item in before), sum(item[1] for item in before)),
        today=(sum(item[0] for item in now), sum(item[1] for item in now)),
        p_value=p_value,
        is_shown=p_value <= SHOWN_BY,
    )


def _worse(first: list[Counts], second: list[Counts]) -> float:
    counts = PairedCounts(
        baseline_passed=np.array([item[0] for item in first]),
        baseline_trials=np.array([item[1] for item in first]),
        candidate_passed=np.array([item[0] for item in second]),
        candidate_trials=np.array([item[1] for item in second]),
    )
    return regression_p_value(counts).p_value
