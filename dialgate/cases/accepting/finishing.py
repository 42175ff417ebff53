"""The end of a review: decided cases and events, written whole; the same again changes nothing.

Leaves what a case should say to `dialgate_evals.events.accepting` and the words to `reports`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.cases.derived_files import rewrite_cases
from dialgate.cases.yaml_cases import rewrite_yaml_cases
from dialgate_evals.events.accepting.asked import asked_by
from dialgate_evals.events.accepting.documents import accepted_case, events_of
from dialgate_evals.files.file_writing import write_atomically
from dialgate_evals.files.json_text import json_line
from dialgate_evals.files.problems import show_path
from dialgate_evals.suite.case_files import YAML
from dialgate_evals.suite.workspace import load_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dialgate.cases.accepting.session import Session
    from dialgate_evals.suite.case import Case

EVENTS = "events.jsonl"


def finish(session: Session) -> dict[str, Any]:
    """Writes what was decided; gives the document of what was done.

    Raises ConfigurationError where the case files can't be read, before anything is written.
    """
    session.refresh()
    source = session.source
    files = source.workspace.case_files()
    before = load_workspace(source.workspace.folder).cases_by_id
    sorted_out = _sort_out(session, before)
    paths: list[Path] = []
    _write_events(session, paths)
    in_yaml = _write_cases(files, sorted_out.written, before, paths)
    found = None if session.found is None else session.found.finish()
    return {
        "schema": 1,
        "suite": source.workspace.suite.name,
        "run": source.run,
        "trajectories": len(source.items),
        "decided": sum(bool(session.counting(item.id)) for item in source.items),
        "cases": {
            "written": sorted(sorted_out.written),
            "unchanged": sorted(sorted_out.confirmed),
            "edited": sorted(sorted_out.edited),
            "in_yaml": in_yaml,
        },
        "conflicts": [
            {"case": case_id, "why": why} for case_id, why in sorted(session.conflicts().items())
        ],
        "agreement": [_agreement(item) for item in session.agreements()],
        "left": [{"place": left.place, "why": left.why} for left in source.left],
        "unlisted": source.unlisted,
        "unknown": _unknown(session),
        "found": found,
        "files": [
            *(show_path(path) for path in dict.fromkeys(paths)),
            *([found["file"]] if found and found["file"] else []),
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _SortedOut:
    """What becomes of the cases that were decided without a contradiction."""

    written: dict[str, dict[str, Any]]
    # by id: what its file is to hold
    confirmed: list[str]
    # the file says it already
    edited: list[str]
    # somebody changed the file meanwhile, and it stays


def _sort_out(session: Session, before: Mapping[str, Case]) -> _SortedOut:
    source = session.source
    found = _SortedOut(written={}, confirmed=[], edited=[])
    for case_id, decided in session.decided_cases().items():
        case = decided.case
        if decided.merged.contradiction is not None:
            continue
        document = accepted_case(
            case, decided.merged, decided.rows, source.reader.judge, source.version
        )
        standing = before.get(case_id)
        if standing is None or standing.document not in (case.document, document):
            found.edited.append(case_id)
        elif document == case.document:
            found.confirmed.append(case_id)
        else:
            found.written[case_id] = document
    return found


def _write_cases(
    files: Sequence[Path],
    written: dict[str, dict[str, Any]],
    before: Mapping[str, Case],
    paths: list[Path],
) -> list[dict[str, Any]]:
    """Writes them, and takes out those whose YAML only a person may edit: they are given."""
    by_hand: set[str] = set()
    for path in files:
        if path.suffix in YAML:
            by_hand |= rewrite_yaml_cases(path, written, paths)
        else:
            rewrite_cases(path, written, set(), paths)
    return [
        {
            "case": case_id,
            "place": str(before[case_id].place),
            "expect": written.pop(case_id)["expect"],
        }
        for case_id in sorted(by_hand)
    ]


def _write_events(session: Session, paths: list[Path]) -> None:
    """Everybody's decisions as events, whole and in order; one that changed is another event."""
    source = session.source
    lines = []
    for item in source.items:
        for book in session.books:
            for settles in (False, True):
                decision = book.standing(settles=settles).get(item.id)
                if decision is None:
                    continue
                asked = asked_by(decision, item, source.reader.judge)
                events = events_of(decision, item, asked, source.reader.judge, source.version)
                lines += [json_line(event) for event in events]
    path = session.folder / EVENTS
    content = b"".join(lines)
    before = path.read_bytes() if path.is_file() else b""
    if content != before:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
        paths.append(path)


def _agreement(item: Any) -> dict[str, Any]:  # noqa: ANN401 - an Agreement
    return {
        "reviewers": [item.first, item.second], "items": item.items,
        "both_right": item.both_right, "both_not": item.both_not,
        "only_first": item.only_first, "only_second": item.only_second,
        "differ_in_what": item.differ_in_what,
        "kappa": None if item.kappa is None else round(item.kappa, 4),
    }  # fmt: skip


def _unknown(session: Session) -> int:
    """Decisions on trajectories that this source doesn't hold (any more): none is written."""
    ids = {item.id for item in session.items}
    return sum(
        item_id not in ids
        for book in session.books
        for settles in (False, True)
        for item_id in book.standing(settles=settles)
    )
