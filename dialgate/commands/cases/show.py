"""`dialgate cases show`: one case as a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dialgate.commands.options import suite_argument

if TYPE_CHECKING:
    from pathlib import Path


@click.command(name="show")
@suite_argument
@click.argument("case_id", metavar="ID")
def command(suite: Path, case_id: str) -> int:
    """Show the case ID of SUITE as a conversation: what is said, answered and expected.

    Exit codes: 0; 2 for a usage or configuration error.
    """
    from dialgate.terminal.output import say
    from dialgate_evals.errors import UsageError
    from dialgate_evals.files.suggest import suggest_word
    from dialgate_evals.suite.workspace import load_workspace, suite_folder
    from dialgate_reports.texts.case_conversation import render_case

    workspace = load_workspace(suite_folder(suite))
    case = workspace.cases_by_id.get(case_id)
    if case is None:
        hint = suggest_word(case_id, workspace.cases_by_id)
        raise UsageError(
            f'The suite {workspace.suite.name} has no case "{case_id}". {hint}'.rstrip()
        )
    say(render_case(case))
    return 0
