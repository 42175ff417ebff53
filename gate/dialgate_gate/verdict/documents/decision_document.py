"""What a decision rested on, as fields of the verdict: rules, thin failures, the baseline's shift.

Figures and kinds only; leaves their words to `reports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_gate.verdict.sequential import Side
from dialgate_gate.verdict.sequential.screened_case import THIN_KINDS

if TYPE_CHECKING:
    from dialgate_gate.verdict.confirmed import Confirmed
    from dialgate_gate.verdict.verdict import ClassVerdict, ReleaseVerdict


def rules_document(item: ClassVerdict) -> dict[str, Any]:
    """What a class was judged by, and its cases with confirmed new invalid calls."""
    rules = item.rules
    return {
        "margin": rules.margin,
        "margin_from": rules.margin_from,
        "fail_on": rules.fail_on.value,
        "invalid": len(item.new_invalid),
        "new_invalid": sorted(item.new_invalid),
    }


def suite_rules_document(verdict: ReleaseVerdict) -> dict[str, Any]:
    """What the suite as a whole was judged by; nothing where fresh trials didn't decide."""
    if verdict.confirmed is None:
        return {"margin": None, "fail_on": None}
    figures = verdict.confirmed.decision.suite_figures
    return {"margin": figures.margin, "fail_on": figures.fail_on.value}


def thin_document(confirmed: Confirmed | None) -> dict[str, Any] | None:
    """Failures that are thin and wide, as rates over all trials on each side."""
    if confirmed is None:
        return None
    thin = confirmed.decision.thin
    return {
        "shown": thin.shown,
        "p_value": round(thin.p_value, 6),
        "risen": [kind.value for kind in thin.risen],
        "trials": {side.value: thin.trials.get(side, 0) for side in Side},
        "kinds": {
            kind.value: {side.value: thin.counts[side].get(kind, 0) for side in Side}
            for kind in THIN_KINDS
            if any(thin.counts[side].get(kind) for side in Side)
        },
    }


def shift_document(confirmed: Confirmed | None) -> dict[str, Any] | None:
    """The baseline's fresh trials beside what its record says of them."""
    if confirmed is None:
        return None
    shift = confirmed.decision.shift
    return {
        "trials": shift.trials,
        "passed": shift.passed,
        "expected": round(shift.expected, 2),
        "distance": round(shift.distance, 2),
        "blocks_a_pass": shift.is_low,
        "is_seen": shift.is_low,
    }
