"""By which rule each class was judged: its tolerated loss, where that is from, what fails it.

The same words in the terminal, Markdown and HTML; decides nothing.
"""

from __future__ import annotations

from typing import Any

from dialgate_evals.files.plain_text import shorten
from dialgate_gate.wording import show_rate

_FROM = {"policy": "from the policy", "cases": "from its cases"}
_FAILS = {"case": "one confirmed broken case fails it", "loss": "only a loss over it fails it"}
_MOST_CLASSES = 3


def rule_words(item: dict[str, Any]) -> str:
    """`10 % from its cases, one confirmed broken case fails it`; what isn't said is left out."""
    source = _FROM.get(str(item.get("margin_from")), "")
    fails = _FAILS.get(str(item.get("fail_on")), "")
    head = f"{show_rate(item['margin'])} {source}".strip()
    return f"{head}, {fails}" if fails else head


def rule_mark(item: dict[str, Any]) -> str:
    """The rule in the row of a table: `margin 10 % from its cases, by loss`."""
    source = " from its cases" if item.get("margin_from") == "cases" else ""
    by = f", by {item['fail_on']}" if item.get("fail_on") in _FAILS else ""
    return f"margin {show_rate(item['margin'])}{source}{by}"


def rules_line(document: dict[str, Any]) -> str:
    """The tolerated loss of all classes, those judged alike together; empty for a first release."""
    if document["baseline"] is None:
        return ""
    alike: dict[str, list[str]] = {}
    for item in document["classes"]:
        if item.get("margin_from"):
            alike.setdefault(rule_words(item), []).append(item["action_class"])
    if not alike:
        return ""
    if len(alike) == 1:
        return f"Tolerated loss in every class: {next(iter(alike))}."
    said = [f"{rule} ({_named(names)})" for rule, names in alike.items()]
    return f"Tolerated loss: {'; '.join(said)}."


def _named(names: list[str]) -> str:
    shown = ", ".join(shorten(name, 60) for name in names[:_MOST_CLASSES])
    more = len(names) - _MOST_CLASSES
    return f"{shown} and {more} more" if more > 0 else shown
