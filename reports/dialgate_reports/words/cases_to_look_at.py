"""Which cases a person should look at first, of a verdict document.

Follows the document's order, in which cases of the classes that fail come first; decides nothing.
"""

from __future__ import annotations

from typing import Any


def broken_cases(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries of cases that broke, in the order in which to look at them."""
    return [entry for entry in document["explanations"] if entry["move"] == "broken"]


def first_case(document: dict[str, Any]) -> str | None:
    """The case to look at first, one that belongs to what failed; None where none does.

    A class can fail by losses that are spread over many cases, none of which broke alone.
    """
    failing = _cases_of_failing(document)
    is_by_class = any(item["verdict"] == "fail" for item in document["classes"])
    for entry in document["explanations"]:
        case: str = entry["case"]
        is_critical = entry["critical"] and entry["move"] in {"broken", "added"}
        if entry["quarantined"]:
            continue
        if case in failing or is_critical or (not is_by_class and entry["move"] == "broken"):
            return case
    return None


def _cases_of_failing(document: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for item in document["classes"]:
        if item["verdict"] == "fail":
            found.update(item["cases"]["broken"], item["new_silent"], item["open_suspects"])
    return found
