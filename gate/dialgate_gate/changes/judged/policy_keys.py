"""What a change does to policy.toml beside its thresholds: budgets, and keys nobody has a rule for.

A key without a rule is never harmless: who adds one says what loosens it. Thresholds and words with
a direction are `dialgate_gate.changes.loosened`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import canonical_json

from dialgate_gate.changes.judged.judge_change import JudgeChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_gate.settings.policy import Policy

Key = tuple[str, ...]

WITH_A_DIRECTION = frozenset(
    {
        "alpha", "inconclusive", "allow", "margin", "min_cases", "max_new_silent", "cost_ratio",
        "latency_p95_ratio", "tool_calls_ratio", "max_identical_calls", "confidence",
        "eval_success", "silent_rate", "live_reviews", "intervention_rate", "max_blast_radius",
        "requires", "carry_over", "cool_down_days", "keys", "max_age_days", "max_new_invalid",
        "max_class_margin", "fail_on", "open_suspects", "record",
    }
)  # fmt: skip
"""Keys whose loosening `dialgate_gate.changes.loosened` finds."""

_LOOSER_WHEN_LOWER = frozenset({"max_agent_calls", "max_cost_usd", "confirm_trials"})
"""What is spent on a suspect: less of it confirms less. More costs more and hides nothing."""


def policy_key_changes(*, baseline: Policy, candidate: Policy) -> Iterator[JudgeChange]:
    """Budgets that fall, seals that are no longer asked for, and every key without a rule."""
    before, now = _leaves(baseline.document), _leaves(candidate.document)
    for key in sorted({*before, *now}):
        old, new = before.get(key), now.get(key)
        if key == ("schema",) or canonical_json(old) == canonical_json(new):
            continue
        if key[-1] not in WITH_A_DIRECTION and not _is_harmless(key[-1], old, new):
            yield JudgeChange(path=f"policy.toml {'.'.join(key)}", detail=_detail(key, old, new))


def _is_harmless(name: str, old: Any, new: Any) -> bool:  # noqa: ANN401 - JSON data
    if name == "require_sealed":
        return not old
    if name in _LOOSER_WHEN_LOWER:
        # Taken out, the default stands in its place: whoever means that can write it.
        return old is not None and new is not None and new > old
    return False


def _leaves(value: Mapping[str, Any], above: Key = ()) -> dict[Key, Any]:
    found: dict[Key, Any] = {}
    for name, item in value.items():
        if isinstance(item, dict):
            found |= _leaves(item, (*above, name))
        else:
            found[(*above, name)] = item
    return found


def _detail(key: Key, old: Any, new: Any) -> str:  # noqa: ANN401 - JSON data
    name = ".".join(key)
    if old is None:
        return f"sets {name} to {canonical_json(new)}"
    if new is None:
        return f"takes out {name} (was {canonical_json(old)})"
    return f"changes {name} from {canonical_json(old)} to {canonical_json(new)}"
