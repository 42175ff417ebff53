"""What a decision rested on, as fields of the verdict: rules, fresh trials, thin failures, shift.

Figures and kinds only; leaves their words to `reports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_gate.verdict.sequential import Kind, Side
from dialgate_gate.verdict.sequential.screened_case import THIN_KINDS

if TYPE_CHECKING:
    from dialgate_gate.verdict.class_figures import ClassVerdict
    from dialgate_gate.verdict.confirmed import Confirmed
    from dialgate_gate.verdict.sequential import Endpoint
    from dialgate_gate.verdict.verdict import ReleaseVerdict


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


def confirmation_document(confirmed: Confirmed | None) -> dict[str, Any] | None:
    """What fresh trials cost and showed; None where nothing was confirmed."""
    if confirmed is None:
        return None
    decision, cost = confirmed.decision, confirmed.cost_usd
    figures = [
        decision.suite,
        decision.invalid,
        *(f for c in decision.classes for f in (c.success, c.silence)),
    ]
    still_open = {case_id for item in figures for case_id in item.open_cases}
    answered = {case_id for item in figures for case_id in item.answered}
    return {
        "agent_calls": decision.fresh_calls,
        "cost_usd": None if cost is None else round(float(cost), 6) + 0.0,
        "rounds": {item.action_class: item.figures.blocks for item in decision.classes},
        "suite_blocks": decision.suite_figures.blocks,
        "shown": sorted(_endpoint_name(item.endpoint) for item in figures if item.shown),
        "confirmed": sorted({case_id for item in figures for case_id in item.confirmed}),
        "cleared": sorted(answered - still_open),
        "open": sorted(still_open),
        "out_of_budget": decision.budget_spent,
    }


def _endpoint_name(endpoint: Endpoint) -> str:
    """`suite`, or `refund.small/success`."""
    if not endpoint.action_class:
        return "suite" if endpoint.kind is Kind.SUCCESS else endpoint.kind.value
    return f"{endpoint.action_class}/{endpoint.kind.value}"
