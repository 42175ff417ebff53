"""Review events as the dial counts them: which class, intervened or not, and which ones count.

Knows staleness, the mode in force and canaries; leaves reading events to `evals` and what follows
from the counts to `dialgate_gate.ladder.recommendation` and `dialgate_gate.live.demotion`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_evals.events.review_events import ReviewDecision
from dialgate_evals.suite.release import COMPONENTS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.events.review_events import Mode, ReviewEvent
    from dialgate_evals.suite.release import Release


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One event as the dial counts it."""

    event_id: str
    at: dt.datetime
    action_class: str
    release: str
    mode: Mode
    intervened: bool | None
    # None: escalated, which is neither
    canary: bool = False


def as_review(event: ReviewEvent, actions: ActionRegistry) -> Review:
    """The event with its class, which is computed and never taken from the event."""
    escalated = event.decision is ReviewDecision.ESCALATED
    call = event.proposed
    return Review(
        event_id=event.event_id,
        at=event.occurred_at,
        action_class=actions.classify(call.name, call.arguments).name,
        release=event.release,
        mode=event.mode,
        intervened=None if escalated else event.decision.is_intervention,
        canary=event.canary,
    )


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
    changed: tuple[str, ...] | None
    # components; None: not known


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveStanding:
    """The live evidence of a class in the mode in force that counts, and what does not."""

    reviews: int = 0
    interventions: int = 0
    escalations: int = 0
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    stale: tuple[StaleReviews, ...] = ()
    other_modes: int = 0
    # events in other modes, or before the class was moved to this one

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


def is_in_force(review: Review, mode: Mode, since: dt.datetime | None) -> bool:
    """Whether the review was made while the class was where it is now."""
    return review.mode is mode and (since is None or review.at >= since)


def count_standing(
    reviews: Iterable[Review], *, mode: Mode, since: dt.datetime | None, releases: KnownReleases
) -> LiveStanding:
    """The standing of one class from its reviews, in any order. Canaries are in no count."""
    days: list[dt.date] = []
    interventions = escalations = other_modes = 0
    stale: dict[str, int] = {}
    for review in reviews:
        if review.canary:
            continue
        if not is_in_force(review, mode, since):
            other_modes += 1
        elif not releases.counts(review.release):
            stale[review.release] = stale.get(review.release, 0) + (review.intervened is not None)
        elif review.intervened is None:
            escalations += 1
        else:
            days.append(_day(review.at))
            interventions += review.intervened
    return LiveStanding(
        reviews=len(days),
        interventions=interventions,
        escalations=escalations,
        first_day=min(days, default=None),
        last_day=max(days, default=None),
        stale=tuple(
            StaleReviews(release=name, reviews=n, changed=releases.changed_components(name))
            for name, n in sorted(stale.items())
        ),
        other_modes=other_modes,
    )


def _day(moment: dt.datetime) -> dt.date:
    import datetime as dt  # noqa: PLC0415 - one use

    return moment.astimezone(dt.UTC).date()
