"""When a class falls one mode: its reviews watched for interventions over the limit.

Knows classes, modes and releases; leaves the evidence to `statistics.change_detector` and
where events come from to `dialgate.dial.watching`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.review_events import Mode

from dialgate_gate.live.live_reviews import is_in_force
from dialgate_gate.statistics.change_detector import ChangeDetector
from dialgate_gate.wording import count_of, show_rate

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from dialgate_gate.live.live_reviews import Review
    from dialgate_gate.settings.ladder_policy import DemotePolicy

_MOST_EVENTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Demotion:
    """A class that is to fall, since when, and on what."""

    action_class: str
    mode: Mode
    to: Mode
    since: dt.datetime
    # of the most likely first review of the change
    found_at: dt.datetime
    releases: tuple[str, ...]
    # of the reviews since then, in order of first use
    reviews: int
    interventions: int
    # since then, both
    limit: float
    alpha: float
    events: tuple[str, ...]
    # the latest interventions since then, at most 20
    evidence: float
    # e-value; over 1 / alpha

    @property
    def rate(self) -> float:
        """The intervention rate since the change."""
        return self.interventions / self.reviews

    @property
    def found(self) -> str:
        """What was found, with figures and in short."""
        return (
            f"{self.interventions} of {count_of(self.reviews, 'review')} since "
            f"{self.since:%Y-%m-%d %H:%M} UTC were interventions ({show_rate(self.rate)}; limit "
            f"{show_rate(self.limit)})"
        )

    @property
    def sentence(self) -> str:
        """The reason, with figures."""
        return (
            f"{self.found}, release {', '.join(self.releases)}: a class that stays at "
            f"the limit is ever demoted with a chance of at most {show_rate(self.alpha)}."
        )

    def as_json(self) -> dict[str, Any]:
        """What a pager gets."""
        return {
            "action_class": self.action_class,
            "mode": self.mode.value,
            "to": self.to.value,
            "since": _moment(self.since),
            "found_at": _moment(self.found_at),
            "releases": list(self.releases),
            "reviews": self.reviews,
            "interventions": self.interventions,
            "rate": round(self.rate, 6),
            "limit": self.limit,
            "alpha": self.alpha,
            "evidence": float(f"{min(self.evidence, 1e300):.6g}"),
            "events": list(self.events),
            "reason": self.sentence,
        }


class ClassWatch:
    """The reviews of one class in the mode in force, observed one by one; it alarms once.

    A class in shadow can't fall. Canaries, escalations and reviews in other modes are passed over.
    """

    def __init__(
        self, action_class: str, mode: Mode, since: dt.datetime | None, policy: DemotePolicy
    ) -> None:
        self.action_class = action_class
        self.mode = mode
        self.since = since
        self.policy = policy
        self.detector = ChangeDetector(limit=policy.intervention_rate)
        self.alarmed = False
        self._trail: list[Review] = []
        self._dropped = 0
        # reviews before the trail: no rate's best start lies there any more

    def observe(self, review: Review) -> Demotion | None:
        """A demotion where this review shows the change, once; else None."""
        if self.alarmed or self.mode is Mode.SHADOW or review.canary or review.intervened is None:
            return None
        if not is_in_force(review, self.mode, self.since):
            return None
        self.detector = self.detector.observe(review.intervened)
        self._trail.append(review)
        if len(self._trail) > 1024 and self.detector.reviews % 512 == 0:
            self._forget()
        if not self.detector.exceeds(self.policy.alpha):
            return None
        self.alarmed = True
        return self._demotion(review)

    def _forget(self) -> None:
        keep = min(self.detector.starts, default=1) - 1 - self._dropped
        self._trail = self._trail[keep:]
        self._dropped += keep

    def _demotion(self, found: Review) -> Demotion:
        start = (self.detector.since or 1) - 1 - self._dropped
        after = self._trail[start:]
        against = [review.event_id for review in after if review.intervened]
        return Demotion(
            action_class=self.action_class,
            mode=self.mode,
            to=list(Mode)[self.mode.rank - 1],
            since=after[0].at,
            found_at=found.at,
            releases=tuple(dict.fromkeys(review.release for review in after)),
            reviews=len(after),
            interventions=len(against),
            limit=self.policy.intervention_rate,
            alpha=self.policy.alpha,
            events=tuple(against[-_MOST_EVENTS:]),
            evidence=self.detector.evidence,
        )


def find_demotion(watch: ClassWatch, reviews: Iterable[Review]) -> Demotion | None:
    """The first demotion that the reviews show, in their order; None where they show none."""
    for review in reviews:
        found = watch.observe(review)
        if found is not None:
            return found
    return None


def in_order(reviews: Iterable[Review]) -> Sequence[Review]:
    """The reviews by time, equal times by id: the same events give the same answer."""
    return sorted(reviews, key=lambda review: (review.at, review.event_id))


def _moment(moment: dt.datetime) -> str:
    import datetime as dt  # noqa: PLC0415 - one use

    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
