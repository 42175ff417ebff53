"""A condition of a mode: kind, threshold, figure, met or not, a sentence, and what is missing.

One value for whoever decides and whoever shows: a move is `all(c.met for c in conditions)`, the
list of what is missing is `missing_of(conditions)`. Leaves finding conditions to their own files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, assert_never

from dialgate_gate.settings.ladder_policy import DemotePolicy, LadderStep
from dialgate_gate.settings.threshold import Looser, Unit, threshold_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dialgate_gate.settings.threshold import Threshold


class Direction(StrEnum):
    """How the figure is held against the threshold."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class ConditionKind(StrEnum):
    """What a mode can ask for; the last five are the runbook's readiness."""

    LADDER = "ladder"
    # whether any evidence moves the class there at all
    EVAL_RUN = "eval_run"
    EVAL_SUCCESS = "eval_success"
    SILENT_RATE = "silent_rate"
    MUTANTS_KILLED = "mutants_killed"
    LIVE_REVIEWS = "live_reviews"
    INTERVENTION_RATE = "intervention_rate"
    REVIEW_QUEUE = "review_queue"
    BLAST_RADIUS = "blast_radius"
    COOL_DOWN = "cool_down"
    RELEASE = "release"
    # of a mode in force: whether it is the one on which the class was promoted
    ALARM = "alarm"
    # of a mode in force: whether the watch is quiet
    OWNER = "owner"
    KILL_SWITCH = "kill_switch"
    ROLLBACK = "rollback"
    COMPENSATION = "compensation"
    ATTESTATION = "attestation"

    @property
    def is_readiness(self) -> bool:
        """Whether `requires` of a ladder's step names it."""
        return self in READINESS

    @property
    def threshold(self) -> Threshold | None:
        """The threshold of the policy that asks for it; None: it has no figure of its own."""
        match self:
            case (
                ConditionKind.EVAL_SUCCESS
                | ConditionKind.SILENT_RATE
                | ConditionKind.MUTANTS_KILLED
                | ConditionKind.LIVE_REVIEWS
                | ConditionKind.INTERVENTION_RATE
            ):
                return threshold_of(LadderStep, self.value)
            case ConditionKind.BLAST_RADIUS:
                return threshold_of(LadderStep, "max_blast_radius")
            case ConditionKind.COOL_DOWN:
                return threshold_of(DemotePolicy, "cool_down_days")
            case (
                ConditionKind.LADDER
                | ConditionKind.EVAL_RUN
                | ConditionKind.REVIEW_QUEUE
                | ConditionKind.RELEASE
                | ConditionKind.ALARM
                | ConditionKind.OWNER
                | ConditionKind.KILL_SWITCH
                | ConditionKind.ROLLBACK
                | ConditionKind.COMPENSATION
                | ConditionKind.ATTESTATION
            ):
                return None
            case _ as never:
                assert_never(never)

    @property
    def unit(self) -> str:
        """What its figure counts: rate, reviews, days or word."""
        asked = self.threshold
        return (Unit.WORD if asked is None else asked.unit).value

    @property
    def direction(self) -> Direction | None:
        """How the figure is held against the threshold; None: there is none."""
        asked = self.threshold
        if asked is None:
            return None
        return Direction.AT_LEAST if asked.looser is Looser.LOWER else Direction.AT_MOST

    @property
    def source(self) -> str:
        """Where its figure comes from: run, cases, events, policy, dial, runbook, attestation."""
        match self:
            case ConditionKind.EVAL_RUN | ConditionKind.EVAL_SUCCESS | ConditionKind.SILENT_RATE:
                return "run"
            case ConditionKind.MUTANTS_KILLED:
                return "cases"
            case (
                ConditionKind.LIVE_REVIEWS
                | ConditionKind.INTERVENTION_RATE
                | ConditionKind.REVIEW_QUEUE
                | ConditionKind.ALARM
            ):
                return "events"
            case ConditionKind.LADDER | ConditionKind.BLAST_RADIUS:
                return "policy"
            case ConditionKind.COOL_DOWN | ConditionKind.RELEASE:
                return "dial"
            case (
                ConditionKind.OWNER
                | ConditionKind.KILL_SWITCH
                | ConditionKind.ROLLBACK
                | ConditionKind.COMPENSATION
            ):
                return "runbook"
            case ConditionKind.ATTESTATION:
                return "attestation"
            case _ as never:
                assert_never(never)


READINESS = frozenset(
    {
        ConditionKind.OWNER,
        ConditionKind.KILL_SWITCH,
        ConditionKind.ROLLBACK,
        ConditionKind.COMPENSATION,
        ConditionKind.ATTESTATION,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One thing that a mode asks for, and what the class shows of it."""

    kind: ConditionKind
    met: bool
    sentence: str
    # what is shown and what is asked
    missing: tuple[str, ...] = ()
    # sentences: what would meet it; none where it is met
    shown: float | str | None = None
    # the bound that counts, or a count, or a word; None: nothing is known
    limit: float | str | None = None
    observed: float | None = None
    # the plain rate
    interval: tuple[float, float] | None = None
    # of the rate; each end alone holds at the confidence
    confidence: float | None = None
    needed: Mapping[str, int | None] = field(default_factory=dict)
    # {cases} or {reviews, interventions, days}: what would meet it; empty: met, or no number would

    def __post_init__(self) -> None:
        """A condition is met, or it says what is missing: nothing can be unmet in silence."""
        if self.met == bool(self.missing):
            raise ValueError(f"{self.kind}: met and missing contradict each other")

    @property
    def direction(self) -> Direction | None:
        """How the figure is held against the threshold; None: there is none."""
        return None if self.limit is None else self.kind.direction

    @property
    def is_refuted(self) -> bool:
        """Whether the class is shown to lie beyond the threshold, not only not shown within it."""
        if self.interval is None or not isinstance(self.limit, float | int):
            return False
        low, high = self.interval
        if self.direction is Direction.AT_LEAST:
            return high < self.limit
        return self.direction is Direction.AT_MOST and low > self.limit

    def as_json(self) -> dict[str, Any]:
        """The condition as recommendations write it; readiness has a shorter form."""
        if self.kind.is_readiness:
            return {"requirement": self.kind.value, "met": self.met, "detail": self.sentence}
        return {
            "name": self.kind.value,
            "unit": self.kind.unit,
            "met": self.met,
            "direction": None if self.direction is None else self.direction.value,
            "shown": _rounded(self.shown),
            "limit": self.limit,
            "observed": _rounded(self.observed),
            "interval": None
            if self.interval is None
            else [_rounded(value) for value in self.interval],
            "confidence": self.confidence,
            "needed": dict(self.needed),
            "sentence": self.sentence,
            "source": self.kind.source,
        }


def missing_of(conditions: Iterable[Condition]) -> tuple[str, ...]:
    """What is missing, in the order of the conditions; a sentence that two of them share once."""
    return tuple(dict.fromkeys(text for item in conditions for text in item.missing))


def plain_condition(kind: ConditionKind, against: Sequence[str], good: str) -> Condition:
    """A condition without a figure: met where no sentence was found against it."""
    return Condition(
        kind=kind,
        met=not against,
        sentence=" ".join(against) or good,
        missing=tuple(against),
        shown="missing" if against else "met",
    )


def _rounded(value: float | str | None) -> float | str | None:
    return round(value, 6) if isinstance(value, float) else value
