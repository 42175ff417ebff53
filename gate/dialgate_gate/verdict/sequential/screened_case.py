"""What the sequential gate starts from and asks for: screened cases, endpoints, trial requests.

Knows counts and names only; leaves running trials to whoever drives the procedure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import msgspec

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
    JUDGED = "judged"
    # of the failures of success, those that a judge's vote alone found
    INVALID = "invalid"
    # no call that breaks its schema
    BROKE_OFF = "broke_off"
    TIMED_OUT = "timed_out"
    CUT_OFF = "cut_off"
    INVALID_CALLS = "invalid_calls"
    TEXT_CALLS = "text_calls"
    ANY_THIN = "any_thin"
    # any of the last five


THIN_KINDS = (
    *(Kind.BROKE_OFF, Kind.TIMED_OUT, Kind.CUT_OFF),
    *(Kind.INVALID_CALLS, Kind.TEXT_CALLS),
)
"""Failures that are rare in each case and spread over all: rates over all trials, tested once."""


class Endpoint(NamedTuple):
    """Success or silence of one action class, or something of whole cases.

    A tuple, because it is looked up ten thousand times a gate and a tuple's hash is the fastest.
    """

    action_class: str = ""
    # empty: the suite as a whole
    kind: Kind = Kind.SUCCESS


SUITE = Endpoint()
INVALID = Endpoint(kind=Kind.INVALID)
ANY_THIN = Endpoint(kind=Kind.ANY_THIN)
THIN = frozenset(Endpoint(kind=kind) for kind in THIN_KINDS)


def voted_on(endpoint: Endpoint) -> Endpoint:
    """Where failures of the endpoint are counted that a judge alone found."""
    return Endpoint(endpoint.action_class, Kind.JUDGED)


@lru_cache(maxsize=1024)
def endpoints_of(action_class: str) -> tuple[Endpoint, ...]:
    """What is looked at of a class."""
    return (Endpoint(action_class, Kind.SUCCESS), Endpoint(action_class, Kind.SILENCE))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenedCase:
    """A case after screening: trials on record of the baseline, first trials of the candidate.

    A side without a finished trial is run again in the first block. Raises ValueError where
    neither side has a trial or one has more failures than trials: a case without evidence can't
    be judged, and leaving it out silently would be a pass.
    """

    id: str
    classes: tuple[str, ...] = ()
    baseline_trials: int
    candidate_trials: int
    baseline_failed: Mapping[Endpoint, int] = field(default_factory=dict)
    # trials that failed the endpoint; absent: none did
    steering_trials: int = 0
    # of the baseline on other days: they say where to look and are no evidence
    steering_failed: Mapping[Endpoint, int] = field(default_factory=dict)
    candidate_failed: Mapping[Endpoint, int] = field(default_factory=dict)
    critical: bool = False
    judged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # by unit (the suite without a name) the criteria on which a judge decides there

    def __post_init__(self) -> None:
        if self.baseline_trials < 1 and self.candidate_trials < 1:
            raise ValueError(f"case {self.id}: found no trial on either side")
        for failed, trials in (
            (self.baseline_failed, self.baseline_trials),
            (self.candidate_failed, self.candidate_trials),
            (self.steering_failed, self.steering_trials),
        ):
            if failed and any(not 0 <= number <= trials for number in failed.values()):
                raise ValueError(f"case {self.id}: found more failures than trials")

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """What a case may be a suspect of."""
        return (SUITE, INVALID, *(e for name in self.classes for e in endpoints_of(name)))

    def acting_failures(self, side: Side) -> Mapping[Endpoint, int]:
        """The side's failures but those that a judge alone found, which make no suspect."""
        failed = self.baseline_failed if side is Side.BASELINE else self.candidate_failed
        if not self.judged:
            return failed
        return {
            endpoint: number - failed.get(voted_on(endpoint), 0)
            if endpoint.kind is Kind.SUCCESS
            else number
            for endpoint, number in failed.items()
        }

    @property
    def suspected(self) -> tuple[Endpoint, ...]:
        """Endpoints that the candidate failed while the baseline passes at least sometimes."""
        if not self.candidate_failed:
            return ()
        before, now = (self.acting_failures(side) for side in Side)
        return tuple(
            endpoint
            for endpoint in self.endpoints
            if now.get(endpoint, 0) and before.get(endpoint, 0) < self.baseline_trials
        )


def failed_by_acting(failed: frozenset[Endpoint]) -> frozenset[Endpoint]:
    """The endpoints that a trial failed, without what a judge's vote alone failed."""
    voted = {Endpoint(e.action_class) for e in failed if e.kind is Kind.JUDGED}
    return failed - voted if voted else failed


class TrialRequest(msgspec.Struct, frozen=True):
    """Run this case `count` times on this side; fresh trials, never one from a record or cache.

    A struct, because a block of ten thousand cases asks for as many at once.
    """

    case_id: str
    side: Side
    count: int = 1
