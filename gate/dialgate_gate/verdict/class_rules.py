"""The rules of one class as they are applied: the policy's, and what it left to the cases.

Leaves deriving the margin of a class whose agent can be run to `sequential.class_margins`, and
applying the rules to those who judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_gate.settings.gate_policy import FailOn
from dialgate_gate.statistics.paired_counts import PairedCounts
from dialgate_gate.statistics.paired_difference import difference_interval

if TYPE_CHECKING:
    from dialgate_gate.settings.gate_policy import GatePolicy

CLASS_MARGINS = (0.05, 0.08, 0.10, 0.12, 0.15, 0.20, 0.25, 0.30)
"""The margins that a class may get from its cases, the strictest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRules:
    """What one class is judged by."""

    margin: float = 0.05
    margin_from: str = "policy"
    # policy, or cases: sized by what the class's cases can show
    fail_on: FailOn = FailOn.CASE
    blocks_open_suspects: bool = False
    is_grave: bool = True
    # of high blast radius or irreversible, or nobody said
    min_cases: int = 5
    max_new_silent: int = 0
    max_new_invalid: int = 0


def rules_of(policy: GatePolicy, name: str, *, derived: float | None = None) -> ClassRules:
    """The rules of the class; `derived` is the margin that its cases can show, if it is needed.

    Where nothing was derived, the class takes the suite's margin.
    """
    said = policy.for_class(name)
    margin = said.margin
    if margin is None:
        margin = min(policy.margin if derived is None else derived, policy.max_class_margin)
    return ClassRules(
        margin=margin,
        margin_from="cases" if said.margin is None else "policy",
        fail_on=policy.fail_on(name),
        blocks_open_suspects=said.blocks_open_suspects,
        is_grave=policy.grave is None or name in policy.grave or name == "unclassified",
        min_cases=said.min_cases,
        max_new_silent=said.max_new_silent,
        max_new_invalid=said.max_new_invalid,
    )


def allowed_margins(policy: GatePolicy) -> tuple[float, ...]:
    """The margins that a class of this policy may get from its cases, the strictest first."""
    found = tuple(m for m in CLASS_MARGINS if m <= policy.max_class_margin + 1e-9)
    return found or (policy.max_class_margin,)


def recorded_margin(
    counts: PairedCounts, policy: GatePolicy, *, confidence_level: float, deterministic: bool
) -> float:
    """The strictest margin that recorded trials exclude where nothing changed.

    From the baseline alone: its own trials stand on both sides, so the candidate has no say.
    """
    same = PairedCounts(
        baseline_passed=counts.baseline_passed,
        baseline_trials=counts.baseline_trials,
        candidate_passed=counts.baseline_passed,
        candidate_trials=counts.baseline_trials,
    )
    found = difference_interval(
        same, confidence_level=confidence_level, deterministic=deterministic
    )
    margins = allowed_margins(policy)
    return next((m for m in margins if found.low >= -m), margins[-1])
