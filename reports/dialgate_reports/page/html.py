"""The verdict as one self-contained HTML file: no network, opens from disk, works without script.

A pure function of the verdict document and what was read beside it. Every text is escaped, and a
Content-Security-Policy names the page's own style and script by their digests and forbids the rest.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from dialgate_gate.wording import count_of
from dialgate_reports.page import charts
from dialgate_reports.page.case_rows import list_rows, values_of
from dialgate_reports.page.page_blocks import Blocks, blocks_room, pack_blocks
from dialgate_reports.page.page_frame import page_part, page_policy, page_template
from dialgate_reports.page.page_records import SIDES, PageRecords
from dialgate_reports.page.trajectory_steps import compare_trajectories, shown
from dialgate_reports.words import figures
from dialgate_reports.words.alerts import alert_lines, notice_lines
from dialgate_reports.words.case_text import call_text, group_decisions, parting_text, times
from dialgate_reports.words.class_rows import fold_classes, still_line
from dialgate_reports.words.movements import movement_lines
from dialgate_reports.words.noticed import noticed_line
from dialgate_reports.words.occasion_words import occasion_line
from dialgate_reports.words.rule_words import rule_mark, rules_line
from dialgate_reports.words.trials.votes import criteria_lines, vote_lines
from dialgate_reports.words.verdict_words import (
    judged_releases,
    next_step,
    split_reasons,
    verdict_sentence,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jinja2 import Template

    from dialgate_reports.page.case_rows import CaseRow
    from dialgate_reports.page.page_records import RecordedRunPoint
    from dialgate_reports.page.subject import Subject

MOST_OUTCOMES = 4
"""Of one side of a case that the list shows."""
_CALLS_TEXT = 2_500_000
"""Characters of all expected and actual calls together; trajectories have them whole."""


def render(subject: Subject) -> str:
    """The form `html` of `dialgate_reports.formats`."""
    records = None if subject.records is None else subject.records()
    return render_html(subject.document, records)


def render_html(
    document: dict[str, Any],
    records: PageRecords | None = None,
    *,
    most_bytes: int | None = None,
) -> str:
    """The page: verdict, classes, cases with trajectories, changes, distributions, digests.

    Trajectories take at most `most_bytes` (None: by the number of cases); those of the cases at
    the end of the list are left out first, and the page says how many.
    """
    beside = records or PageRecords()
    rows = list_rows(document)
    why, missing = split_reasons(document)
    room = blocks_room(len(rows)) if most_bytes is None else most_bytes
    blocks = pack_blocks(_trajectories(rows, beside), room)
    classes = fold_classes(document["classes"])
    runs = charts.by_release(document, beside.history)
    style, script = page_part("page.css"), page_part("page.js")
    return _template().render(
        document=document,
        records=beside,
        rows=rows,
        blocks=blocks,
        filters=_filters(rows),
        verdict=verdict_sentence(document),
        judged=judged_releases(document),
        next_step=next_step(document),
        occasion=occasion_line(document),
        alerts=[*alert_lines(document), *notice_lines(document)],
        rows_of_classes=classes,
        still=still_line(classes),
        moved=[
            *figures.suite_lines(document),
            *criteria_lines(document),
            *movement_lines(document),
        ],
        broken=[row.shown_id for row in rows if row.move == "broken"],
        why=why,
        missing=missing,
        distributions=_distributions(beside),
        trends=_trends(document, runs),
        runs=runs,
        notes=[*beside.problems, *_cut(blocks)],
        style=style,
        script=script,
        policy=page_policy(style, script),
        rules=rules_line(document),
        noticed=noticed_line(document),
        most_outcomes=MOST_OUTCOMES,
        call_width=_call_width(document),
        **_CALLED,
    )


_CALLED: dict[str, Any] = {
    "figures": figures,
    "call_text": call_text,
    "parting_text": parting_text,
    "vote_lines": vote_lines,
    "rule_mark": rule_mark,
    "group_decisions": group_decisions,
    "times": times,
    "amount": charts.amount,
    "plot_rates": charts.plot_rates,
}
"""What the template calls itself, under the names that it uses."""


def _filters(rows: list[CaseRow]) -> dict[str, list[str]]:
    """What the list of cases can be narrowed to."""
    return {
        "moves": values_of(rows, "move"),
        "classes": values_of(rows, "classes"),
        "tags": values_of(rows, "tags"),
        "origins": values_of(rows, "origin"),
    }


@cache
def _template() -> Template:
    template = page_template("verdict.html.jinja")
    template.environment.filters["lines"] = lambda text: shown(str(text))
    return template


def _trajectories(
    rows: Sequence[CaseRow], records: PageRecords
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Both sides of each case that any record holds, in the order of the list."""
    for row in rows:
        sides = {
            name: side.trajectories.get(row.case_id)
            for name in SIDES
            if (side := records.side(name)) is not None
        }
        if any(side is not None for side in sides.values()):
            yield (
                row.shown_id,
                compare_trajectories(
                    baseline=sides.get("baseline"), candidate=sides.get("candidate")
                ),
            )


def _call_width(document: dict[str, Any]) -> int:
    """Characters of an expected or actual call: all of them together stay under a few megabytes."""
    sides = [entry[name] for entry in document["explanations"] for name in SIDES if entry[name]]
    calls = sum(
        2 * len(side["decisions"][:MOST_OUTCOMES]) + len(side["reply_failures"][:MOST_OUTCOMES])
        for side in sides
    )
    return max(80, min(2_000, _CALLS_TEXT // max(calls, 1)))


def _cut(blocks: Blocks) -> list[str]:
    number = len(blocks.left_out)
    if not number:
        return []
    sentence = (
        f"The trajectories of {count_of(number, 'case')} at the end of the list are left out to "
        "keep the page small; the run records have them."
    )
    return [sentence]


def _trends(document: dict[str, Any], runs: Sequence[RecordedRunPoint]) -> tuple[charts.Trend, ...]:
    """One run is no history."""
    if len(runs) < 2:
        return ()
    return charts.plot_trends(runs, document["release"]["fingerprint"])


def _distributions(records: PageRecords) -> list[charts.Distribution]:
    sides = {name: side for name in SIDES if (side := records.side(name)) is not None}
    plots = (
        charts.plot_distribution(
            "Latency of a trial", "ms", {name: side.latencies_ms for name, side in sides.items()}
        ),
        charts.plot_distribution(
            "Cost of a trial", "USD", {name: side.costs_usd for name, side in sides.items()}
        ),
    )
    return [plot for plot in plots if plot is not None]
