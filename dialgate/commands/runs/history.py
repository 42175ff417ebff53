"""`dialgate history`: what the recorded runs say of each case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dialgate.commands.options import out_option, suite_argument, verbose_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@suite_argument
@click.option("--case", "cases", multiple=True, metavar="ID", help="Only this case; repeatable.")
@click.option("--json", "json_file", metavar="F", help="Write the history as JSON; - prints it.")
@out_option
@verbose_option
def command(
    suite: Path, cases: tuple[str, ...], json_file: str | None, out: Path, verbose: bool
) -> int:
    """How often each case of SUITE passed under each recorded release, and which cases flip.

    Nothing is run. Exit codes: 0, or 2 for a usage or configuration error.
    """
    from dialgate.runs.on_record.histories import read_history
    from dialgate.runs.running import select_cases
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.suite.workspace import load_workspace, suite_folder
    from dialgate_reports.texts.history_text import history_document, render_history

    workspace = load_workspace(suite_folder(suite))
    wanted = {case.id for case in select_cases(workspace, cases)}
    history = [item for item in read_history(workspace, out) if item.case_id in wanted]
    document = history_document(history, workspace.suite.name)
    if json_file is not None:
        write_text(json_file, to_json(document))
    say(render_history(document, verbose=verbose or bool(cases)), to_stderr=json_file == "-")
    return 0
