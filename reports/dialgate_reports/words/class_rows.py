"""Which rows of the class table are shown, and which fold: those in which nothing moved.

The same in the terminal, Markdown and HTML; decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dialgate_evals.files.plain_text import shorten

_MOST_NAMED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRows:
    """The classes of a verdict as the table takes them."""

    shown: tuple[dict[str, Any], ...]
    still: tuple[dict[str, Any], ...]
    # equal on both sides: their rows say nothing


def fold_classes(classes: list[dict[str, Any]]) -> ClassRows:
    """Rows in which nothing moved fold where there are others to look at, or very many."""
    still = [item for item in classes if _is_still(item)]
    moved = [item for item in classes if not _is_still(item)]
    if len(still) < 2 or (not moved and len(still) <= _MOST_NAMED):
        return ClassRows(shown=tuple(classes), still=())
    return ClassRows(shown=tuple(moved), still=tuple(still))


def _is_still(item: dict[str, Any]) -> bool:
    before, now = item["baseline"], item["candidate"]
    return (
        item["verdict"] in {"pass", "inconclusive"}
        and before is not None
        and not item["difference"]
        and before["successes"] * now["trials"] == now["successes"] * before["trials"]
        and before["silent"] == now["silent"]
        and not any(item["cases"].values())
        and not (item["new_silent"] or item["open_suspects"])
    )


def still_line(rows: ClassRows) -> str:
    """`Nothing moved in 2 classes: publish (inconclusive), read (pass)`; empty for none."""
    if not rows.still:
        return ""
    named = [f"{shorten(i['action_class'], 60)} ({i['verdict']})" for i in rows.still]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    counted = "class" if len(named) == 1 else "classes"
    return f"Nothing moved in {len(named)} {counted}: {', '.join(named[:_MOST_NAMED])}{more}"
