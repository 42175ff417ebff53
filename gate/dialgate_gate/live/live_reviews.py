"""Reviewed tasks as the dial counts them: which ones count for the next move.

A live review is what reviewers decided of one task: one observation, an intervention if any of its
reviews was one. Knows staleness; leaves counting events, and which are in force, to `evals`, and
what follows from the counts to `dialgate_gate.ladder.recommendation`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialgate_evals.events.event_cube import DayTasks
from dialgate_evals.suite.release import COMPONENTS
from dialgate_gate.live.decision_delay import Settling

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from dialgate_evals.events.event_cube import TaskGroup
    from dialgate_evals.suite.release import Release

    Days = Mapping[TaskGroup, Mapping[dt.date, DayTasks]]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownReleases:
    """The release now, and the components of others as records and release files hold them."""

    current: Release
    components: Mapping[str, tuple[Mapping[str, str], ...]]
    # by version: the different components that bore it
    carry_over: frozenset[str] = frozenset()
    # components whose change keeps live evidence

    def changed_components(self, release: str) -> tuple[str, ...] | None:
        """What differs between the events' release and the current one; None: it is not known.

        An event names its release by version or by fingerprint. A version that several releases
        bore differs in whatever any of them differs in: which one was live can't be told.
        """
        if release == self.current.fingerprint:
            return ()
        known = self.components.get(release, ())
        if not known:
            return () if release == self.current.version else None
        now = self.current.components
        return tuple(c for c in COMPONENTS if any(item.get(c) != now[c] for item in known))

    def counts(self, release: str) -> bool:
        """Whether live evidence on that release counts for the current one."""
        changed = self.changed_components(release)
        return changed is not None and set(changed) <= self.carry_over


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleReviews:
    """Reviews in the mode in force that don't count, as they were made on another release."""

    release: str
    reviews: int
    # tasks
    changed: tuple[str, ...] | None
    # components; None: not known


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveStanding:
    """The live evidence of a class in the mode in force that counts, and what does not."""

    reviews: int = 0
    # tasks with a review, each once
    interventions: int = 0
    # of those, with any intervention
    escalations: int = 0
    # tasks that were escalated and never reviewed
    escalated_reviewed: int = 0
    # reviewed tasks that were escalated too
    escalated_bad: int = 0
    # of those, with an intervention
    canaries: int = 0
    canaries_missed: int = 0
    # planted bad actions that all reviewers were shown, and those that they let through
    young: int = 0
    # tasks that would count, but for decisions on them that may still come
    settling: Settling = field(default_factory=Settling)
    # how old a task must be
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    stale: tuple[StaleReviews, ...] = ()
    other_modes: int = 0
    # tasks in other modes, or before the class was moved to this one

    @property
    def days(self) -> int:
        """Calendar days (UTC) from the first to the last review that counts."""
        if self.first_day is None or self.last_day is None:
            return 0
        return (self.last_day - self.first_day).days + 1

    @property
    def per_day(self) -> float:
        """Reviews a day at the present volume."""
        return self.reviews / self.days if self.days else 0.0


def count_standing(
    days: Days,
    releases: KnownReleases,
    *,
    settling: Settling | None = None,
    today: dt.date | None = None,
    canaries: tuple[int, int] = (0, 0),
) -> LiveStanding:
    """The standing of one class from its tasks by group and day.

    `settling`: how old tasks must be on `today`; without them all count. `canaries`: planted bad
    actions that all reviewers were shown, and those that they let through.
    """
    settling = settling or Settling()
    counted: list[tuple[dt.date, DayTasks]] = []
    other_modes = 0
    stale: dict[str, int] = {}
    for group, found in days.items():
        whole = sum_tasks(found.values())
        if not group.in_force:
            other_modes += whole.reviewed + whole.unreviewed
        elif not releases.counts(group.release):
            stale[group.release] = stale.get(group.release, 0) + whole.reviewed
        else:
            counted += found.items()
    old = [pair for pair in counted if today is None or settling.counts(pair[0], today)]
    young = sum_tasks(item for _, item in counted).reviewed - sum_tasks(i for _, i in old).reviewed
    counted, whole = old, sum_tasks(item for _, item in old)
    reviewed = [day for day, item in counted if item.reviewed]
    return LiveStanding(
        reviews=whole.reviewed,
        interventions=whole.intervened,
        escalations=whole.unreviewed,
        escalated_reviewed=whole.escalated_reviewed,
        escalated_bad=whole.escalated_bad,
        canaries=canaries[0],
        canaries_missed=canaries[1],
        young=young,
        settling=settling,
        first_day=min(reviewed, default=None),
        last_day=max(reviewed, default=None),
        stale=tuple(
            StaleReviews(release=name, reviews=n, changed=releases.changed_components(name))
            for name, n in sorted(stale.items())
        ),
        other_modes=other_modes,
    )


def sum_tasks(counts: Iterable[DayTasks]) -> DayTasks:
    """The sum of the counts; all zero where there are none."""
    whole = DayTasks(0, 0, 0)
    for item in counts:
        whole = whole.plus(item)
    return whole
