"""The fleet as one document: every suite by risk, and what needs a decision today.

Described by the schema `fleet`; reports are rendered from it alone. Leaves rows to
`suite_gathering` and the order to `dialgate_gate.ladder.fleet.risk`.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.dial.dial_files import written_time
from dialgate.dial.operating.fleet.event_places import refuse_pattern
from dialgate.dial.operating.fleet.suite_gathering import RowRequest, gather_row
from dialgate.dial.operating.fleet.suites_below import suites_below
from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import join_words, show_path
from dialgate_gate.ladder.fleet.needs import NeedKind, needs_of
from dialgate_gate.ladder.fleet.risk import class_risk, need_risk, order_words, suite_risk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dialgate.dial.operating.fleet.suites_below import FoundSuite, SuitesBelow
    from dialgate_gate.ladder.fleet.needs import Need
    from dialgate_gate.ladder.fleet.risk import Risk
    from dialgate_gate.ladder.fleet.suite_row import SuiteRow

RECORDS = Path(".dialgate")


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """The document, and whether all evidence that it rests on could be read."""

    document: dict[str, Any]
    is_whole: bool


def describe_fleet(
    roots: Sequence[Path], request: RowRequest, progress: Callable[[int, int], None]
) -> Fleet:
    """Every suite below the roots. `progress` is told how many suites of how many are read.

    Raises UsageError for a root that is no folder, where no suite is found, and for a pattern of
    events that can't be the suites' own.
    """
    below = suites_below(roots)
    if not below.suites:
        named = join_words([show_path(root) for root in roots])
        raise UsageError(f"No suite lies below {named}: a suite is a folder with a suite.toml.")
    if request.events is not None:
        refuse_pattern(request.events, len(below.suites))
    rows = []
    for number, found in enumerate(below.suites):
        progress(number, len(below.suites))
        rows.append(gather_row(found, request, _records(found, request)))
    progress(len(rows), len(rows))
    pairs = [(row, needs_of(row, shlex.quote(row.folder))) for row in _told_apart(rows)]
    pairs.sort(key=lambda pair: (suite_risk(*pair), pair[0].folder))
    document = {
        "schema": 1,
        "at": written_time(request.now),
        "roots": [show_path(root) for root in roots],
        "events": request.events is not None,
        "order": order_words(),
        "notes": _notes(below),
        "decisions": _decisions(pairs),
        "suites": [_suite(row, needs) for row, needs in pairs],
    }
    return Fleet(document=document, is_whole=_is_whole(below, pairs))


def _records(found: FoundSuite, request: RowRequest) -> Path:
    """Where the suite's records lie: as named, else the root's own, else the current folder's."""
    if request.out is not None:
        return request.out
    own = found.root / RECORDS
    return own if own.is_dir() else RECORDS


def _told_apart(rows: Sequence[SuiteRow]) -> list[SuiteRow]:
    """Suites of one name share records and verdicts: whose they are can't be told."""
    places: dict[str, list[str]] = {}
    for row in rows:
        if row.name is not None:
            places.setdefault(row.name, []).append(row.folder)
    found = []
    for row in rows:
        others = [folder for folder in places.get(row.name or "", ()) if folder != row.folder]
        if others:
            text = (
                f"{row.folder} has the name of {join_words(others)}: verdicts and records go by "
                "the name, so whose they are can't be told. Give it another name."
            )
            row = replace(row, gate=None, problems=(*row.problems, text))  # noqa: PLW2901 - a copy
        found.append(row)
    return found


def _notes(below: SuitesBelow) -> list[str]:
    empty = [f"No suite lies below {show_path(root)}." for root in below.empty]
    links = [
        f"{show_path(path)} is a link to a folder with a suite, which is not followed."
        for path in below.links
    ]
    closed = [f"{show_path(path)} can't be looked into." for path in below.closed]
    return [*empty, *links, *closed]


def _decisions(pairs: Iterable[tuple[SuiteRow, tuple[Need, ...]]]) -> list[dict[str, Any]]:
    """Every need of every suite, the riskiest first."""
    found: list[tuple[Risk, str, int, dict[str, Any]]] = []
    for row, needs in pairs:
        for number, need in enumerate(needs):
            entry = {"folder": row.folder, "suite": row.shown, **need.as_json()}
            found.append((need_risk(row, need, needs), row.folder, number, entry))
    return [entry for *_, entry in sorted(found, key=lambda item: item[:3])]


def _suite(row: SuiteRow, needs: tuple[Need, ...]) -> dict[str, Any]:
    """The row with its classes by risk, each with the kinds of what it needs."""
    ordered = sorted(row.classes, key=lambda item: class_risk(item, needs))
    document = replace(row, classes=tuple(ordered)).as_json()
    for item in document["classes"]:
        mine = [need.kind.value for need in needs if item["action_class"] in need.classes]
        item["needs"] = list(dict.fromkeys(mine))
    return {**document, "needs": list(dict.fromkeys(need.kind.value for need in needs))}


def _is_whole(below: SuitesBelow, pairs: Iterable[tuple[SuiteRow, tuple[Need, ...]]]) -> bool:
    """Whether nothing that was asked for is missing or unreadable."""
    lacking = {NeedKind.UNREADABLE, NeedKind.UNWATCHED}
    kinds = {need.kind for _, needs in pairs for need in needs}
    return not (below.empty or below.links or below.closed or kinds & lacking)
