"""What a change does to runbook.toml and owners.toml: who answers and what stops the agent.

More of it harms nothing; less or other of it needs the label `runbook-change`. Leaves the dial to
`dial_moves`, and whether what is written there is real to `dialgate_gate.ladder.readiness`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import canonical_json
from dialgate_gate.changes.judged.judge_change import JudgeChange, Label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HARMLESS = frozenset(
    {("schema",), ("kill_switch", "tested_at"),
     *(("reviewed", thing, key) for thing in ("policy", "cases") for key in ("at", "by"))}
)  # fmt: skip
"""What opens no mode: a day that is declared shows nothing."""

Key = tuple[str, ...]


def runbook_key_changes(
    name: str, *, baseline: Mapping[str, Any], candidate: Mapping[str, Any]
) -> Iterator[JudgeChange]:
    """Every value of the file `name` that the change takes out or replaces.

    An owner, a kill switch, a rollback or a compensation where there was none is an addition; a
    key of a person who was there before is none, it can sign in that person's name.
    """
    before, now = _leaves(baseline), _leaves(candidate)
    for key in sorted({*before, *now} - _HARMLESS):
        old, new = before.get(key), now.get(key)
        if canonical_json(old) == canonical_json(new) or (old is None and _adds(key, before)):
            continue
        yield JudgeChange(
            path=f"{name} {'.'.join(key)}", detail=_detail(key, old, new), label=Label.RUNBOOK
        )


def _adds(key: Key, before: Mapping[Key, Any]) -> bool:
    """Whether the table that holds the key is new, or one whose entries stand alone."""
    return key[:-1] in {(), ("owners",)} or not any(k[: len(key) - 1] == key[:-1] for k in before)


def _leaves(value: Mapping[str, Any], above: Key = ()) -> dict[Key, Any]:
    found: dict[Key, Any] = {}
    for name, item in value.items():
        if isinstance(item, dict):
            found |= _leaves(item, (*above, name))
        elif item is not None:
            found[(*above, name)] = (
                item if isinstance(item, (list, bool, int, float)) else str(item)
            )
    return found


def _detail(key: Key, old: Any, new: Any) -> str:  # noqa: ANN401 - JSON data
    name = ".".join(key)
    if new is None:
        return f"takes out {name} (was {canonical_json(old)})"
    if old is None:
        return f"adds {name} = {canonical_json(new)}"
    return f"changes {name} from {canonical_json(old)} to {canonical_json(new)}"
