"""What is folded in the graduation report, and the line that stands for it.

Pure, from the document that `dial recommend --json` writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_gate.wording import count_of
from dialgate_reports.graduation.graduation_charts import plot_condition
from dialgate_reports.graduation.graduation_words import CONDITIONS, REQUIREMENTS, mode
from dialgate_reports.graduation.in_force_words import lost

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def is_open(entry: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    """Whether there is something to decide: the class moves, or its mode lacks what it rests on."""
    return decides(entry) or bool(lost(item))


def decides(entry: Mapping[str, Any]) -> bool:
    """Whether there is something to sign: a move, or a mode to be confirmed on this release."""
    return entry["move"] != "hold" or bool((entry.get("confirm") or {}).get("met"))


def name_of(point: Mapping[str, Any]) -> str:
    """What a condition or a point of readiness is called."""
    name = point.get("name") or point["requirement"]
    known = CONDITIONS.get(name) or REQUIREMENTS.get(name) or str(name)
    return f"{known}: {point['action_class']}" if "action_class" in point else known


def plainly_met(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Conditions that are met and have no figures to draw: one line says them all."""
    return [item for item in entry["conditions"] if item["met"] and plot_condition(item) is None]


def speaks_against(against: Mapping[str, Any]) -> bool:
    """Whether anything that is shown counts for the next move."""
    return any(item["kind"] == "case" or item["counts"] for item in against["shown"])


def reviewers_words(reviewers: Sequence[Mapping[str, Any]]) -> str:
    """How many reviewers there are, and what they caught of planted bad actions."""
    planted = sum(item["canaries"] for item in reviewers)
    caught = sum(item["canaries_caught"] for item in reviewers)
    seen = f"caught {caught:,} of {planted:,} planted bad actions" if planted else "nothing planted"
    reviews = sum(item["reviews"] for item in reviewers)
    return f"{count_of(len(reviewers), 'reviewer')}, {count_of(reviews, 'review')}: {seen}."


def moves_words(ledger: Mapping[str, Any]) -> str:
    """How many moves there were, and the last."""
    last = ledger["entries"][-1]
    count = len(ledger["entries"]) + ledger["left_out"]
    return (
        f"{count_of(count, 'move')}; the last on {last['at'][:10]} by {last['by']}: "
        f"{last['action_class']}, {mode(last['before'])} → {mode(last['after'])}."
    )
