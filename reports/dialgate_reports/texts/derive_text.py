"""What deriving cases did, for a person at a terminal: every row accounted for, what to do next.

A pure function of the document that `cases derive --json` writes.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from tabulate import tabulate

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_reports.words.case_text import wrap

_WORDS = {
    "derived": "became a new case",
    "merged": "merged into a case with the same context",
    "known": "known from an earlier run",
    "set_aside": "set aside: reviewers contradict each other",
    "candidate": "approvals sampled as golden candidates",
    "approved": "other approvals",
    "unreviewed": "done automatically or escalated by the agent",
    "canary": "planted to measure the reviewers",
    "unusable": "interventions that can't become a case",
    "repeated_rows": "rows that say again what another said",
    "bad_rows": "bad rows",
}


def render_derivation(document: dict[str, Any], *, width: int = 80, verbose: bool = False) -> str:
    """A row per fate of the events, then what was set aside or left out, then what to do."""
    counts = document["counts"]
    rows = [[counts[key], words] for key, words in _WORDS.items() if counts[key]]
    rows.append([document["rows"], "rows in all"])
    most = 10_000 if verbose else 8
    parts = [
        tabulate(rows, ["events", "what became of them"], tablefmt="simple"),
        _unusable(document, width, verbose),
        _set_aside(document, width, most),
        _bad(document, width, most),
        _notes(document, width, most),
        _next(document, width),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _unusable(document: dict[str, Any], width: int, verbose: bool) -> str:
    """Reasons with their number; with `verbose` every event."""
    items = document["unusable"]
    if verbose:
        lines = [f"{item['place']} ({item['event']}): {item['reason']}" for item in items]
    else:
        counted = Counter(item["reason"] for item in items).most_common(8)
        lines = [f"{number} × {reason}" for reason, number in counted]
    return _list("No case could be made:", lines, width, len(lines))


def _set_aside(document: dict[str, Any], width: int, most: int) -> str:
    lines = list(dict.fromkeys(item["reason"] for item in document["set_aside"]))
    return _list("For adjudication:", lines, width, most)


def _bad(document: dict[str, Any], width: int, most: int) -> str:
    return _list("Left out:", document["bad"], width, most)


def _notes(document: dict[str, Any], width: int, most: int) -> str:
    return _list("Note:", document["notes"], width, most)


def _list(title: str, lines: list[str], width: int, most: int) -> str:
    if not lines:
        return ""
    shown = [wrap(shorten(printable(line), 600), width, "- ") for line in lines[:most]]
    if len(lines) > most:
        shown.append(f"  … and {len(lines) - most} more (--verbose shows them)")
    return "\n".join([title, *shown])


def _next(document: dict[str, Any], width: int) -> str:
    """What came of it, what waits for a person, and which files changed."""
    cases = document["cases"]
    added = len(cases["added"])
    sentences = [_sentence(document)]
    if cases["held_out"]:
        sentences.append(f"{len(cases['held_out'])} of {added} are held out from tuning.")
    if document["near_duplicates"]:
        number = len({item["case"] for item in document["near_duplicates"]})
        sentences.append(f"Nearly the same words as another case: {number} (lint names them).")
    if document["open_adjudications"]:
        number = document["open_adjudications"]
        sentences.append(f"Waiting in adjudicate.jsonl for a resolution: {number}.")
    if added or cases["candidates"]:
        replaced = document["replaced_values"]
        found = f"{replaced:,} personal values were replaced"
        sentences.append(f"{found if replaced else 'No personal value was found'}.")
        sentences.append("Read the new lines before you commit them.")
    lines = [wrap(" ".join(sentences), width)]
    if document["files"]:
        lines += ["Files written:", *(f"  {printable(path)}" for path in document["files"])]
    return "\n".join(lines)


def _sentence(document: dict[str, Any]) -> str:
    added = len(document["cases"]["added"])
    counted = f"{added} new {'case' if added == 1 else 'cases'}"
    if document["dry_run"]:
        return f"Dry run: {counted}, nothing written."
    return f"{counted}." if document["files"] else "Nothing new: no file changed."
