"""What a save did, as data: the changes, the cases run, each class before and now.

Pure; leaves watching files and running cases to `changes.save_watch`, and showing to `reports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dialgate_gate.comparing.comparison import ClassComparison, RunComparison


def build_save_document(
    *,
    changes: Sequence[Mapping[str, Any]] = (),
    total: int = 0,
    comparison: RunComparison | None = None,
    failing: Sequence[Mapping[str, Any]] = (),
    problems: Sequence[str] = (),
) -> dict[str, Any]:
    """`comparison` is None where nothing was run; `problems` say why nothing could be."""
    candidate = comparison.candidate if comparison else None
    return {
        "changes": [dict(change) for change in changes],
        "total": total,
        "run": len(comparison.case_set.cases) if comparison else 0,
        "agent_calls": len(candidate.scores) - candidate.cached if candidate else 0,
        "errored": sorted({score.case_id for score in candidate.errored}) if candidate else [],
        "classes": [_class(item) for item in comparison.classes] if comparison else [],
        "broken": list(comparison.moves.broken) if comparison else [],
        "fixed": list(comparison.moves.fixed) if comparison else [],
        "failing": [dict(entry) for entry in failing],
        "problems": list(problems),
    }


def _class(item: ClassComparison) -> dict[str, Any]:
    before = item.baseline
    return {
        "action_class": item.action_class,
        "before": None if before is None else [before.successes, before.trials],
        "now": [item.candidate.successes, item.candidate.trials],
        "broken": list(item.moves.broken),
        "fixed": list(item.moves.fixed),
    }
