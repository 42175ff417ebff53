"""The verdict as a pull-request comment: verdict and reason first, then the table, then folds.

A pure function of the verdict document, under GitHub's limit whatever the size of the run; what is
cut is counted.
"""

from __future__ import annotations

from typing import Any

from reports import figures
from reports.case_text import call_text
from reports.markdown_text import cell, code, escape
from reports.movements import movement_lines

LIMIT_BYTES = 60_000
_MARKS = {"pass": "✅", "fail": "❌", "inconclusive": "❔", "invalid": "🚫"}


def render_markdown(document: dict[str, Any], *, limit_bytes: int = LIMIT_BYTES) -> str:
    """The comment; the least important cases are left out until it is under `limit_bytes`."""
    mark = _MARKS[document["verdict"]]
    head = [
        f"### {mark} dialgate: {escape(figures.headline(document))}",
        _summary(document),
        _reasons(document),
        _table(document),
    ]
    tail = [_changes(document), _missing(document), _footer(document)]
    fixed = [part for part in (*head, *tail) if part]
    room = limit_bytes - len("\n\n".join(fixed).encode()) - 400
    cases = _cases(document, room)
    return "\n\n".join(part for part in (*head, cases, *tail) if part) + "\n"


def _summary(document: dict[str, Any]) -> str:
    lines = [figures.suite_line(document), *movement_lines(document)]
    return "  \n".join(escape(line[:1500]) for line in lines)


def _reasons(document: dict[str, Any], most: int = 12) -> str:
    reasons = document["reasons"]
    lines = [f"- {escape(reason[:1500])}" for reason in reasons[:most]]
    if len(reasons) > most:
        lines.append(f"- … and {len(reasons) - most} more reasons in the full report")
    return "\n".join(lines)


def _table(document: dict[str, Any], most: int = 60) -> str:
    has_baseline = document["baseline"] is not None
    headers = ["Action class", "Now"]
    headers += ["Before", "Difference, points"] if has_baseline else []
    headers += ["Silent failures", "Verdict"]
    lines = [
        "| " + " | ".join(headers) + " |",
        "| --- |" + " ---: |" * (len(headers) - 2) + " --- |",
    ]
    for item in document["classes"][:most]:
        row = [cell(item["action_class"]), figures.rate(item["candidate"])]
        if has_baseline:
            row += [figures.rate(item["baseline"]), figures.interval(item)]
        row += [figures.silent(item), f"{_MARKS[item['verdict']]} {item['verdict']}"]
        lines.append("| " + " | ".join(row) + " |")
    if len(document["classes"]) > most:
        lines.append(f"\n… and {len(document['classes']) - most} more classes")
    return "\n".join(lines) if document["classes"] else ""


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
    title = f"{broken} broken, {len(entries) - broken} more failing or flaky cases"
    cut = len(entries) - len(blocks)
    if cut:
        blocks.append(f"… {cut} more cases are left out here; the full report has them.")
    body = "\n\n".join(blocks)
    return f"<details><summary>{title}: expected and actual</summary>\n\n{body}\n\n</details>"


def _case(entry: dict[str, Any]) -> str:
    marks = [entry["move"], *(word for word in ("silent", "critical") if entry[word])]
    lines = [f"**{escape(entry['case'][:200])}** ({', '.join(marks)})"]
    for item in entry["candidate"]["decisions"][:8]:
        if item["is_correct"]:
            continue
        lines.append(f"- {item['outcome']} in {code(item['action_class'])}")
        lines += [
            f"  - {word} {code(call_text(item[word], 300), 320)}"
            for word in ("expected", "actual")
            if item[word] is not None
        ]
    lines += [f"- {escape(text[:300])}" for text in entry["candidate"]["reply_failures"][:4]]
    return "\n".join(lines)


def _changes(document: dict[str, Any], most: int = 20) -> str:
    changes = document["changes"]
    if not changes:
        return ""
    lines = [
        f"- {escape(change['component'])} {code(change['path']) if change['path'] else ''} "
        f"{escape(figures.change_kind(change))}: {escape(change['detail'][:300])}"
        for change in changes[:most]
    ]
    if len(changes) > most:
        lines.append(f"- … and {len(changes) - most} more")
    body = "\n".join(lines)
    title = f"What changed in the release: {len(changes)}"
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _missing(document: dict[str, Any]) -> str:
    cases = document["cases"]
    kinds = [key for key in cases if key not in {"broken", "fixed"} and cases[key]]
    parts = [f"{len(cases[key])} {key}" for key in kinds]
    return f"Cases: {', '.join(parts)}." if parts else ""


def _footer(document: dict[str, Any]) -> str:
    lines = [
        escape(figures.usage_line(document)),
        *(escape(item["sentence"]) for item in document["budget"]),
        escape(figures.flaky_line(document)),
        escape(figures.pass_line(document)),
        f"Judged by {escape(document['judged_by'])}.",
    ]
    if document["reproduce"]:
        lines.append(f"Reproduce one case: {code(document['reproduce'], 400)}")
    return "  \n".join(line for line in lines if line)
