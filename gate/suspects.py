"""Which cases look broken after screening, per class and endpoint, and what confirming them said.

Knows how screening becomes families of suspects and how a fresh block counts in each; leaves the
e-processes to `gate.confirmation` and running trials to the caller.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gate.comparison import is_silent_free, is_success
from gate.confirmation import Confirmation, SuspectState, make_families

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from evals.outcomes import TrialScore
    from gate.comparison import RunComparison
    from gate.policy import GatePolicy
    from gate.statistics import PairedCounts

SUITE = "suite"
Key = tuple[str, str]
# action class and endpoint, "success" or "silence"


@dataclass(frozen=True, kw_only=True)
class ConfirmationFindings:
    """What confirmation showed, for the verdict."""

    shown: Mapping[Hashable, float] = field(default_factory=dict)
    # families in which a regression is shown, with their e-values
    thresholds: Mapping[Hashable, float] = field(default_factory=dict)
    cleared: frozenset[str] = frozenset()
    still_open: frozenset[str] = frozenset()
    blocks: int = 0
    agent_calls: int = 0
    out_of_budget: bool = False


def begin_confirmation(
    comparison: RunComparison, policy: GatePolicy, *, calls_left: int
) -> Confirmation:
    """The confirmation of everything that looks broken after screening."""
    endpoints: dict[Hashable, Sequence[str]] = {}
    for item in comparison.classes:
        endpoints[item.action_class, "success"] = _suspects(item.case_ids, item.success)
        endpoints[item.action_class, "silence"] = _suspects(item.case_ids, item.silence)
    deciding = [case.id for case in comparison.case_set.deciding]
    families = make_families(
        suite=_suspects(deciding, comparison.suite), endpoints=endpoints, alpha=policy.alpha
    )
    return Confirmation(families=families, most_blocks=policy.confirm_trials, calls_left=calls_left)


def _suspects(case_ids: Sequence[str], counts: PairedCounts) -> list[str]:
    """Cases that failed now while the baseline passes at least sometimes."""
    failed = counts.candidate_passed < counts.candidate_trials
    held = counts.baseline_passed > 0
    return [c for c, bad in zip(case_ids, failed & held, strict=True) if bad]


def endpoints_of(confirmation: Confirmation, score: TrialScore) -> dict[Hashable, bool]:
    """Per family, whether a fresh trial was good."""
    good: dict[Hashable, bool] = {}
    for family in confirmation.families:
        if family.key == SUITE:
            good[family.key] = bool(score.passed)
        elif isinstance(family.key, tuple):
            action_class, endpoint = family.key
            check = is_success if endpoint == "success" else is_silent_free
            good[family.key] = check(score, str(action_class)) and not _broke_off(score)
    return good


def _broke_off(score: TrialScore) -> bool:
    return any(text.startswith("the agent broke off") for text in score.reply_failures)


def sum_up(
    confirmation: Confirmation, *, blocks: int, agent_calls: int, out_of_budget: bool
) -> ConfirmationFindings:
    """What the confirmation says in the end."""
    by_key = {family.key: family for family in confirmation.families}
    return ConfirmationFindings(
        shown={key: confirmation.value(by_key[key]) for key in confirmation.shown},
        thresholds={family.key: family.threshold for family in confirmation.families},
        cleared=frozenset(confirmation.suspects_in(SuspectState.CLEARED)),
        still_open=frozenset(
            (
                *confirmation.suspects_in(SuspectState.OPEN),
                *confirmation.suspects_in(SuspectState.CONFIRMED),
            )
        ),
        blocks=blocks,
        agent_calls=agent_calls,
        out_of_budget=out_of_budget,
    )
