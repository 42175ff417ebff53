"""What a change does to suite.toml: each key by the rule that its schema declares.

Compares settings, not texts: a default that is spelled out is no change. Leaves who is asked about
the cases themselves to `case_edits`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.json_text import canonical_json
from dialgate_evals.suite.sides import Harmless, Side, key_sides
from dialgate_gate.changes.judged.judge_change import JudgeChange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.suite.suite import Suite

_FIELDS = {
    ("tools", "simulator"): "simulator",
    ("tools", "record_missing"): "record_missing",
    ("holdout", "share"): "holdout_share",
    ("secrets", "env"): "secrets",
}
"""Where a key's value stands in `Suite`, for those that stand elsewhere than in the file."""


def suite_key_changes(*, baseline: Suite, candidate: Suite) -> Iterator[JudgeChange]:
    """Every key of suite.toml by which the change may weaken or move its judge."""
    for item in key_sides():
        if item.side is Side.RELEASE or item.harmless is Harmless.ALWAYS:
            continue
        before, now = _value(baseline, item.key), _value(candidate, item.key)
        if item.harmless is Harmless.COMPARED or canonical_json(before) == canonical_json(now):
            continue
        if not _only_tightens(item.harmless, before, now):
            yield _changed(item.key, before, now)
    yield from _quarantine_changes(baseline, candidate)


def _value(suite: Suite, key: tuple[str, ...]) -> Any:  # noqa: ANN401 - settings of several kinds
    """The key's value as JSON data; None where it is not set."""
    if key in _FIELDS:
        return _plain(getattr(suite, _FIELDS[key]))
    if key == ("schema",):
        return 1
    if key == ("agent", "isolation"):
        return "process" if suite.agent.isolated else "none"
    if key[0] == "user":
        return _plain(suite.user.value(key[1]))
    table = getattr(suite, key[0])
    return _plain(table if len(key) == 1 or table is None else getattr(table, key[1]))


def _plain(value: Any) -> Any:  # noqa: ANN401 - settings of several kinds
    if isinstance(value, (tuple, list, frozenset)):
        items = sorted(value) if isinstance(value, frozenset) else value
        return [_plain(item) for item in items]
    return value if value is None or isinstance(value, (bool, int, float, dict)) else str(value)


def _only_tightens(harmless: Harmless, before: Any, now: Any) -> bool:  # noqa: ANN401 - JSON data
    if harmless is Harmless.RAISED:
        return bool(now > before)
    if harmless is Harmless.LOWERED:
        return bool(now < before)
    return harmless is Harmless.WITHDRAWN and before is True and now is False


def _changed(key: tuple[str, ...], before: Any, now: Any) -> JudgeChange:  # noqa: ANN401 - JSON data
    return JudgeChange(path=f"suite.toml {'.'.join(key)}", detail=_detail(key, before, now))


def _detail(key: tuple[str, ...], before: Any, now: Any) -> str:  # noqa: ANN401 - JSON data
    name = ".".join(key)
    if key == ("agent", "kind"):
        return (
            f"changes how the agent is reached from {before} to {now}, so that another thing is "
            "measured"
        )
    if key == ("deterministic",):
        return "declares the agent deterministic"
    if before in (None, []):
        return f"sets {name} to {canonical_json(now)}"
    if now in (None, []):
        return f"takes out {name} (was {canonical_json(before)})"
    number = isinstance(before, (int, float)) and not isinstance(before, bool)
    verb = ("raises" if now > before else "lowers") if number else "changes"
    return f"{verb} {name} from {canonical_json(before)} to {canonical_json(now)}"


def _quarantine_changes(baseline: Suite, candidate: Suite) -> Iterator[JudgeChange]:
    known = {item.case: item for item in baseline.quarantine}
    for item in candidate.quarantine:
        before = known.get(item.case)
        if before is None:
            detail = f"quarantines the case {item.case}"
        elif item.until > before.until:
            detail = f"prolongs the quarantine of the case {item.case} to {item.until}"
        else:
            continue
        yield JudgeChange(path="suite.toml quarantine", detail=detail)


def suite_key_table() -> list[tuple[str, str, str]]:
    """(key, side, harmless change) of every key, as the reference page shows them."""
    return [(".".join(item.key), item.side.value, item.harmless.value) for item in key_sides()]
