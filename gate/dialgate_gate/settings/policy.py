"""policy.toml: when a release is worse, what each mode of the dial asks for, when a class falls.

Parses the checked file into frozen thresholds; leaves applying them to `verdict.verdict` and
`dialgate_gate.ladder.recommendation`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import BlastRadius
from dialgate_evals.events.review_events import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class FailOn(StrEnum):
    """What fails a class."""

    CASE = "case"
    # one confirmed broken case, and any shown loss, spread or not
    LOSS = "loss"
    # a loss that is shown to be over the margin


class RecordUse(StrEnum):
    """What baseline trials of an earlier run are to the gate."""

    STEERS = "steers"
    # they choose what is run; only fresh trials decide
    EVIDENCE = "evidence"
    # they count as well: holds only while today's rates are those of the record


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPolicy:
    """What the gate asks of one action class."""

    margin: float | None = None
    # the loss in success rate that is tolerated, 0 to 1; None: derived from the base's cases
    min_cases: int = 5
    max_new_silent: int = 0
    # cases with a confirmed new silent failure
    max_new_invalid: int = 0
    # cases with confirmed new invalid calls
    fail_on: FailOn | None = None
    # None: case where the class is of high blast radius or irreversible, else loss
    blocks_open_suspects: bool = False
    # whether a suspect that stays open keeps the class from passing; else it counts as it is
    cost_ratio: float | None = None
    # candidate / baseline, mean cost per task; None: not judged
    latency_p95_ratio: float | None = None
    tool_calls_ratio: float | None = None
    # candidate / baseline, mean tool calls per task
    max_identical_calls: int | None = None
    # the same call more often in one trial is a retry loop


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePolicy:
    """The `[gate]` table."""

    alpha: float = 0.05
    # bound on falsely blocking an unchanged release, over all classes together
    blocks_inconclusive: bool = True
    max_agent_calls: int = 2000
    # baseline and candidate, first runs and confirmations together
    max_cost_usd: float | None = None
    confirm_trials: int = 8
    # at most so many fresh trials of each release on a suspect
    allow: frozenset[str] = frozenset()
    # labels that --allow may use
    require_sealed: bool = False
    # a check that is not sealed is invalid
    margin: float = 0.05
    # the loss over the whole suite that is tolerated
    max_class_margin: float = 0.2
    # the largest margin that a class may get from its cases
    record: RecordUse = RecordUse.STEERS
    grave: frozenset[str] | None = None
    # classes of high blast radius or irreversible, by the suite's actions; None: any may be
    default: ClassPolicy = ClassPolicy()
    classes: Mapping[str, ClassPolicy] = field(default_factory=dict)
    # classes that the policy names, with the default filled in

    def for_class(self, name: str) -> ClassPolicy:
        """The thresholds of the class."""
        return self.classes.get(name, self.default)

    def fail_on(self, name: str) -> FailOn:
        """What fails the class; a class that nobody described is taken to be grave."""
        said = self.for_class(name).fail_on
        return said or (FailOn.CASE if self._is_grave(name) else FailOn.LOSS)

    def suite_fails_on(self, names: Iterable[str]) -> FailOn:
        """What fails the suite of these classes: one case only where it fails each of them."""
        if self.default.fail_on is not None:
            return self.default.fail_on
        each = {self.fail_on(name) for name in names}
        return FailOn.LOSS if FailOn.LOSS in each else FailOn.CASE

    def _is_grave(self, name: str) -> bool:
        return self.grave is None or name in self.grave or name == "unclassified"


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderStep:
    """What a class must show to be moved to a mode; None: not asked."""

    confidence: float = 0.95
    eval_success: float | None = None
    # lower confidence bound
    silent_rate: float | None = None
    # upper confidence bound
    live_reviews: int | None = None
    intervention_rate: float | None = None
    # upper confidence bound
    max_blast_radius: BlastRadius | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DemotePolicy:
    """When a class falls one mode."""

    intervention_rate: float = 0.05
    alpha: float = 0.01
    cool_down_days: int = 14
    # days in a mode before the next promotion


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationPolicy:
    """Whose signature on a verdict counts, and how long."""

    keys: tuple[str, ...] = ()
    # public keys as PEM texts; empty: nobody's
    max_age_days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All of policy.toml."""

    gate: GatePolicy = GatePolicy()
    ladder: Mapping[Mode, LadderStep] = field(default_factory=dict)
    demote: DemotePolicy | None = None
    attestation: AttestationPolicy = AttestationPolicy()
    carry_over: frozenset[str] = frozenset()
    # components of the release whose change keeps live evidence
    document: Mapping[str, Any] = field(default_factory=dict)
    # the values it was read from


def parse_policy(document: Mapping[str, Any]) -> Policy:
    """The thresholds that a checked policy.toml says."""
    demote = document.get("demote")
    attestation = dict(document.get("attestation", {}))
    return Policy(
        gate=_parse_gate(document["gate"]),
        ladder={Mode(name): _parse_step(step) for name, step in document.get("ladder", {}).items()},
        demote=DemotePolicy(**demote) if demote else None,
        attestation=AttestationPolicy(keys=tuple(attestation.pop("keys", ())), **attestation),
        carry_over=frozenset(document.get("live", {}).get("carry_over", ())),
        document=document,
    )


def _parse_gate(document: Mapping[str, Any]) -> GatePolicy:
    default = document["default"]
    plain = (
        *("alpha", "max_agent_calls", "max_cost_usd", "confirm_trials"),
        *("require_sealed", "max_class_margin"),
    )
    return GatePolicy(
        **{key: document[key] for key in plain if key in document},
        blocks_inconclusive=document.get("inconclusive", "block") == "block",
        allow=frozenset(document.get("allow", ())),
        margin=_suite_margin(document),
        record=RecordUse(document.get("record", RecordUse.STEERS)),
        default=_parse_class(default),
        classes={
            name: _parse_class({**default, **over})
            for name, over in document.get("class", {}).items()
        },
    )


def _suite_margin(document: Mapping[str, Any]) -> float:
    """The suite's margin: where it isn't said, that of the default class, as it used to be."""
    said = document.get("margin", document["default"].get("margin"))
    return GatePolicy().margin if said is None else float(said)


def _parse_class(document: Mapping[str, Any]) -> ClassPolicy:
    values = dict(document)
    fail_on = values.pop("fail_on", None)
    blocks = values.pop("open_suspects", "count") == "block"
    return ClassPolicy(
        fail_on=FailOn(fail_on) if fail_on else None, blocks_open_suspects=blocks, **values
    )


def _parse_step(document: Mapping[str, Any]) -> LadderStep:
    values = dict(document)
    radius = values.pop("max_blast_radius", None)
    return LadderStep(
        max_blast_radius=BlastRadius(radius) if radius else None,
        requires=tuple(values.pop("requires", ())),
        **values,
    )
