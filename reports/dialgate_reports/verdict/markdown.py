"""The verdict as a pull-request comment: verdict and reason first, then what moved, then folds.

A pure function of the verdict document, under GitHub's limit whatever the size of the run: each
section has its room, and what has none is counted. What stands before the first fold fits on a
screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_reports.words import figures
from dialgate_reports.words.alerts import alert_lines, notice_lines
from dialgate_reports.words.case_text import call_text, group_decisions, parting_text, times
from dialgate_reports.words.class_rows import fold_classes, still_line
from dialgate_reports.words.markdown_text import cell, clipped, code, escape, fitting, link
from dialgate_reports.words.movements import movement_lines
from dialgate_reports.words.noticed import noticed_line
from dialgate_reports.words.occasion_words import occasion_line
from dialgate_reports.words.rule_words import rules_line
from dialgate_reports.words.trials.votes import criteria_lines, vote_lines
from dialgate_reports.words.verdict_words import headline, next_step, split_reasons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate_reports.page.subject import Subject

LIMIT_BYTES = 60_000
MOST_LINES = 40
"""Lines before the first fold."""
MARKS = {"pass": "✅", "fail": "❌", "inconclusive": "❔", "invalid": "🚫"}
# What a section may take, in bytes; cases get what the others leave.
_ROOM_MOVED = 7_000
_ROOM_TABLE = 4_500
_ROOM_REASONS = 5_000
_ROOM_CHANGES = 6_000
_ROOM_FOOT = 4_000
_MOST_MOVED = 12
_MOST_ROWS = 12
_FOLDED = 4
"""Reasons that are shown; the others are in a fold."""
_LINES_OF_REASONS = 3
"""A heading with the empty lines around it."""


def render(subject: Subject) -> str:
    """The form `markdown` of `dialgate_reports.formats`."""
    return render_markdown(subject.document, report=subject.page)


def render_markdown(
    document: dict[str, Any], *, limit_bytes: int = LIMIT_BYTES, report: str = ""
) -> str:
    """The comment; the least important cases are left out until it is under `limit_bytes`.

    `report` is where the whole report is: an address, or a file's name.
    """
    rows = fold_classes(document["classes"])
    top = [
        f"### {MARKS[document['verdict']]} dialgate: {clipped(headline(document), 1_500)}",
        f"**{clipped(next_step(document), 1_000)}**",
        _occasion(document, report),
        _moved(document),
        _table(document, rows.shown[:_MOST_ROWS]),
    ]
    sections = _reason_sections(document, "\n\n".join(part for part in top if part))
    head = [*top, *(section.shown for section in sections)]
    folds = [
        _more_classes(document, rows.shown[_MOST_ROWS:]),
        _fold_still(document, rows.still, still_line(rows)),
        *(section.folded for section in sections),
    ]
    tail = [_changes(document), _foot(document)]
    fixed = [part for part in (*head, *folds, *tail) if part]
    room = limit_bytes - len("\n\n".join(fixed).encode()) - 400
    cases = _cases(document, room)
    return "\n\n".join(part for part in (*head, *folds, cases, *tail) if part) + "\n"


def _occasion(document: dict[str, Any], report: str) -> str:
    """When, of which commits, and where the whole report is."""
    known = occasion_line(document)
    parts = [clipped(known, 600)] if known else []
    if report:
        parts.append(link("The full report", report))
    return " · ".join(parts)


def _moved(document: dict[str, Any]) -> str:
    moved = [
        *alert_lines(document),
        *figures.suite_lines(document),
        *criteria_lines(document),
        *movement_lines(document),
        *notice_lines(document),
    ]
    return "\n".join(fitting(moved[:_MOST_MOVED], _item, _ROOM_MOVED))


def _item(text: str) -> str:
    return f"- {clipped(text, 1_000)}"


def _table(document: dict[str, Any], classes: Sequence[dict[str, Any]]) -> str:
    if not classes:
        return ""
    has_baseline = document["baseline"] is not None
    headers = ["Action class", "Verdict", "Now"]
    headers += ["Before", "Difference, points"] if has_baseline else []
    headers += ["Silent failures", "Cases"]
    head = [
        "| " + " | ".join(headers) + " |",
        "| --- | --- |" + " ---: |" * (len(headers) - 3) + " --- |",
    ]
    rows = fitting(
        classes,
        lambda item: _row(item, has_baseline=has_baseline),
        _ROOM_TABLE,
        "\n… and {} more classes",
    )
    return "\n".join([*head, *rows])


def _row(item: dict[str, Any], *, has_baseline: bool) -> str:
    row = [f"{MARKS[item['verdict']]} {item['verdict']}", figures.rate(item["candidate"])]
    if has_baseline:
        row += [figures.rate(item["baseline"]), figures.interval(item)]
    row.append(figures.silent(item))
    # Figures and verdicts stay on one line; names and words may break.
    row = [cell(item["action_class"]), *(text.replace(" ", "\u00a0") for text in row)]
    return "| " + " | ".join([*row, figures.moves(item)]) + " |"


def _more_classes(document: dict[str, Any], classes: Sequence[dict[str, Any]]) -> str:
    if not classes:
        return ""
    return _fold(f"{len(classes)} more classes", _table(document, classes))


def _fold_still(document: dict[str, Any], classes: Sequence[dict[str, Any]], summary: str) -> str:
    """The rows in which nothing moved; the line that folds them says their verdicts."""
    return _fold(clipped(summary, 600), _table(document, classes)) if classes else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """A heading with reasons: what is shown, and what folds."""

    shown: str
    folded: str


def _section(title: str, reasons: list[str], most: int) -> _Section:
    more = "- … and {} more in the full report"
    rest = "\n".join(fitting(reasons[most:], _item, _ROOM_REASONS, more))
    number = len(reasons) - most
    counted = f"{number} more {'reason' if number == 1 else 'reasons'}"
    shown = "\n".join(map(_item, reasons[:most]))
    return _Section(
        shown=f"**{title}**\n\n{shown}",
        folded=_fold(f"{title}: {counted}", rest) if rest else "",
    )


def _reason_sections(document: dict[str, Any], top: str) -> list[_Section]:
    """Why, and what is missing; as many reasons as there are lines left before the folds."""
    why, missing = split_reasons(document)
    named = [("Why", why), ("What is missing for a decision", missing)]
    given = [(title, reasons) for title, reasons in named if reasons]
    if not given:
        return []
    left = MOST_LINES - len(top.splitlines()) - _LINES_OF_REASONS * len(given) - 1
    most = max(1, min(_FOLDED, left // len(given)))
    return [_section(title, reasons, most) for title, reasons in given]


def _fold(summary: str, body: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _cases(document: dict[str, Any], room: int) -> str:
    """A fold with the failing and broken cases, as many as fit."""
    entries = [entry for entry in document["explanations"] if entry["move"] != "fixed"]
    if not entries:
        return ""
    blocks: list[str] = []
    used = 0
    for entry in entries:
        block = _case(entry)
        used += len(block.encode()) + 2
        if used > room:
            break
        blocks.append(block)
    broken = sum(entry["move"] == "broken" for entry in entries)
    others = len(entries) - broken
    title = f"{broken} broken{f', {others} more failing or flaky' if others else ''}"
    cut = len(entries) - len(blocks)
    if cut:
        are = "case is" if cut == 1 else "cases are"
        blocks.append(f"… {cut:,} more {are} left out here; the full report has them.")
    return _fold(f"Cases, expected and actual: {title}", "\n\n".join(blocks))


def _case(entry: dict[str, Any]) -> str:
    marks = [entry["move"], *(word for word in ("silent", "critical") if entry[word])]
    lines = [f"**{clipped(entry['case'], 400)}** ({', '.join(marks)})"]
    if entry.get("request"):
        lines.append(f"“{clipped(entry['request'], 300)}”")
    lines.append("")
    for item, number in group_decisions(entry["candidate"]["decisions"])[:8]:
        lines.append(f"- {item['outcome']} in {code(item['action_class'])}{times(number)}")
        lines += [
            f"  - {word} {code(call_text(item[word], 300), 320)}"
            for word in ("expected", "actual")
            if item[word] is not None
        ]
    lines += [f"- {clipped(text, 600)}" for text in entry["candidate"]["reply_failures"][:4]]
    lines += [f"- {clipped(text, 600)}" for text in vote_lines(entry["candidate"])[:4]]
    if entry.get("parting"):
        lines.append(f"- {clipped(parting_text(entry['parting']), 600)}")
    return "\n".join(lines)


def _changes(document: dict[str, Any]) -> str:
    changes = document["changes"]
    if not changes:
        return ""
    body = "\n".join(fitting(changes, _change, _ROOM_CHANGES))
    return _fold(f"What changed in the release: {len(changes)}", body)


def _change(change: dict[str, Any]) -> str:
    where = f" {code(change['path'])}" if change["path"] else ""
    detail = clipped(change["detail"], 600)
    kind = figures.change_kind(change)
    return f"- {escape(change['component'])}{where} {escape(kind)}: {detail}"


def _foot(document: dict[str, Any]) -> str:
    """Cost and latency, what the verdict rests on, how to see one case again."""
    texts = [
        figures.task_line(document),
        *(item["sentence"] for item in document["budget"]),
        figures.counts_line(document),
        figures.flaky_line(document),
        figures.pass_line(document),
        rules_line(document),
        noticed_line(document),
        f"{figures.usage_line(document)}. Judged by {document['judged_by']}.",
    ]
    first = f"- Reproduce one case: {code(document['reproduce'], 400)}\n"
    more = "- … and {} more lines in the full report"
    lines = fitting([text for text in texts if text], _item, _ROOM_FOOT, more)
    body = (first if document["reproduce"] else "") + "\n".join(lines)
    return _fold("Cost, and what the verdict rests on", body)
