"""The verdict for a person at a terminal, in 80 columns: what to look at first stands first.

A pure function of the verdict document; color only where the caller says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.files.plain_text import printable, shorten
from dialgate_reports.words import figures
from dialgate_reports.words.alerts import alert_lines, notice_lines
from dialgate_reports.words.case_text import describe_case, wrap
from dialgate_reports.words.cases_to_look_at import broken_cases
from dialgate_reports.words.class_rows import fold_classes, still_line
from dialgate_reports.words.movements import movement_lines
from dialgate_reports.words.noticed import noticed_line
from dialgate_reports.words.occasion_words import occasion_line
from dialgate_reports.words.rule_words import rules_line
from dialgate_reports.words.trials.votes import criteria_lines
from dialgate_reports.words.verdict_words import headline, next_step, split_reasons

if TYPE_CHECKING:
    from collections.abc import Sequence

_COLORS = {"pass": 32, "fail": 31, "inconclusive": 33, "invalid": 35}
_MOST_CASES = 8
_MOST_NAMED = 3
"""Of a list in a sentence: what moved fits on the first screen of 24 lines."""
_MOST_REASONS = 6
_MOST_CHANGES = 8


def render_terminal(
    document: dict[str, Any], *, color: bool = False, verbose: bool = False, width: int = 80
) -> str:
    """The verdict, what moved, a row per class, reasons, the cases to look at, what changed."""
    why, missing = split_reasons(document)
    parts = [
        _top(document, color, width),
        _moved(document, width),
        _classes(document, color, width),
        _listed("Why:", why, _MOST_REASONS, verbose, width),
        _listed("What is missing for a decision:", missing, _MOST_REASONS, verbose, width),
        _cases(document, verbose, width),
        _listed("What changed in the release:", _changes(document), _MOST_CHANGES, verbose, width),
        _foot(document, width),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _top(document: dict[str, Any], color: bool, width: int) -> str:
    lines = [
        _paint(wrap(headline(document), width, "", "  "), document["verdict"], color),
        wrap(next_step(document), width, "", "  "),
    ]
    known = occasion_line(document)
    return "\n".join([*lines, *([wrap(known, width, "", "  ")] if known else [])])


def _paint(text: str, verdict: str, color: bool) -> str:
    return f"\x1b[1;{_COLORS[verdict]}m{text}\x1b[0m" if color else text


def _moved(document: dict[str, Any], width: int) -> str:
    lines = [
        *alert_lines(document),
        *figures.suite_lines(document),
        *criteria_lines(document),
        *movement_lines(document, _MOST_NAMED),
        *notice_lines(document),
    ]
    return "\n".join(wrap(shorten(line, 1000), width, "", "  ") for line in lines)


def _listed(title: str, texts: Sequence[str], most: int, verbose: bool, width: int) -> str:
    if not texts:
        return ""
    shown = texts if verbose else texts[:most]
    lines = [title, *(wrap(shorten(text, 2000), width, "- ") for text in shown)]
    if len(texts) > len(shown):
        lines.append(f"  … and {len(texts) - len(shown)} more (--verbose shows them)")
    return "\n".join(lines)


def _classes(document: dict[str, Any], color: bool, width: int) -> str:
    rows = fold_classes(document["classes"])
    still = still_line(rows)
    parts = [
        _table(list(rows.shown), document["baseline"] is not None, color, width),
        wrap(f"{still}.", width, "", "  ") if still else "",
    ]
    return "\n".join(part for part in parts if part)


def _table(classes: list[dict[str, Any]], has_baseline: bool, color: bool, width: int) -> str:
    """A row per class: the verdict beside the name, so that nothing cuts it off."""
    if not classes:
        return ""
    from tabulate import tabulate  # noqa: PLC0415 - slow, and most checks judge no class anew

    headers = ["verdict", "now", *(["before", "points"] if has_baseline else []), "silent"]
    rows = [_figures(item, has_baseline) for item in classes]
    columns = zip(headers, *rows, strict=True)
    room = width - sum(2 + max(map(len, column)) for column in columns)
    table: str = tabulate(
        [
            [_name(item["action_class"], room), _paint(row[0], row[0], color), *row[1:]]
            for item, row in zip(classes, rows, strict=True)
        ],
        headers=["action class", *headers],
        tablefmt="simple",
        disable_numparse=True,
    )
    return table


def _figures(item: dict[str, Any], has_baseline: bool) -> list[str]:
    row = [item["verdict"], figures.count(item["candidate"])]
    if has_baseline:
        row += [figures.count(item["baseline"]), figures.short_interval(item)]
    return [*row, figures.silent(item)]


def _name(text: str, room: int) -> str:
    """The class's name in the room that the figures leave."""
    safe, most = printable(shorten(text, 200)), max(room, len("action class"))
    return safe if len(safe) <= most else f"{safe[: most - 1]}…"


def _cases(document: dict[str, Any], verbose: bool, width: int) -> str:
    entries = document["explanations"]
    broken = broken_cases(document)
    shown = entries if verbose else broken[:_MOST_CASES]
    lines = [line for entry in shown for line in describe_case(entry, width)]
    hidden = len(broken) - len(shown)
    if hidden > 0:
        cases = "case" if hidden == 1 else "cases"
        lines.append(f"… and {hidden} more broken {cases} (--verbose shows all that failed)")
    return "\n".join(["Cases to look at:", *lines]) if lines else ""


def _changes(document: dict[str, Any]) -> list[str]:
    return [
        f"{figures.name_change(change)}: {figures.change_kind(change)}. {change['detail']}"
        for change in document["changes"]
    ]


def _foot(document: dict[str, Any], width: int) -> str:
    """Cost and latency, what the verdict rests on, how to see one case again."""
    lines = [
        figures.task_line(document),
        *(item["sentence"] for item in document["budget"]),
        figures.counts_line(document),
        figures.flaky_line(document),
        figures.pass_line(document),
        rules_line(document),
        noticed_line(document),
        figures.usage_line(document),
        f"Judged by {document['judged_by']}.",
    ]
    if document["reproduce"]:
        lines.append(f"Reproduce one case: {document['reproduce']}")
    return "\n".join(wrap(shorten(line, 2000), width) for line in lines if line)
