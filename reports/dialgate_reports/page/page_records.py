"""What the page shows beside the verdict: trajectories, distributions, history, records.

Plain values that the caller read from run records; the verdict itself needs none of them. Leaves
reading to `dialgate.reporting.page_reading` and showing to `dialgate_reports.page.html`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.actions.trajectory import Trajectory

SideName = Literal["baseline", "candidate"]
SIDES: tuple[SideName, ...] = ("baseline", "candidate")


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRecord:
    """One release's run record, as far as the page shows it."""

    place: str
    # the record's folder
    record: Mapping[str, Any]
    # id, started_at, versions, suite and counts, from run.json
    trajectories: Mapping[str, Trajectory] = field(default_factory=dict)
    # by case: the trial that the verdict explains, or the first one
    latencies_ms: tuple[float, ...] = ()
    # one a trial that could be run and says it
    costs_usd: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRunPoint:
    """One run record in the history."""

    run_id: str
    version: str
    fingerprint: str
    # of the release
    started_at: str
    # RFC 3339, in UTC
    classes: Mapping[str, tuple[int, int]]
    # action class to (successes, trials); "" is the suite as a whole


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRecords:
    """Everything beside the verdict; what is not there was not recorded or not found."""

    baseline: SideRecord | None = None
    candidate: SideRecord | None = None
    history: tuple[RecordedRunPoint, ...] = ()
    # in order of time
    problems: tuple[str, ...] = ()
    # sentences on what can't be shown, and why

    def side(self, name: SideName) -> SideRecord | None:
        """The baseline's or the candidate's record."""
        return self.baseline if name == "baseline" else self.candidate
