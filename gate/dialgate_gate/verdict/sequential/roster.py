"""What of screened cases is the same whatever their trials showed: which there are, and how many.

Simulated gates of one suite share it. Leaves failures to `sequential.starting`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from dialgate_gate.verdict.sequential.screened_case import ScreenedCase


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Roster:
    """Cases by their places. Gates share the arrays: nobody writes to them."""

    cases: Sequence[ScreenedCase]
    ids: tuple[str, ...]
    members: Mapping[str, NDArray[np.int64]]
    # by action class the places of its cases, ascending
    baseline_trials: NDArray[np.int64]
    candidate_trials: NDArray[np.int64]
    steering_trials: NDArray[np.int64]


def list_cases(cases: Sequence[ScreenedCase]) -> Roster:
    """The roster of these cases, in this order."""
    members: dict[str, list[int]] = {}
    for place, case in enumerate(cases):
        for name in case.classes:
            members.setdefault(name, []).append(place)
    return Roster(
        cases=cases,
        ids=tuple(case.id for case in cases),
        members={name: np.array(places) for name, places in members.items()},
        baseline_trials=np.array([case.baseline_trials for case in cases]),
        candidate_trials=np.array([case.candidate_trials for case in cases]),
        steering_trials=np.array([case.steering_trials for case in cases]),
    )
