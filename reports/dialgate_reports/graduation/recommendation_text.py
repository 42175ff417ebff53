"""Recommendations for people at a terminal, in 80 columns.

Pure, from the document that `dial recommend --json` writes; leaves every decision to `gate`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from dialgate_evals.files.plain_text import printable
from dialgate_reports.graduation.lease_text import lost_lines
from dialgate_reports.words.case_text import wrap
from dialgate_reports.words.figures import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = 18
_HEADS = ["class", "mode", "move", "eval ≥", "silent ≤", "live", "rate ≤"]


def render_recommendation(
    document: dict[str, Any], *, width: int = 80, verbose: bool = False
) -> str:
    """One row a class; beneath it what is missing, demotions first. `verbose` adds readiness."""
    entries = document["graduation"]
    rows = [_row(entry) for entry in entries]
    lines = [tabulate(rows, _HEADS, tablefmt="simple", disable_numparse=True), ""]
    order = {"demote": 0, "promote": 1, "hold": 2}
    for entry in sorted(entries, key=lambda item: order[item["move"]]):
        lines += _sentences(entry, width, verbose)
    for item in document.get("classes", ()):
        lines += lost_lines(item, width)
    if document.get("lease_warning"):
        lines += [wrap(printable(document["lease_warning"]), width), ""]
    lines += [
        wrap(printable(text), width) for text in document.get("readiness", {}).get("overdue", ())
    ]
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


def _sentences(entry: dict[str, Any], width: int, verbose: bool) -> Iterator[str]:
    sentences = [*entry["reasons"], *entry["missing"]]
    if verbose:
        sentences += [item["detail"] for item in entry["readiness"] if item["met"]]
    if not sentences and entry["move"] == "hold":
        return
    yield printable(f"{entry['action_class']}: {_move(entry)}")
    for text in sentences:
        yield wrap(printable(text), width, "  - ", "    ")
    yield ""


def _short(name: str) -> str:
    """A name that leaves room for the figures; the sentences beneath say it whole."""
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"


def _move(entry: dict[str, Any]) -> str:
    if entry["move"] == "hold":
        return f"hold {_mode(entry['mode'])}; missing:"
    return f"{entry['move']} to {_mode(entry['recommended'])}"


def _move_word(entry: dict[str, Any]) -> str:
    return {"promote": "promote", "demote": "DEMOTE", "hold": "hold"}[entry["move"]]


def _mode(word: str) -> str:
    return word.replace("_", " ")


def _release(document: dict[str, Any]) -> str:
    return printable(f"{document['release']['version']} {document['release']['fingerprint'][:19]}")
