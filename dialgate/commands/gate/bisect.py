"""`dialgate bisect`: which commit broke it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dialgate.commands.options import out_option, suite_argument

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@suite_argument
@click.argument("good")
@click.argument("bad", default="HEAD")
@click.option("--class", "action_class", metavar="C", help="Only cases that expect this class.")
@click.option("--case", "case_ids", multiple=True, metavar="ID", help="Only this one; repeatable.")
@click.option(
    "--budget",
    metavar="N",
    type=click.IntRange(min=1),
    default=600,
    show_default=True,
    help="Trials that may be run; what is on record costs none.",
)
@click.option("--json", "json_file", metavar="F", help="Write what was found; - prints it.")
@out_option
def command(
    suite: Path,
    good: str,
    bad: str,
    action_class: str | None,
    case_ids: tuple[str, ...],
    budget: int,
    json_file: str | None,
    out: Path,
) -> int:
    """The commit after GOOD, up to BAD (HEAD), that breaks cases of SUITE.

    The cases and classes of the working tree are run on the releases of commits between the two,
    each question a sequential test. A commit whose suite or agent can't be loaded is skipped and
    named; what a guilty merge brought in is gone through too. Exit codes: 0 where it is found, and
    where nothing is broken; 3 where the budget was spent first; 2 for a usage or configuration
    error; 4 where an end can't be run.
    """
    from dialgate.changes.blame.bisecting import BisectRequest, bisect
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.suite.workspace import load_workspace, suite_folder
    from dialgate_reports.texts.findings.bisect_text import render_bisect

    document = bisect(
        BisectRequest(
            workspace=load_workspace(suite_folder(suite)),
            good=good,
            bad=bad,
            action_class=action_class,
            case_ids=case_ids,
            budget=budget,
            out=out,
        )
    )
    if json_file is not None:
        write_text(json_file, to_json(document))
    say(render_bisect(document), to_stderr=json_file == "-")
    return 0 if document["is_done"] else 3
