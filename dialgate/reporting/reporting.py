"""Writes a verdict document in every form that was asked for, and shows it to people.

Leaves the forms to `dialgate_reports.formats`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.terminal.output import say, wants_color, write_text
from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import join_words
from dialgate_reports.formats import FORMATS, ReportTargets
from dialgate_reports.page.subject import Subject
from dialgate_reports.verdict.terminal import render_terminal

if TYPE_CHECKING:
    from dialgate_reports.formats import Kind
    from dialgate_reports.page.page_records import PageRecords


def write_reports(
    document: dict[str, Any], targets: ReportTargets, *, records: Path, verbose: bool
) -> None:
    """Shows the verdict to people and writes every form asked for. Raises UsageError.

    `records` is the folder where run records lie: the page shows what they hold.
    """
    refuse_two_on_stdout(targets)
    to_stderr = targets.takes_stdout
    text = render_terminal(document, color=wants_color(to_stderr=to_stderr), verbose=verbose)
    say(text, to_stderr=to_stderr)

    def read_records() -> PageRecords:
        from dialgate.reporting.page_reading import read_page_records  # noqa: PLC0415 - reads tables

        return read_page_records(document, records)

    page = targets.files.get("html", "")
    subject = Subject(document=document, page="" if page == "-" else page, records=read_records)
    write_forms(subject, targets)


def refuse_unwritable(targets: ReportTargets, *, of: Kind) -> None:
    """Raises UsageError where a form could not be written, before anything is paid for."""
    refuse_two_on_stdout(targets, of=of)
    for name, file in targets.files.items():
        folder = Path(file).parent
        if file != "-" and not folder.is_dir():
            raise UsageError(f"--{name} {file}: there is no folder {folder}.")
        if Path(file).is_dir():
            raise UsageError(f"--{name} {file}: that is a folder.")


def refuse_two_on_stdout(targets: ReportTargets, *, of: Kind = "verdict") -> None:
    """Raises UsageError where two forms would share standard output."""
    if list(targets.files.values()).count("-") > 1:
        forms = [form for form in FORMATS if form.module_of(of) is not None]
        options = join_words([f"--{form.name}" for form in forms])
        raise UsageError(f"Only one of {options} can go to standard output.")


def write_forms(subject: Subject, targets: ReportTargets, *, of: Kind = "verdict") -> None:
    """Every form asked for, where it is to go. Raises UsageError."""
    for form in FORMATS:
        target = targets.files.get(form.name)
        if target is not None:
            text = form.render(subject, of=of)
            write_text(target, text)
