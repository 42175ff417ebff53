"""A class of the verdict document: both sides, estimates, the cases that moved and what decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.outcomes import Outcome
from dialgate_gate.verdict.documents.decision_document import (
    rules_document,
)

if TYPE_CHECKING:
    from dialgate_gate.comparing.comparison import CaseMoves, SideSummary
    from dialgate_gate.verdict.class_figures import ClassVerdict, Estimates

_DIGITS = 6


def class_document(item: ClassVerdict) -> dict[str, Any]:
    """One entry of `classes`."""
    comparison = item.comparison
    estimates = estimates_document(item.success)
    return {
        "action_class": item.action_class,
        "verdict": item.verdict.value,
        "candidate": _side_document(comparison.candidate),
        "baseline": _side_document(comparison.baseline) if comparison.baseline else None,
        **estimates,
        **rules_document(item),
        "silence": estimates_document(item.silence),
        "cases": moves_document(comparison.moves),
        "new_silent": sorted(comparison.silent_moves.broken),
        "open_suspects": sorted(item.open_suspects),
        "open": sorted(item.open_suspects),
        "missing_one_sided": sorted(item.missing_one_sided),
        "reasons": list(item.reasons),
    }


def _side_document(side: SideSummary) -> dict[str, Any]:
    return {
        "cases": side.cases,
        "trials": side.trials,
        "decisions": side.decisions,
        "correct": side.correct,
        "successes": side.successes,
        "success_rate": rounded(side.success_rate),
        "silent": side.silent,
        "outcomes": {
            outcome.value: side.outcomes[outcome.value]
            for outcome in Outcome
            if outcome.value in side.outcomes
        },
    }


def estimates_document(estimates: Estimates) -> dict[str, Any]:
    """The difference, its interval and p-values; null where there is no estimate."""
    interval = estimates.interval
    return {
        "difference": rounded(estimates.difference),
        "interval": None if interval is None else [rounded(end) for end in interval],
        "confidence_level": rounded(estimates.confidence_level),
        "p_regression": rounded(estimates.p_regression),
        "p_adjusted": rounded(estimates.p_adjusted),
        "level": rounded(estimates.level),
        "detectable_drop": rounded(estimates.detectable_drop),
    }


def moves_document(moves: CaseMoves) -> dict[str, list[str]]:
    """The ids of broken, fixed and flaky cases, sorted."""
    return {
        "broken": sorted(moves.broken),
        "fixed": sorted(moves.fixed),
        "flaky": sorted(moves.flaky),
    }


def rounded(value: float | None) -> float | None:
    """To six digits, never minus zero; None stays None."""
    return None if value is None else round(float(value), _DIGITS) + 0.0
