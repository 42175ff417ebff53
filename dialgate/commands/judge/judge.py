"""`dialgate judge`: what a suite's judge of replies and texts may decide, and what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dialgate.commands.options import out_option, suite_argument

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@click.group(name="judge")
def command() -> None:
    """What a judge of replies and texts may decide, and what it lacks."""


def _document_options(function: Callable[..., int]) -> Callable[..., int]:
    function = click.option("--html", "html_file", metavar="F", help="Write a page to F.")(function)
    return click.option(
        "--json", "json_file", metavar="F", help="Write what was found; - prints it."
    )(function)


@command.command(name="show")
@suite_argument
@_document_options
@out_option
def show(suite: Path, json_file: str | None, html_file: str | None, out: Path) -> int:
    """Sensitivity and specificity of SUITE's judge by criterion and action class.

    From labels and votes on record; nobody is asked. Shows bounds, drift, agreement, the
    disagreements and how many labels are missing. Exit codes: 0 votes may decide wherever the suite
    has a criterion; 1 some place is below the policy's bounds; 2 for a usage or configuration
    error; 4 where no label measures the judge of now.
    """
    from dialgate.cases.judging.calibration import show_calibration

    return _say(show_calibration(suite, out), json_file, html_file)


@command.command(name="calibrate")
@suite_argument
@click.option(
    "--again", is_flag=True, help="Ask about every label, even where the judge answered before."
)
@_document_options
@out_option
def calibrate(
    suite: Path, again: bool, json_file: str | None, html_file: str | None, out: Path
) -> int:
    """Ask SUITE's judge about every text with a label, and write calibration.jsonl.

    The answers are those of this version of judge.toml: a changed model or prompt has none and
    decides nothing until it is calibrated. Then shows what `judge show` does. Exit codes: 0 votes
    may decide wherever the suite has a criterion; 1 some place is below the policy's bounds; 2 for
    a usage or configuration error; 4 where a judge gave no answer, or there is no label.
    """
    from dialgate.cases.judging.calibration import calibrate_judge

    return _say(calibrate_judge(suite, out, again=again), json_file, html_file)


def _say(document: dict[str, Any], json_file: str | None, html_file: str | None) -> int:
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_gate.licensing.calibration_document import exit_code_of
    from dialgate_reports.texts.findings.calibration_page import render_calibration_page
    from dialgate_reports.texts.findings.calibration_text import render_calibration

    if json_file is not None:
        write_text(json_file, to_json(document))
    if html_file is not None:
        write_text(html_file, render_calibration_page(document))
    say(render_calibration(document), to_stderr="-" in {json_file, html_file})
    return exit_code_of(document)
