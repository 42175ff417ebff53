"""`dialgate blame`: which change broke it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dialgate.commands.options import out_option, release_option, suite_argument

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@suite_argument
@release_option
@click.option(
    "--baseline",
    metavar="REF",
    help="The commit that held; default: the one that `check` compares with.",
)
@click.option("--class", "action_class", metavar="C", help="Only what broke in this action class.")
@click.option(
    "--budget",
    metavar="N",
    type=click.IntRange(min=1),
    default=300,
    show_default=True,
    help="Trials that the search may run.",
)
@click.option("--json", "json_file", metavar="F", help="Write what was found; - prints it.")
@out_option
def command(
    suite: Path,
    release: str | None,
    baseline: str | None,
    action_class: str | None,
    budget: int,
    json_file: str | None,
    out: Path,
) -> int:
    """The smallest set of changes that breaks what the last check of SUITE found broken.

    Releases with only some of the changes are run on the broken cases alone: sentences of prompts,
    tools, their descriptions and schemas, the model, files of code. Each answer is a sequential
    test; that any of them is wrong has a chance under 5 %. Exit codes: 0 where it is found, and
    where nothing is broken; 3 where the budget was spent first; 2 for a usage or configuration
    error; 4 where what broke it lies elsewhere, or trials can't be run.
    """
    from dialgate.changes.blame.blaming import BlameRequest, blame
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.suite.workspace import suite_folder
    from dialgate_reports.texts.findings.blame_text import render_blame

    document = blame(
        BlameRequest(
            folder=suite_folder(suite),
            release=release,
            baseline=baseline,
            action_class=action_class,
            budget=budget,
            out=out,
        )
    )
    if json_file is not None:
        write_text(json_file, to_json(document))
    say(render_blame(document), to_stderr=json_file == "-")
    return 0 if document["is_done"] else 3
