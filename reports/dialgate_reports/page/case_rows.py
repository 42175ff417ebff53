"""The rows of the case explorer: every case that was judged, those to look at first first.

Knows what a person filters by; leaves how a row looks to the page.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Literal

from dialgate_evals.files.plain_text import printable, shorten

PASSING = "passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One case of the list, every text harmless."""

    case_id: str
    # as the records have it
    shown_id: str
    # printable; what links and search use
    request: str = ""
    # what the customer asked for, in a line
    move: str
    # broken, fixed, flaky, failing, added, or passed
    silent: bool = False
    critical: bool = False
    quarantined: bool = False
    origin: str = "golden"
    tags: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    entry: dict[str, Any] | None = None
    # the verdict's explanation; None for a case that passed and did not move


def list_rows(document: dict[str, Any]) -> list[CaseRow]:
    """Explained cases in the verdict's order of urgency, then those that passed, by id."""
    passing = sorted(document.get("passing") or (), key=lambda item: str(item["case"]))
    rows = [
        *(_explained(entry) for entry in document["explanations"]),
        *(_passing(item) for item in passing),
    ]
    seen: Counter[str] = Counter()
    return [_told_apart(row, seen) for row in rows]


def _told_apart(row: CaseRow, seen: Counter[str]) -> CaseRow:
    """The row under an id that no row before it has: long ids are cut, and may be cut alike."""
    seen[row.shown_id] += 1
    number = seen[row.shown_id]
    return row if number == 1 else replace(row, shown_id=f"{row.shown_id} ({number})")


def _explained(entry: dict[str, Any]) -> CaseRow:
    sides = [entry["candidate"], entry["baseline"] or {}]
    classes = {item["action_class"] for side in sides for item in side.get("decisions", ())}
    return CaseRow(
        case_id=entry["case"],
        shown_id=_shown(entry["case"]),
        request=_shown(entry.get("request") or ""),
        move=entry["move"],
        silent=entry["silent"],
        critical=entry["critical"],
        quarantined=entry["quarantined"],
        origin=_shown(entry["origin"]),
        tags=_sorted(entry["tags"]),
        classes=_sorted(classes),
        entry=entry,
    )


def _passing(item: dict[str, Any]) -> CaseRow:
    return CaseRow(
        case_id=item["case"],
        shown_id=_shown(item["case"]),
        request=_shown(item.get("request") or ""),
        move=PASSING,
        origin=_shown(item["origin"]),
        tags=_sorted(item["tags"]),
        classes=_sorted(item["classes"]),
    )


def _shown(text: object) -> str:
    return shorten(printable(str(text)), 300)


def _sorted(words: Any) -> tuple[str, ...]:  # noqa: ANN401 - an iterable of JSON values
    return tuple(sorted(_shown(word) for word in words))


def values_of(rows: list[CaseRow], key: Literal["move", "classes", "tags", "origin"]) -> list[str]:
    """What can be chosen in a filter: the values that occur, sorted."""
    found: set[str] = set()
    for row in rows:
        value = getattr(row, key)
        found.update((value,) if isinstance(value, str) else value)
    return sorted(found)
