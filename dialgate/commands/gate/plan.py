"""`dialgate plan`: what this policy can see on this suite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dialgate.commands.options import out_option, release_option, suite_argument

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from dialgate.runs.planning import PlanRequest


@click.command()
@suite_argument
@release_option
@click.option(
    "--budget",
    metavar="N",
    type=click.IntRange(min=1),
    help="Turned round: agent calls that a check may make.",
)
@click.option(
    "--pass",
    "share",
    metavar="P",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Turned round: how often an unchanged release shall pass, 0 to 1.",
)
@click.option(
    "--loss",
    metavar="L",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Turned round: the loss of the suite that must not pass, 0 to 1.",
)
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
    budget: int | None,
    share: float | None,
    loss: float | None,
    simulations: int | None,
    seed: int,
    json_file: str | None,
    out: Path,
) -> int:
    """What this policy sees on SUITE, by the real procedure on simulated agents.

    Says how often an unchanged release is blocked, how often a loss is caught in each class, what
    that costs in agent calls, and how many cases or trials each class's margin needs. With any of
    --budget, --pass and --loss it is turned round: the margin, trials and cases to add for what is
    asked. Nothing is run. Exit codes: 0, or 2 for a usage or configuration error.
    """
    from dialgate.runs.planning import PlanRequest, invert_plan, plan_suite
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.suite.workspace import suite_folder
    from dialgate_gate.planning.inverted import Wanted
    from dialgate_reports.texts.inverted_text import inverted_document, render_inverted
    from dialgate_reports.texts.plan_text import plan_document, render_plan

    request = PlanRequest(
        folder=suite_folder(suite),
        release=release,
        out=out,
        simulations=simulations,
        seed=seed,
    )
    if (budget, share, loss) == (None, None, None):
        plan, facts = plan_suite(request)
        document = plan_document(plan, {**facts, "noticed": _noticed(request)})
        text = render_plan(document)
    else:
        wanted = Wanted(budget=budget, share=share, loss=loss)
        document = inverted_document(*invert_plan(request, wanted))
        text = render_inverted(document)
    if json_file is not None:
        write_text(json_file, to_json(document))
    say(text, to_stderr=json_file == "-")
    return 0


def _noticed(request: PlanRequest) -> list[dict[str, Any]]:
    """Which share of the mistakes that an agent could make the suite would notice, by class."""
    from dialgate.runs.on_record.mutating import mutation_report
    from dialgate_evals.suite.release_files import named_release_file
    from dialgate_evals.suite.workspace import load_workspace

    workspace = load_workspace(request.folder)
    release = workspace.release(named_release_file(request.release, workspace.folder))
    return [
        {"action_class": item.action_class.name, "share": item.share}
        for item in mutation_report(workspace, release, request.out).classes
    ]
