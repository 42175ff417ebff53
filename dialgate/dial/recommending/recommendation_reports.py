"""Writes a recommendation in every form that was asked for, and shows it to people.

The same for `dial recommend` and for `report`, which renders a document again: the same bytes.
Leaves the forms to `dialgate_reports.formats`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate.reporting.reporting import write_forms
from dialgate.terminal.output import say
from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import join_words
from dialgate_reports.formats import FORMATS
from dialgate_reports.graduation.recommendation_text import render_recommendation
from dialgate_reports.page.subject import Subject

if TYPE_CHECKING:
    from dialgate_reports.formats import ReportTargets


def write_recommendation(
    document: dict[str, Any], targets: ReportTargets, *, verbose: bool
) -> None:
    """Shows the moves and writes the forms asked for. Raises UsageError."""
    for form in FORMATS:
        if form.name in targets.files and form.recommendation is None:
            raise UsageError(f"A recommendation has no {form.title} form; a verdict has one.")
    if list(targets.files.values()).count("-") > 1:
        options = [f"--{form.name}" for form in FORMATS if form.recommendation is not None]
        raise UsageError(f"Only one of {join_words(options)} can go to standard output.")
    write_forms(Subject(document=document), targets, of="recommendation")
    say(render_recommendation(document, verbose=verbose), to_stderr=targets.takes_stdout)
