"""Recommendations for people at a terminal, in 80 columns.

Pure, from the document that `dial recommend --json` writes; leaves every decision to `gate`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from dialgate_evals.files.plain_text import printable
from dialgate_reports.graduation.folded_words import name_of
from dialgate_reports.graduation.graduation_words import (
    confirm_line,
    missing_words,
    state_words,
)
from dialgate_reports.graduation.lease_text import lost_lines
from dialgate_reports.graduation.shared_readiness import own_readiness, shared_readiness
from dialgate_reports.words.case_text import wrap
from dialgate_reports.words.figures import percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_NAME = 18
_HEADS = ["class", "mode", "move", "eval ≥", "silent ≤", "live", "rate ≤"]


def render_recommendation(
    document: dict[str, Any], *, width: int = 80, verbose: bool = False
) -> str:
    """One row a class; beneath it what is decided, then what stays. `verbose` adds the rest."""
    entries = document["graduation"]
    rows = [_row(entry) for entry in entries]
    lines = [tabulate(rows, _HEADS, tablefmt="simple", disable_numparse=True), ""]
    order = {"demote": 0, "promote": 1, "hold": 2}
    idle = [] if verbose else [entry for entry in entries if _is_idle(entry)]
    for entry in sorted(entries, key=lambda item: order[item["move"]]):
        if entry not in idle:
            lines += _sentences(document, entry, width, verbose=verbose)
    lines += _idle_lines(idle, width)
    if verbose:
        lines += _shared_lines(document, width)
    for item in document.get("classes", ()):
        lines += lost_lines(item, width)
    if document.get("lease_warning"):
        lines += [wrap(printable(document["lease_warning"]), width), ""]
    readiness = document.get("readiness", {})
    notes = (readiness.get("people_note"), *readiness.get("overdue", ()))
    lines += [wrap(printable(text), width) for text in notes if text]
    lines.append(f"Evidence {document['evidence'][:19]}, release {_release(document)}.")
    return "\n".join(lines) + "\n"


def _row(entry: dict[str, Any]) -> list[str]:
    evidence = entry["evidence"]
    return [
        _short(printable(entry["action_class"])),
        _mode(entry["mode"]).replace(" the", ""),
        _move_word(entry),
        percent(evidence["eval_success_low"]),
        percent(evidence["silent_rate_high"]),
        f"{evidence['live_reviews']:,}",
        percent(evidence["intervention_rate_high"]),
    ]


def _is_idle(entry: Mapping[str, Any]) -> bool:
    """Whether a class stays, and production has said nothing of it yet."""
    evidence = entry["evidence"]
    is_quiet = not evidence["live_reviews"] and not evidence["stale"]
    return entry["move"] == "hold" and is_quiet and "confirm" not in entry


def _sentences(
    document: Mapping[str, Any], entry: Mapping[str, Any], width: int, *, verbose: bool
) -> Iterator[str]:
    said = {item["detail"] for item in shared_readiness(document)}
    missing = [text for text in entry["missing"] if text not in said]
    unmet = [item for item in entry["readiness"] if not item["met"] and item["detail"] in said]
    confirm = confirm_line(entry)
    sentences = [*([confirm] if confirm else []), *entry["reasons"], *missing]
    sentences += [f"{name_of(item)}: {item['detail']}" for item in unmet]
    if verbose:
        own = own_readiness(document, entry)
        sentences += [item["detail"] for item in own if item["met"]]
    if not sentences and entry["move"] == "hold":
        return
    yield printable(f"{entry['action_class']}: {_move(entry)}")
    for text in sentences:
        yield wrap(printable(text), width, "  - ", "    ")
    yield ""


def _idle_lines(idle: Sequence[Mapping[str, Any]], width: int) -> Iterator[str]:
    """A line for each class of which production has said nothing yet."""
    waiting = [entry for entry in idle if entry["next"] is not None]
    if not waiting:
        return
    yield "Not reviewed in production yet, and missing (--verbose says all of it):"
    for entry in waiting:
        text = f"{entry['action_class']}, {_mode(entry['mode'])}: {missing_words(entry)}."
        yield wrap(printable(text), width, "  - ", "    ")
    yield ""


def _shared_lines(document: Mapping[str, Any], width: int) -> Iterator[str]:
    """Readiness that is the same for every class, once."""
    shared = shared_readiness(document)
    if not shared:
        return
    yield "Readiness, for every class:"
    for item in shared:
        text = f"{state_words(item)}, {name_of(item)}: {item['detail']}"
        yield wrap(printable(text), width, "  - ", "    ")
    yield ""


def _short(name: str) -> str:
    """A name that leaves room for the figures; the sentences beneath say it whole."""
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"


def _move(entry: Mapping[str, Any]) -> str:
    if entry["move"] == "hold":
        return f"hold {_mode(entry['mode'])}; missing:"
    return f"{entry['move']} to {_mode(entry['recommended'])}"


def _move_word(entry: dict[str, Any]) -> str:
    return {"promote": "promote", "demote": "DEMOTE", "hold": "hold"}[entry["move"]]


def _mode(word: str) -> str:
    return word.replace("_", " ")


def _release(document: dict[str, Any]) -> str:
    return printable(f"{document['release']['version']} {document['release']['fingerprint'][:19]}")
