"""`dialgate plan`: what this policy can see on this suite."""

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
    "--simulations",
    type=click.IntRange(20, 100_000),
    help="Simulated gates for each change to each class; without it, as many as take seconds.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of chance.")
@click.option("--json", "json_file", metavar="F", help="Write the plan as JSON to F; - prints it.")
@out_option
def command(
    suite: Path,
    release: str | None,
    simulations: int | None,
    seed: int,
    json_file: str | None,
    out: Path,
) -> int:
    """What this policy sees on SUITE, by the real procedure on simulated agents.

    Says how often an unchanged release is blocked, how often a loss is caught in each class, what
    that costs in agent calls, and how many cases or trials each class's margin needs. Nothing is
    run. Exit codes: 0, or 2 for a usage or configuration error.
    """
    from dialgate_evals.suite.workspace import suite_folder
    from dialgate_reports.texts.plan_text import plan_document, render_plan

    from dialgate.runs.planning import PlanRequest, plan_suite
    from dialgate.terminal.output import say, to_json, write_text

    plan, facts = plan_suite(
        PlanRequest(
            folder=suite_folder(suite),
            release=release,
            out=out,
            simulations=simulations,
            seed=seed,
        )
    )
    document = plan_document(plan, facts)
    if json_file is not None:
        write_text(json_file, to_json(document))
    say(render_plan(document), to_stderr=json_file == "-")
    return 0
