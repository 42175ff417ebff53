"""The people of a suite for a person at a terminal, in 80 columns: a pure function of the document.

Leaves who they are to `dialgate_gate.settings.people`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_gate.settings.people.cadence import WHAT
from dialgate_reports.words.case_text import wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_MOST_GAPS = 5


def render_owners(document: Mapping[str, Any]) -> str:
    """Roles, classes, who is on call, gaps and what is overdue."""
    return "\n".join(_lines(document))


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    rows = [
        (
            item["role"].replace("_", " "),
            _name(item),
            printable(item["mail"] or item["handle"] or ""),
        )
        for item in document["roles"]
    ]
    yield f"{printable(document['suite'])}, at {document['at']}"
    if document.get("note"):
        yield wrap(printable(document["note"]), 80)
    yield ""
    yield _table(rows, ("role", "who", "reached by"))
    yield ""
    classes = [
        (
            shorten(printable(item["action_class"]), 22),
            shorten(printable(item["responsible"]), 16),
            _name(item["accountable"]),
            _names(item["consulted"]),
        )
        for item in document["classes"]
    ]
    yield _table(classes, ("class", "responsible", "accountable", "consulted"))
    yield ""
    yield from _on_call(document)
    for item in document["reviews"]:
        if item["overdue"]:
            last = f"last on {item['last']}" if item["last"] else "nothing says when last"
            yield f"Overdue: {WHAT[item['thing']]}, every {item['every_days']} days; {last}."


def _on_call(document: Mapping[str, Any]) -> Iterator[str]:
    yield f"On call: {printable(document['on_call']['shown'])}"
    gaps = document["gaps"]
    for gap in gaps[:_MOST_GAPS]:
        yield f"Nobody on call: {printable(gap)}"
    if len(gaps) > _MOST_GAPS:
        yield f"and {len(gaps) - _MOST_GAPS} times more."


def _name(holder: Mapping[str, Any]) -> str:
    name = shorten(printable(holder["name"]), 24) or "nobody"
    return name if holder["verified"] or not holder["name"] else f"{name} (unverified)"


def _names(holders: Iterable[Mapping[str, Any]]) -> str:
    return shorten(", ".join(_name(item) for item in holders), 44)


def _table(rows: Iterable[tuple[str, ...]], head: tuple[str, ...]) -> str:
    return tabulate(list(rows), headers=head, tablefmt="plain", disable_numparse=True)
