"""What judges said of rubrics, in plain lines: how often each criterion held, and who said what.

A judge's reason is a hostile text: whoever shows a line escapes it, as any other. Leaves which
rulings count to the verdict.
"""

from __future__ import annotations

from typing import Any

from dialgate_evals.files.plain_text import shorten
from dialgate_gate.wording import show_points, show_rate
from dialgate_reports.words.figures import Line

_MOST = 12
"""Criteria in a line; the document has all."""


def criteria_lines(document: dict[str, Any]) -> list[Line]:
    """A line for what decides and one for what is only shown; none without a rubric."""
    found = document.get("criteria") or ()
    lines = []
    for decides, lead in ((True, "Criteria that decide"), (False, "Criteria, shown only")):
        parts = [_counted(item) for item in found if item["decides"] is decides]
        more = len(parts) - _MOST
        if parts:
            rest = "; ".join(parts[:_MOST]) + (f"; and {more} more" if more > 0 else "")
            lines.append(Line(lead, f"{rest}."))
    return [*lines, *_replies_lines(document.get("judged_replies"))]


def _replies_lines(found: dict[str, Any] | None) -> list[Line]:
    """The difference in replies, and the labels that it rests on."""
    if found is None or found["interval"] is None:
        return []
    low, high = found["interval"]
    shown = "not known" if found["difference"] is None else show_points(found["difference"])
    told = f"{shown}, between {show_points(low)} and {show_points(high)}"
    if found["labels"] is None:
        return [Line("Replies as corrected", f"{told} by votes and the judge's known errors.")]
    before, now = found["labels"]["baseline"], found["labels"]["candidate"]
    return [
        Line(
            "Replies by people's labels",
            f"{told}, by {before:,} labels on the baseline's replies and {now:,} on the "
            f"candidate's, which were drawn ({show_rate(found['drawn'])} of all).",
        )
    ]


def _counted(item: dict[str, Any]) -> str:
    shown = f"{shorten(str(item['criterion']), 100)} holds in {_held(item['candidate'])}"
    if item.get("baseline"):
        shown += f", {_held(item['baseline'])} before"
    return shown


def _held(side: dict[str, Any]) -> str:
    answered = side["yes"] + side["no"] + side["unsure"]
    held = f"{side['yes']:,} of {answered:,}"
    left = [f"{side['unsure']:,} unsure"] if side["unsure"] else []
    if side["failed"]:
        left.append(f"{side['failed']:,} without an answer")
    if side["asked_nobody"]:
        left.append(f"{side['asked_nobody']:,} that nobody was asked about")
    if corrected := side.get("corrected"):
        low, high = corrected["interval"]
        left.append(f"{show_rate(low)} to {show_rate(high)} as corrected for its errors")
    return f"{held} ({', '.join(left)})" if left else held


def vote_lines(side: dict[str, Any]) -> list[str]:
    """Who said what on criteria that did not fail the trial by themselves, and do not hold."""
    return [
        f'{_standing(item)} "{shorten(item["criterion"], 100)}" on the {shorten(item["of"], 100)}: '
        f"{shorten(item['reason'], 400)}"
        for item in side.get("rulings") or ()
        if item["answer"] != "yes" and not (item["decides"] and item["answer"] in {"no", "unsure"})
    ]


def _standing(item: dict[str, Any]) -> str:
    return "decides, and has no answer:" if item["decides"] else "shown, decides nothing:"
