"""The verdict where nothing that decides differs from the baseline: a pass without any trial.

Pure and light, so that it comes at once. Refuses where a pass would hide something: whatever may
have changed unseen, or would not be a pass if it were run, is run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.problems import join_words
from dialgate_evals.suite.comparability import why_not_cached
from dialgate_evals.suite.suite import AgentKind

from dialgate_gate.changes.suite_changes import equal_components
from dialgate_gate.comparing.judged_cases import collect_cases
from dialgate_gate.verdict.documents.changes_document import unpinned_models
from dialgate_gate.verdict.documents.occasion import Occasion
from dialgate_gate.wording import count_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_gate.changes.component_change import ComponentChange
    from dialgate_gate.changes.suite_changes import ComparedSide


def is_unchanged(candidate: ComparedSide, changes: Sequence[ComponentChange]) -> bool:
    """Whether a trial of the candidate could tell nothing that the baseline does not already say.

    `changes` are all that `changes.suite_changes` finds between the baseline and the candidate.
    No for recorded suites, which cost no call; for an agent whose code is no part of the release;
    and where no case decides or a class that the policy names has none.
    """
    suite = candidate.suite
    if suite.agent.kind is AgentKind.TRANSCRIPT or why_not_cached(suite, candidate.release):
        return False
    return not any(change.triggers for change in changes) and _can_decide(candidate)


def _can_decide(side: ComparedSide) -> bool:
    case_set = collect_cases(
        side.cases, actions=side.actions, quarantine=side.suite.quarantine, base=None
    )
    expected = {name for case in case_set.deciding for name in case.classes}
    return bool(case_set.deciding) and expected.issuperset(side.settings.policy.gate.classes)


def build_unchanged_document(
    *,
    baseline: ComparedSide,
    candidate: ComparedSide,
    changes: Sequence[ComponentChange],
    baseline_place: str,
    suite_digest: str,
    allowed: Sequence[str] = (),
    occasion: Occasion | None = None,
) -> dict[str, Any]:
    """The verdict document of `documents.verdict_document` for a candidate that is unchanged."""
    of = occasion or Occasion()
    quarantined = sorted(item.case for item in candidate.suite.quarantine)
    nothing: dict[str, Any] = dict.fromkeys(_ESTIMATES)
    cases: dict[str, list[str]] = {key: [] for key in _CASES}
    return {
        "schema": 1,
        "verdict": "pass",
        "exit_code": 0,
        "suite": candidate.suite.name,
        "suite_digest": suite_digest,
        "digests": {},
        "judged_by": f"comparing it with {baseline_place}: nothing was run",
        "unchanged": True,
        "deterministic": candidate.suite.deterministic,
        "allowed": sorted(allowed),
        "records": {"baseline": "", "candidate": "", "at": of.at},
        "release": candidate.release.as_json(),
        "baseline": baseline.release.as_json(),
        "commits": of.commits_document(),
        "changes": [],
        "classes": [],
        "suite_estimates": {
            **nothing,
            "baseline": _NO_TRIAL,
            "candidate": _NO_TRIAL,
            "margin": None,
            "fail_on": None,
        },
        "cases": {**cases, "quarantined": quarantined},
        "flaky_rates": {},
        "tags": [],
        "splits": [],
        "labels": [],
        "explanations": [],
        "passing": [],
        "pass_rates": {"baseline": [], "candidate": []},
        "confirmation": None,
        "thin_failures": None,
        "baseline_drift": None,
        "detection": None,
        "next_step": None,
        "weakened": [],
        "headline": None,
        "usage": _NO_USAGE,
        "budget": [],
        "graduation": [],
        "undecided": [],
        "gaps": [],
        "reasons": _reasons(changes, candidate, baseline_place),
        "reproduce": of.reproduce,
    }


_NO_TRIAL = {"trials": 0, "passed": 0}
_NO_USAGE = {
    "agent_calls": 0, "cached": 0, "wall_s": 0.0, "cost_usd": None, "latency_p95_ms": None,
    "baseline": None, "candidate": None,
}  # fmt: skip
_ESTIMATES = (
    "difference", "interval", "confidence_level", "p_regression", "p_adjusted", "level",
    "detectable_drop",
)  # fmt: skip
_CASES = ("broken", "fixed", "flaky", "added", "removed", "changed")


def _reasons(
    changes: Sequence[ComponentChange], candidate: ComparedSide, baseline_place: str
) -> list[str]:
    equal = join_words(equal_components(changes, candidate))
    named = [f"{change.component} {change.path} {change.kind}".strip() for change in changes]
    first = (
        f"Nothing that decides differs from {baseline_place}, so no trial was run. Compared and "
        f"equal: {equal} ({count_of(len(candidate.cases), 'case')}). `check --always` runs it all "
        "the same."
    )
    reasons = [first]
    if named:
        more = f" and {len(named) - _MOST} more" if len(named) > _MOST else ""
        reasons.append(f"Differs without deciding: {', '.join(named[:_MOST])}{more}.")
    return reasons + unpinned_models(candidate)


_MOST = 10
