"""What an undecided gate hands over to production: a rollout that decides it, with its stop rule.

Computed from the verdict document: how often the baseline fails stands for how often people
intervene, until production says it. Leaves the rollout to `dialgate_gate.live.rollout`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.live.rollout.stop_rule import StopRule, tasks_to_decide
from dialgate_gate.verdict.documents.headline import Headline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_gate.settings.rollout_policy import RolloutPolicy


def rollout_of(document: Mapping[str, Any], policy: RolloutPolicy) -> dict[str, Any] | None:
    """The undecided class that takes the most tasks; None: decided, or no rollout would decide."""
    if document["verdict"] != Verdict.INCONCLUSIVE or document["baseline"] is None:
        return None
    if document["headline"] != Headline.NO_REGRESSION_FOUND:
        # Cases that may have broken are looked at by people before production is.
        return None
    rules = [_rule(item, policy) for item in document["classes"] if _is_open(item)]
    known = [rule for rule in rules if rule is not None]
    if not known or len(known) < len(rules):
        return None
    return max(known, key=lambda rule: (rule.tasks, rule.action_class)).as_json()


def _is_open(item: Mapping[str, Any]) -> bool:
    return bool(item["verdict"] == Verdict.INCONCLUSIVE)


def _rule(item: Mapping[str, Any], policy: RolloutPolicy) -> StopRule | None:
    """The class's rule; None where its baseline shows no rate, or a million tasks are too few."""
    side = item["baseline"] or {}
    success = side.get("success_rate")
    if success is None:
        return None
    rate = 1 - float(success)
    tasks = tasks_to_decide(rate, margin=policy.margin, alpha=policy.alpha, share=policy.share)
    if tasks is None:
        return None
    return StopRule(action_class=item["action_class"], share=policy.share, tasks=tasks, rate=rate)
