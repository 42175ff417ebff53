"""What a change does to policy.toml as it is written: budgets, seals, keys that nobody declares.

A key that is not declared is never harmless. Thresholds that loosen by their value alone are
`threshold_changes`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from dialgate_evals.files.json_text import canonical_json
from dialgate_gate.changes.judged.judge_change import JudgeChange
from dialgate_gate.settings.policy_tables import threshold_at
from dialgate_gate.settings.threshold import Looser

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dialgate_gate.settings.policy import Policy
    from dialgate_gate.settings.threshold import Threshold

Key = tuple[str, ...]


def policy_key_changes(*, baseline: Policy, candidate: Policy) -> Iterator[JudgeChange]:
    """Budgets that fall, seals that are no longer asked for, and every key without a rule."""
    before, now = _leaves(baseline.document), _leaves(candidate.document)
    for key in sorted({*before, *now}):
        old, new = before.get(key), now.get(key)
        if key == ("schema",) or canonical_json(old) == canonical_json(new):
            continue
        if not _is_harmless(threshold_at(key), old, new):
            yield JudgeChange(path=f"policy.toml {'.'.join(key)}", detail=_detail(key, old, new))


def _is_harmless(item: Threshold | None, old: Any, new: Any) -> bool:  # noqa: ANN401 - JSON data
    """Whether the change loosens nothing, or is told from the values that count."""
    if item is None:
        return False
    match item.looser:
        case Looser.WITHDRAWN:
            return not old
        case Looser.UNSPENT:
            # Taken out, the default stands in its place: whoever means that can write it.
            return old is not None and new is not None and bool(new > old)
        case Looser.HIGHER | Looser.LOWER | Looser.LATER | Looser.LONGER | Looser.SHORTER:
            return True
        case _ as never:
            assert_never(never)


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
