"""The verdict for a person at a terminal, in 80 columns: what to look at first stands first.

A pure function of the verdict document; color only where the caller says so.
"""

from __future__ import annotations

from typing import Any

from tabulate import tabulate

from evals.plain_text import printable, shorten
from reports import figures
from reports.case_text import describe_case, wrap
from reports.movements import movement_lines

_COLORS = {"pass": 32, "fail": 31, "inconclusive": 33, "invalid": 35}
_MOST_CASES = 8


def render_terminal(
    document: dict[str, Any], *, color: bool = False, verbose: bool = False, width: int = 80
) -> str:
    """The verdict, its reasons, a row per class, the cases to look at, and what to do next."""
    parts = [
        _paint(figures.headline(document), document["verdict"], color),
        _summary(document, width),
        _reasons(document, verbose, width),
        _classes(document, color),
        _cases(document, verbose, width),
        _changes(document, verbose, width),
        _footer(document, width),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _paint(text: str, verdict: str, color: bool) -> str:
    safe = printable(text)
    return f"\x1b[1;{_COLORS[verdict]}m{safe}\x1b[0m" if color else safe


def _summary(document: dict[str, Any], width: int) -> str:
    lines = [figures.suite_line(document), *movement_lines(document)]
    return "\n".join(wrap(shorten(line, 1000), width, "", "  ") for line in lines)


def _reasons(document: dict[str, Any], verbose: bool, width: int) -> str:
    reasons = document["reasons"]
    most = len(reasons) if verbose else 6
    lines = [wrap(shorten(reason, 2000), width, "- ") for reason in reasons[:most]]
    if len(reasons) > most:
        lines.append(f"  … and {len(reasons) - most} more reasons (--verbose shows them)")
    return "\n".join(lines)


def _classes(document: dict[str, Any], color: bool) -> str:
    has_baseline = document["baseline"] is not None
    rows = []
    for item in document["classes"]:
        row = [printable(item["action_class"]), figures.count(item["candidate"])]
        if has_baseline:
            row += [figures.count(item["baseline"]), figures.short_interval(item)]
        row += [figures.silent(item), _paint(item["verdict"], item["verdict"], color)]
        rows.append(row)
    if not rows:
        return ""
    headers = ["action class", "now"]
    headers += ["before", "points"] if has_baseline else []
    table: str = tabulate(rows, headers=[*headers, "silent", "verdict"], tablefmt="simple")
    return table


def _cases(document: dict[str, Any], verbose: bool, width: int) -> str:
    entries = document["explanations"]
    broken = [entry for entry in entries if entry["move"] == "broken"]
    shown = entries if verbose else broken[:_MOST_CASES]
    lines = [line for entry in shown for line in describe_case(entry, width)]
    hidden = len(broken) - len(shown)
    if hidden > 0:
        lines.append(f"… and {hidden} more broken cases (--verbose shows all that failed)")
    return "\n".join(["Cases to look at:", *lines]) if lines else ""


def _changes(document: dict[str, Any], verbose: bool, width: int) -> str:
    changes = document["changes"]
    if not changes:
        return ""
    most = len(changes) if verbose else 8
    lines = [wrap(_change_text(change), width, "- ") for change in changes[:most]]
    if len(changes) > most:
        lines.append(f"  … and {len(changes) - most} more")
    return "\n".join(["What changed in the release:", *lines])


def _change_text(change: dict[str, Any]) -> str:
    kind = figures.change_kind(change)
    return f"{change['component']} {change['path']}: {kind}. {change['detail']}"


def _footer(document: dict[str, Any], width: int) -> str:
    cases = document["cases"]
    kinds = [key for key in cases if key not in {"broken", "fixed"} and cases[key]]
    counts = [f"{len(cases[key])} {key}" for key in kinds]
    lines = [
        f"Cases: {', '.join(counts)}." if counts else "",
        figures.usage_line(document),
        *(item["sentence"] for item in document["budget"]),
        figures.flaky_line(document),
        figures.pass_line(document),
        f"Judged by {document['judged_by']}.",
    ]
    if document["reproduce"]:
        lines.append(f"Reproduce one case: {document['reproduce']}")
    return "\n".join(wrap(line, width) for line in lines if line)
