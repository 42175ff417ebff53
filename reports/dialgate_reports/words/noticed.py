"""How much of an agent's mistakes the suite would notice, in a sentence for each report.

Made from a verdict's or a recommendation's document; decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import shorten
from dialgate_gate.wording import count_of, show_rate

if TYPE_CHECKING:
    from collections.abc import Mapping


def noticed_line(document: dict[str, Any]) -> str:
    """The suite as a whole, the class that notices least, and the worst that nobody would notice.

    Empty where no mistake was made up.
    """
    classes = document.get("noticed") or []
    made = sum(item["made"] for item in classes)
    if not made:
        return ""
    survived = sum(item["survived"] for item in classes)
    text = f"Of {count_of(made, 'mistake')} made up from what cases expect, the suite notices "
    if not survived:
        return f"{text}all."
    least = min(classes, key=lambda item: item["share"])
    worst = next(item for item in classes if item["worst"] is not None)
    name = shorten(least["action_class"], 80)
    return (
        f"{text}{made - survived:,}; least in {name} ({show_rate(least['share'])}). "
        f"{worst_line(worst)}"
    )


def class_line(item: Mapping[str, Any]) -> str:
    """One class of a recommendation; empty where none of its mistakes was made up."""
    found = item.get("noticed")
    if not found or not found["made"]:
        return ""
    text = (
        f"The suite notices {show_rate(found['share'])} of {count_of(found['made'], 'mistake')} "
        "made up in this class."
    )
    return f"{text} {worst_line(found)}".rstrip()


def worst_line(item: Mapping[str, Any]) -> str:
    """What nobody would notice, the worst of it; empty where nothing lives."""
    worst = item["worst"]
    if worst is None:
        return ""
    place = "no case shows it" if worst["case"] is None else f"in {worst['case']}"
    return shorten(f"Nobody would notice: {worst['sentence']} ({place}).", 400)
