"""`dialgate github`: what the GitHub Action asks for, as commands that anyone can run and test."""

from __future__ import annotations

import os
from pathlib import Path

import click

from dialgate.commands.options import suite_argument


@click.group()
def command() -> None:
    """What the GitHub Action (action.yml) runs beside `check`.

    Inputs come from the environment that GitHub Actions sets; nothing here talks to the network.
    """


@command.command("base")
@suite_argument
def base(suite: Path) -> int:
    """Print the commit that this event's change to SUITE is measured against.

    Nothing is printed where the event is against none, as a schedule: then `check` has its own
    default. Exit code 2 where the clone lacks the commit.
    """
    from dialgate.git.default_base import base_of_change
    from dialgate.reporting.github_event import read_event
    from dialgate_evals.suite.workspace import suite_folder

    folder = suite_folder(suite)
    event = read_event(os.environ)
    if event.base is not None:
        click.echo(base_of_change(folder, base=event.base, head=event.head).commit)
    return 0


@command.command("outcome")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    required=True,
    help="Where check wrote verdict.json.",
)
@click.option(
    "--exit-code", type=click.IntRange(0, 255), required=True, help="The exit code of check."
)
def outcome(folder: Path, exit_code: int) -> int:
    """End with the exit code of a check, whose nonce stands on standard input.

    Its own code where that isn't 0; else 0 only where verdict.json of this very check says so, and
    4 where none does.
    """
    from dialgate.reporting.run_nonce import confirmed_code, read_nonce
    from dialgate.terminal.output import say

    code, problem = confirmed_code(folder / "verdict.json", exit_code, read_nonce(Path("-")))
    if problem:
        say(problem, to_stderr=True)
    return code


@command.command("report")
@suite_argument
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    required=True,
    help="Where check wrote verdict.json, report.html and log.txt; comment.md goes there too.",
)
@click.option(
    "--exit-code", type=click.IntRange(0, 255), required=True, help="The exit code of check."
)
def report(suite: Path, folder: Path, exit_code: int) -> int:
    """Write job summary, comment body and outputs, and print annotations, of a check of SUITE.

    The exit code is 0 where they were written, whatever the verdict.
    """
    from dialgate.reporting.github_reporting import CheckLeavings, report_to_github

    leavings = CheckLeavings(suite=suite, folder=folder, exit_code=exit_code)
    click.echo(report_to_github(leavings, os.environ), nl=False)
    return 0
