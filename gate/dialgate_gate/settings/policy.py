"""policy.toml: when a release is worse, what each mode of the dial asks for, when a class falls.

Parses the checked file into frozen thresholds; leaves applying them to `verdict.verdict` and
`dialgate_gate.ladder.recommendation`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.action_classes import BlastRadius
from dialgate_evals.events.review_events import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPolicy:
    """What the gate asks of one action class."""

    margin: float = 0.05
    # the loss in success rate that is tolerated, 0 to 1
    min_cases: int = 5
    max_new_silent: int = 0
    # cases with a confirmed new silent failure
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
    default: ClassPolicy = ClassPolicy()
    classes: Mapping[str, ClassPolicy] = field(default_factory=dict)
    # classes that the policy names, with the default filled in

    def for_class(self, name: str) -> ClassPolicy:
        """The thresholds of the class."""
        return self.classes.get(name, self.default)


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
    plain = ("alpha", "max_agent_calls", "max_cost_usd", "confirm_trials", "require_sealed")
    return GatePolicy(
        **{key: document[key] for key in plain if key in document},
        blocks_inconclusive=document.get("inconclusive", "block") == "block",
        allow=frozenset(document.get("allow", ())),
        default=ClassPolicy(**default),
        classes={
            name: ClassPolicy(**{**default, **over})
            for name, over in document.get("class", {}).items()
        },
    )


def _parse_step(document: Mapping[str, Any]) -> LadderStep:
    values = dict(document)
    radius = values.pop("max_blast_radius", None)
    return LadderStep(
        max_blast_radius=BlastRadius(radius) if radius else None,
        requires=tuple(values.pop("requires", ())),
        **values,
    )
