"""When a class falls one mode: its reviewed tasks watched for interventions over the limit.

Knows the policy's limit and the words; leaves the e-value to `statistics.rise_detector` and
where the runs of tasks come from to `dialgate_evals.events`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.review_events import Mode
from dialgate_evals.events.task_runs import Stretch
from dialgate_gate.statistics.rise_detector import RiseDetector
from dialgate_gate.wording import count_of, show_rate

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from dialgate_evals.actions.action_classes import ActionClass
    from dialgate_evals.events.task_runs import Alarm, Detector, Runs
    from dialgate_gate.settings.dial import DialSettings
    from dialgate_gate.settings.ladder_policy import DemotePolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Demotion:
    """A class that is to fall, since when, and on what."""

    action_class: str
    mode: Mode
    to: Mode
    since: dt.datetime
    # the first review of the most likely first task of the change
    found_at: dt.datetime
    # the intervention that showed it
    releases: tuple[str, ...]
    # of the reviews since then, in order of first use
    reviews: int
    interventions: int
    # reviewed tasks since then, and those with an intervention
    limit: float
    alpha: float
    events: tuple[str, ...]
    # the latest interventions since then, a few
    e_value: float
    # over 1 / alpha

    @property
    def rate(self) -> float:
        """The share of tasks with an intervention since the rise."""
        return self.interventions / self.reviews

    @property
    def found(self) -> str:
        """What was found, with figures and in short."""
        return (
            f"{self.interventions:,} of {count_of(self.reviews, 'reviewed task')} since "
            f"{self.since:%Y-%m-%d %H:%M} UTC had an intervention ({show_rate(self.rate)}; limit "
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
            "evidence": float(f"{min(self.e_value, 1e300):.6g}"),
            "events": list(self.events),
            "reason": self.sentence,
        }


def detector_of(policy: DemotePolicy) -> Detector:
    """The policy's detector: a class's tasks, in the order of their first reviews, alarm once.

    A task counts from its first review on, as one without an intervention until there is one. That
    errs on the side of no alarm: what comes later only makes the e-value grow, so a class at the
    limit alarms with a chance of at most alpha however often, and between which reviews of a task,
    somebody looks.
    """

    def detect(
        action_class: str,  # noqa: ARG001 - every class has the same limit
        runs: Runs,
        state: Mapping[str, Any] | None,
    ) -> tuple[Mapping[str, Any], Stretch | None]:
        limit = policy.intervention_rate
        known = RiseDetector(limit=limit)
        waiting = 0
        if state is not None:
            known, waiting = RiseDetector.resume(limit, state["detector"]), state["clean"]
        gaps = list(runs.gaps)
        if gaps:
            gaps[0] += waiting
            known, waiting = known.observe_runs(gaps, policy.alpha), 0
        if gaps and known.exceeds(policy.alpha):
            first = known.since or 1
            stretch = Stretch(first=first, last=known.reviews, e_value=known.e_value)
            return {"detector": known.as_json(), "clean": 0}, stretch
        return {"detector": known.as_json(), "clean": waiting + runs.trailing}, None

    return detect


def demotion_of(action_class: str, mode: Mode, alarm: Alarm, policy: DemotePolicy) -> Demotion:
    """What an alarm means for the class."""
    return Demotion(
        action_class=action_class,
        mode=mode,
        to=list(Mode)[mode.rank - 1],
        since=alarm.since,
        found_at=alarm.found_at,
        releases=alarm.releases,
        reviews=alarm.tasks,
        interventions=alarm.interventions,
        limit=policy.intervention_rate,
        alpha=policy.alpha,
        events=alarm.events,
        e_value=alarm.stretch.e_value,
    )


def demotions_of(
    classes: Iterable[ActionClass],
    alarms: Mapping[str, Alarm],
    dial: DialSettings,
    policy: DemotePolicy | None,
) -> dict[str, Demotion]:
    """By class what its alarm means for it; `policy` None: no class falls."""
    if policy is None:
        return {}
    return {
        item.name: demotion_of(item.name, dial.mode_of(item), alarms[item.name], policy)
        for item in classes
        if item.name in alarms
    }


def _moment(moment: dt.datetime) -> str:
    import datetime as dt  # noqa: PLC0415 - one use

    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
