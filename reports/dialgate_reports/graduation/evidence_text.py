"""Live evidence for people: a terminal's 80 columns, and Markdown.

Pure, from the document that `evidence --json` writes; leaves every figure to `gate`.
"""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import TYPE_CHECKING, Any

from tabulate import tabulate

from dialgate_evals.files.plain_text import printable
from dialgate_reports.words.case_text import wrap
from dialgate_reports.words.figures import percent
from dialgate_reports.words.markdown_text import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAME = 18
_WEEKS = 8
_CHANGES = 5
_HEADS = ["class", "tasks", "interv.", "interval", "escal.", "P95", "cost P99"]
_REVIEWER_HEADS = ["reviewer", "reviews", "approved", "median", "canaries", "agreed"]
_ALIGN = ("left", *["right"] * 6)


def render_evidence(document: dict[str, Any], *, width: int = 80, verbose: bool = False) -> str:
    """A table per release and mode, what changed between releases, then the reviewers."""
    lines = []
    for heading, entries in _parts(document):
        lines += [printable(heading), "", _table(_rows(entries), _HEADS, "simple"), ""]
        for entry in entries:
            for text in _sentences(entry, verbose=verbose):
                lines.append(wrap(printable(text), width, "  ", "    "))
        if lines[-1]:
            lines.append("")
    lines += _changes(document, width, verbose=verbose)
    if document["reviewers"]:
        rows = _reviewer_rows(document)
        lines += [_table(rows, _REVIEWER_HEADS, "simple"), ""]
    lines += [wrap(printable(text), width, "! ", "  ") for text in document["warnings"]]
    lines.append(wrap(printable(_footer(document)), width, ""))
    return "\n".join(lines) + "\n"


def render_evidence_markdown(document: dict[str, Any]) -> str:
    """The same as Markdown, with every sentence."""
    lines = [f"# Live evidence of {escape(str(document['suite']))}", ""]
    for heading, entries in _parts(document):
        rows = [[escape(cell) for cell in row] for row in _rows(entries)]
        lines += [f"## {escape(heading)}", "", _table(rows, _HEADS, "pipe"), ""]
        sentences = [text for entry in entries for text in _sentences(entry, verbose=True)]
        lines += [*(f"- {escape(text)}" for text in sentences), ""]
    if document["changes"]:
        lines += ["## Since the last release", ""]
        lines += [f"- {escape(_change(item))}" for item in document["changes"]] + [""]
    if document["reviewers"]:
        rows = [[escape(cell) for cell in row] for row in _reviewer_rows(document)]
        lines += ["## Reviewers", "", _table(rows, _REVIEWER_HEADS, "pipe"), ""]
    lines += [f"- **{escape(text)}**" for text in document["warnings"]]
    lines += [""] if document["warnings"] else []
    lines.append(escape(_footer(document)))
    return "\n".join(lines) + "\n"


def _parts(document: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Entries of one release and mode under one heading, releases in order of their first event."""
    releases = {entry["release"]: index for index, entry in enumerate(_by_first_event(document))}
    modes = ["shadow", "in_the_loop", "on_the_loop", "out_of_the_loop"]

    def key(entry: dict[str, Any]) -> tuple[int, int]:
        return releases[entry["release"]], modes.index(entry["mode"])

    for _, group in groupby(sorted(document["classes"], key=key), key=key):
        entries = list(group)
        yield _heading(entries[0]), entries


def _by_first_event(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for entry in sorted(document["classes"], key=lambda item: (item["first_at"], item["release"])):
        found.setdefault(entry["release"], entry)
    return list(found.values())


def _heading(entry: dict[str, Any]) -> str:
    text = f"Release {entry['release']}, {entry['mode'].replace('_', ' ')}"
    if not entry["is_stale"]:
        return text
    if entry["changed"] is None:
        return f"{text} (stale: what this release was made of is not known)"
    return f"{text} (stale: other {', '.join(entry['changed'])} than the current release)"


def _table(rows: Sequence[Sequence[str]], heads: Sequence[str], kind: str) -> str:
    return tabulate(
        rows, heads, tablefmt=kind, disable_numparse=True, colalign=_ALIGN[: len(heads)]
    )


def _rows(entries: Sequence[dict[str, Any]]) -> list[list[str]]:
    return [
        [
            _short(printable(entry["action_class"])),
            f"{entry['reviewed_tasks']:,}",
            percent(entry["rates"]["intervention"]["tasks"]["rate"]),
            _interval(entry["rates"]["intervention"]["interval"]),
            percent(entry["rates"]["escalation"]["tasks"]["rate"]),
            _seconds(entry["latency_ms"]["p95"]),
            _dollars(entry["cost_usd"]["p99"]),
        ]
        for entry in entries
    ]


def _sentences(entry: dict[str, Any], *, verbose: bool) -> Iterator[str]:
    name, loops = entry["action_class"], entry["retry_loops"]
    if loops:
        tasks = "1 task" if loops == 1 else f"{loops:,} tasks"
        yield f"{name}: the same call again and again in {tasks}."
    if not verbose:
        return
    rates = [
        f"{word.replace('_', ' ')} {percent(rate['tasks']['rate'])} "
        f"({rate['tasks']['events']:,} of {rate['tasks']['tasks']:,}; "
        f"{_interval(rate['interval'])})"
        for word, rate in entry["rates"].items()
        if rate is not None
    ]
    yield f"{name}, by task: {', '.join(rates)}."
    cost = entry["cost_usd"]
    yield (
        f"{name}: {entry['reviews_per_day']:g} reviews a day over {entry['days']:,} days; latency "
        f"P50 {_seconds(entry['latency_ms']['p50'])}; cost P50 {_dollars(cost['p50'])} "
        f"a task in {cost['tasks']:,} tasks; {_trend(entry)}."
    )


def _trend(entry: dict[str, Any]) -> str:
    slope = entry["trend_per_day"]
    if slope is None:
        return "too few days for a trend"
    weeks = ", ".join(_weeks(entry)[-_WEEKS:])
    return f"interventions {700 * slope:+.2f} points a week, by week {weeks}"


def _weeks(entry: dict[str, Any]) -> list[str]:
    """The intervention rate of each calendar week (ISO) with reviews."""

    def week(day: dict[str, Any]) -> tuple[int, int]:
        return dt.date.fromisoformat(day["day"]).isocalendar()[:2]

    found = []
    for _, days in groupby(entry["daily"], key=week):
        counted = list(days)
        reviews = sum(day["reviews"] for day in counted)
        if reviews:
            found.append(percent(sum(day["interventions"] for day in counted) / reviews))
    return found


def _changes(document: dict[str, Any], width: int, *, verbose: bool) -> list[str]:
    """The largest rises first; a few of them, as each class, mode and release has one."""
    ordered = sorted(document["changes"], key=lambda item: -item["difference"])
    shown = ordered if verbose else ordered[:_CHANGES]
    lines = [wrap(printable(_change(item)), width, "", "  ") for item in shown]
    if len(shown) < len(ordered):
        lines.append(f"{len(ordered) - len(shown):,} more changes between releases: --verbose.")
    return [*lines, ""] if lines else []


def _change(item: dict[str, Any]) -> str:
    return f"{item['action_class']}, {item['mode'].replace('_', ' ')}: {item['sentence']}"


def _reviewer_rows(document: dict[str, Any]) -> list[list[str]]:
    return [
        [
            _short(printable(item["reviewer"])),
            f"{item['reviews']:,}",
            percent(item["approval_rate"]),
            _seconds(None if item["median_review_s"] is None else 1000 * item["median_review_s"]),
            f"{item['canaries_caught']} of {item['canaries']}" if item["canaries"] else "–",
            f"{item['alike']:,} of {item['shared']:,}" if item["shared"] else "–",
        ]
        for item in document["reviewers"]
    ]


def _footer(document: dict[str, Any]) -> str:
    events = document["events"]
    text = (
        f"{events['rows']:,} rows of {document['source']}: {events['counted']:,} events, "
        f"{events['merged']:,} said twice, {events['bad']:,} bad and left out"
    )
    if events.get("not_live"):
        text += f", {events['not_live']:,} not from production and left out"
    if events["canaries"]:
        text += f"; {events['canaries']:,} of the events planted"
    confidence = f"Intervals hold at any number of looks, confidence {document['confidence']:g}."
    return f"{text}. {confidence} Evidence {document['digest'][:19]}."


def _interval(ends: Sequence[float]) -> str:
    low, high = (100 * end for end in ends)
    digits = 1 if high - low < 20 else 0
    return f"{low:.{digits}f}–{high:.{digits}f} %"


def _seconds(milliseconds: float | None) -> str:
    if milliseconds is None:
        return "–"
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:,.1f} s"


def _dollars(value: float | None) -> str:
    return "–" if value is None else f"${value:,.4g}"


def _short(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
