"""What the sequential gate starts from and asks for: screened cases, endpoints, trial requests.

Knows counts and names only; leaves running trials to whoever drives the procedure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Side(StrEnum):
    """Whose trial it is."""

    BASELINE = "baseline"
    CANDIDATE = "candidate"


class Kind(StrEnum):
    """What of a trial is looked at."""

    SUCCESS = "success"
    SILENCE = "silence"


class Endpoint(NamedTuple):
    """Success or silence of one action class, or the success of whole cases.

    A tuple, because it is looked up ten thousand times a gate and a tuple's hash is the fastest.
    """

    action_class: str = ""
    # empty: the suite as a whole
    kind: Kind = Kind.SUCCESS


SUITE = Endpoint()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenedCase:
    """A case after screening: trials on record of the baseline, first trials of the candidate.

    Raises ValueError where a side has no trial or more failures than trials: a case without
    evidence can't be judged, and leaving it out silently would be a pass.
    """

    id: str
    classes: tuple[str, ...] = ()
    baseline_trials: int
    candidate_trials: int
    baseline_failed: Mapping[Endpoint, int] = field(default_factory=dict)
    # trials that failed the endpoint; absent: none did
    candidate_failed: Mapping[Endpoint, int] = field(default_factory=dict)
    critical: bool = False

    def __post_init__(self) -> None:
        if self.baseline_trials < 1 or self.candidate_trials < 1:
            raise ValueError(f"case {self.id}: found a side without a trial")
        for failed, trials in (
            (self.baseline_failed, self.baseline_trials),
            (self.candidate_failed, self.candidate_trials),
        ):
            if any(not 0 <= number <= trials for number in failed.values()):
                raise ValueError(f"case {self.id}: found more failures than trials")

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The suite's endpoint and both of each class that the case belongs to."""
        return (
            SUITE,
            *(Endpoint(action_class=name, kind=kind) for name in self.classes for kind in Kind),
        )

    @property
    def suspected(self) -> tuple[Endpoint, ...]:
        """Endpoints that the candidate failed while the baseline passes at least sometimes."""
        if not self.candidate_failed:
            return ()
        return tuple(
            endpoint
            for endpoint in self.endpoints
            if self.candidate_failed.get(endpoint, 0)
            and self.baseline_failed.get(endpoint, 0) < self.baseline_trials
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRequest:
    """Run this case `count` times on this side; fresh trials, never one from a record or cache."""

    case_id: str
    side: Side
    count: int = 1
