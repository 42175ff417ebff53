"""`dialgate cases take`: found or proposed cases become the suite's, once a person says so."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dialgate.commands.options import release_option, suite_argument

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command(name="take")
@suite_argument
@click.argument("found", type=click.Path(path_type=Path, dir_okay=False))
@release_option
@click.option("--only", multiple=True, metavar="ID", help="Only this case; repeatable.")
@click.option("--yes", is_flag=True, help="All of them are right: ask nothing.")
@click.option("--by", metavar="NAME", help="Who accepts them. Default: git's user.name.")
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="F",
    help="The case file. Default: the first that people write cases in.",
)
def command(
    suite: Path,
    found: Path,
    release: str | None,
    only: tuple[str, ...],
    yes: bool,
    by: str | None,
    file: Path | None,
) -> int:
    """Take cases of the file FOUND, as `fuzz` and `mutate` write them, into SUITE.

    Each is shown, and taken where you say that it is right; the suite then runs it. A case of
    `fuzz` says who accepted it. Exit codes: 0; 2 for a usage or configuration error.
    """
    from dialgate.cases.accepting.accepting import reviewer_name
    from dialgate.cases.taking import found_cases, take_cases
    from dialgate.terminal.output import say
    from dialgate_evals.errors import UsageError
    from dialgate_evals.suite.release_files import named_release_file
    from dialgate_evals.suite.workspace import load_workspace, suite_folder
    from dialgate_gate.wording import count_of

    if not yes and not sys.stdin.isatty():
        raise UsageError("There is no terminal to ask at: say --yes where all of them are right.")
    workspace = load_workspace(suite_folder(suite))
    taken = take_cases(
        workspace,
        workspace.release(named_release_file(release, workspace.folder)),
        found_cases(found, only),
        by=reviewer_name(by),
        file=file,
        wants=(lambda _: True) if yes else _asked,
    )
    for case_id in taken.known:
        say(f"{case_id} is in the suite already.")
    say(f"{count_of(len(taken.taken), 'case')} taken into {taken.file}.")
    return 0


def _asked(document: Mapping[str, Any]) -> bool:
    """Whether the person at the terminal says that the case is right."""
    from dialgate.terminal.output import say
    from dialgate_evals.suite.case import parse_case
    from dialgate_reports.texts.case_conversation import render_case

    say(render_case(parse_case(document)))
    return click.confirm("Is this what should follow?", default=False)
