"""What differs between two sides' judge.toml, key by key: another judge measures another thing.

Leaves by whom a check is judged (the base's judges, whatever the change says) to `dialgate.check`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from dialgate_evals.files.json_text import canonical_json
from dialgate_evals.files.plain_text import shorten
from dialgate_gate.changes.component_change import ComponentChange
from dialgate_gate.changes.judged.judge_change import JudgeChange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.actions.rubrics.judge_settings import JudgeSettings

FILE = "judge.toml"
_FASTER = frozenset({"concurrency"})
"""Keys that change how soon an answer is there, and no answer."""


def compare_judges(
    *, baseline: JudgeSettings, candidate: JudgeSettings, all_classes: tuple[str, ...]
) -> Iterator[ComponentChange]:
    """Every key of judge.toml that differs."""
    for key, before, now in _differing(baseline, candidate):
        yield ComponentChange(
            component="judge",
            path=key,
            kind="added" if before is None else "removed" if now is None else "changed",
            detail=f"{_shown(before)} → {_shown(now)}",
            triggers=key not in _FASTER,
            classes=all_classes,
        )


def judge_key_changes(
    *, baseline: JudgeSettings, candidate: JudgeSettings
) -> Iterator[JudgeChange]:
    """Every key by which the change would have other judges, or ask them otherwise."""
    for key, before, now in _differing(baseline, candidate):
        if key not in _FASTER:
            detail = f"changes {key} from {_shown(before)} to {_shown(now)}"
            yield JudgeChange(path=f"{FILE} {key}", detail=detail)


def _differing(baseline: JudgeSettings, candidate: JudgeSettings) -> Iterator[tuple[str, Any, Any]]:
    before, now = dict(_keys(baseline)), dict(_keys(candidate))
    for key in sorted({*before, *now}):
        old, new = before.get(key), now.get(key)
        if canonical_json(old) != canonical_json(new):
            yield key, old, new


def _keys(settings: JudgeSettings) -> Iterator[tuple[str, Any]]:
    """Each key as a person would write it, with its value; those without a value are left out."""
    document = to_builtins(settings)
    for item in document.pop("judges"):
        name = item.pop("name")
        yield from ((f"judge.{name}.{key}", value) for key, value in item.items() if value)
    for name, item in document.pop("criteria").items():
        told = {key: value for key, value in item.items() if key != "name" and value}
        yield from ((f"criterion.{name}.{key}", value) for key, value in told.items())
    yield "order", [item.name for item in settings.judges]
    yield from document.items()


def _shown(value: Any) -> str:  # noqa: ANN401 - settings of several kinds
    return "none" if value is None else shorten(canonical_json(value), 200)
