"""`dialgate accept`: recorded trajectories are decided on and become cases and review events."""

from __future__ import annotations

from pathlib import Path

import click

from dialgate.commands.options import out_option


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--terminal", is_flag=True, help="Ask in the terminal instead of a page.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    metavar="N",
    help="The page's port on 127.0.0.1. Default: any that is free.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in a browser.")
@click.option(
    "--reviewer",
    metavar="NAME",
    help="Who decides. Default: git's user.name, else the login.",
)
@click.option("--finish", is_flag=True, help="Write what was decided so far, and ask nothing.")
@click.option(
    "--confirm-classes",
    is_flag=True,
    help="The guessed classes are right: first take `proposed` out of actions.toml.",
)
@click.option(
    "--suite",
    type=click.Path(path_type=Path),
    metavar="SUITE",
    help="The suite of a run record. Default: the one of that name here.",
)
@out_option
@click.option("--json", "json_file", metavar="F", help="Write what was done; - prints it.")
def command(
    run: Path,
    terminal: bool,
    port: int,
    opens: bool,
    reviewer: str | None,
    finish: bool,
    confirm_classes: bool,
    suite: Path | None,
    out: Path,
    json_file: str | None,
) -> int:
    """Look at the trajectories of RUN one by one and say what is right.

    RUN is a run record, an imported suite, a suite (then its newest run), or a file of found cases.
    Right, wrong, should be …, nothing should happen, forbid this: each decision becomes a case's
    expectation and review events that never count as live evidence. Cases that `fuzz` found for
    the suite wait on the page too, to be taken or left out. Exit codes: 0; 2 for a usage or
    configuration error; 130 where it was interrupted, with every decision kept.
    """
    from dialgate.cases.accepting.accepting import AcceptRequest, accept
    from dialgate.terminal.output import say, to_json, write_text

    if finish and terminal:
        raise click.UsageError("--finish asks nothing, so --terminal has nothing to do.")
    done = accept(
        AcceptRequest(
            run=run, suite=suite, out=out, reviewer=reviewer, port=port, opens=opens,
            terminal=terminal, finish=finish, confirm_classes=confirm_classes,
            to_stderr=json_file == "-",
        )
    )  # fmt: skip
    if done is None:
        return 130
    from dialgate_reports.texts.accept_text import render_accepted

    if json_file is not None:
        write_text(json_file, to_json(done))
    say(render_accepted(done), to_stderr=json_file == "-")
    return 0
