"""policy.toml as a whole, and reading it: what each key means stands where it is declared.

Leaves declaring thresholds to `gate_policy` and `ladder_policy`, applying them to
`verdict.verdict` and `dialgate_gate.ladder.recommendation`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.review_events import Mode
from dialgate_gate.settings.gate_policy import ClassPolicy, GatePolicy
from dialgate_gate.settings.judge_policy import JudgePolicy
from dialgate_gate.settings.ladder_policy import (
    AttestationPolicy,
    DemotePolicy,
    LadderStep,
    LivePolicy,
)
from dialgate_gate.settings.lease_policy import CEILING, LapsePolicy, LeasePolicy
from dialgate_gate.settings.people.people_policy import ReviewEvery, SignPolicy
from dialgate_gate.settings.rollout_policy import RolloutPolicy
from dialgate_gate.settings.threshold import read_table
from dialgate_gate.settings.watch_policy import WatchPolicy, parse_watch

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All of policy.toml; a table that is not there is its default or None."""

    gate: GatePolicy = field(default_factory=GatePolicy)
    ladder: Mapping[Mode, LadderStep] = field(default_factory=dict)
    demote: DemotePolicy | None = None
    attestation: AttestationPolicy = field(default_factory=AttestationPolicy)
    live: LivePolicy = field(default_factory=LivePolicy)
    watch: WatchPolicy | None = None
    # None: nothing is watched but interventions
    sign: SignPolicy = field(default_factory=SignPolicy)
    rollout: RolloutPolicy = field(default_factory=RolloutPolicy)
    judge: JudgePolicy = field(default_factory=JudgePolicy)
    review_every: ReviewEvery = field(default_factory=ReviewEvery)
    lapse: LapsePolicy = field(default_factory=LapsePolicy)
    lease: LeasePolicy = field(default_factory=LeasePolicy)
    ceiling: Mapping[str, Mode] = field(default_factory=dict)
    # by class the most autonomy that it may ever have
    document: Mapping[str, Any] = field(default_factory=dict)
    # the values it was read from


def parse_policy(document: Mapping[str, Any]) -> Policy:
    """The thresholds that a checked policy.toml says."""
    demote, watch = document.get("demote"), document.get("watch")
    return Policy(
        gate=_parse_gate(document["gate"]),
        ladder={
            Mode(name): read_table(LadderStep, step)
            for name, step in document.get("ladder", {}).items()
        },
        demote=read_table(DemotePolicy, demote) if demote else None,
        attestation=read_table(AttestationPolicy, document.get("attestation", {})),
        live=read_table(LivePolicy, document.get("live", {})),
        watch=None if watch is None else parse_watch(watch),
        sign=read_table(SignPolicy, document.get("sign", {})),
        rollout=read_table(RolloutPolicy, document.get("rollout", {})),
        judge=read_table(JudgePolicy, document.get("judge", {})),
        review_every=read_table(ReviewEvery, document.get("review_every", {})),
        lapse=read_table(LapsePolicy, document.get("lapse", {})),
        lease=read_table(LeasePolicy, document.get("lease", {})),
        ceiling={name: CEILING.read(mode) for name, mode in document.get("ceiling", {}).items()},
        document=document,
    )


def _parse_gate(document: Mapping[str, Any]) -> GatePolicy:
    default = document["default"]
    return read_table(
        GatePolicy,
        document,
        margin=_suite_margin(document),
        default=read_table(ClassPolicy, default),
        classes={
            name: read_table(ClassPolicy, {**default, **over})
            for name, over in document.get("class", {}).items()
        },
    )


def _suite_margin(document: Mapping[str, Any]) -> float:
    """The suite's margin: where it isn't said, that of the default class, as it used to be."""
    said = document.get("margin", document["default"].get("margin"))
    return GatePolicy().margin if said is None else float(said)
