"""Critical cases: which the candidate broke while the baseline holds them, by any trial.

Knows which trials failed; leaves what is said of them to `sequential.deciding`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialgate_gate.verdict.sequential.screened_case import SUITE, Side, failed_by_acting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dialgate_gate.verdict.sequential.screened_case import Endpoint, ScreenedCase


@dataclass(slots=True, kw_only=True)
class CriticalCases:
    """By acting a case breaks; a judge's vote alone breaks none and is not passed over."""

    failing: set[str] = field(default_factory=set)
    # that a candidate's trial failed by acting
    held: set[str] = field(default_factory=set)
    # that no baseline trial failed so far by acting
    failing_any: set[str] = field(default_factory=set)
    # that a candidate's trial failed, by acting or by votes alone
    held_all: set[str] = field(default_factory=set)
    # that no baseline trial failed so far in either way

    @property
    def broken(self) -> tuple[str, ...]:
        """Cases that the candidate broke by acting."""
        return tuple(sorted(self.failing & self.held))

    @property
    def refused(self) -> tuple[str, ...]:
        """Cases that votes alone failed on the candidate and never on the baseline."""
        return tuple(sorted(self.failing_any & self.held_all - self.failing))

    def note(self, case_id: str, side: Side, failed: frozenset[Endpoint]) -> None:
        """Takes in the endpoints that a fresh trial of a critical case failed."""
        if SUITE not in failed:
            return
        if side is Side.BASELINE:
            self.held_all.discard(case_id)
        else:
            self.failing_any.add(case_id)
        if SUITE in failed_by_acting(failed):
            if side is Side.CANDIDATE:
                self.failing.add(case_id)
            else:
                self.held.discard(case_id)


def screened_critical(cases: Iterable[ScreenedCase]) -> CriticalCases:
    """The critical cases as the trials at hand show them."""
    critical = [case for case in cases if case.critical]
    return CriticalCases(
        failing={c.id for c in critical if c.acting_failures(Side.CANDIDATE).get(SUITE)},
        held={c.id for c in critical if not c.acting_failures(Side.BASELINE).get(SUITE)},
        failing_any={case.id for case in critical if case.candidate_failed.get(SUITE)},
        held_all={case.id for case in critical if not case.baseline_failed.get(SUITE)},
    )
