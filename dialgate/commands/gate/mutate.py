"""`dialgate mutate`: which mistakes of an agent this suite wouldn't notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dialgate.commands.options import out_option, release_option, suite_argument, verbose_option

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


@click.command()
@suite_argument
@release_option
@click.option("--json", "json_file", metavar="F", help="Write what was found; - prints it.")
@click.option(
    "--propose",
    "proposed_file",
    metavar="F",
    help="Write the cases that would notice to F, as JSON Lines; - prints them.",
)
@click.option(
    "--live",
    is_flag=True,
    help="Mutants of the release instead: a sentence of the prompt removed, two tools' "
    "descriptions swapped. Runs the agent.",
)
@click.option(
    "--budget",
    metavar="N",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="With --live: trials that it may run.",
)
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="With --live: which mutants come first.",
)
@out_option
@verbose_option
def command(
    suite: Path,
    release: str | None,
    json_file: str | None,
    proposed_file: str | None,
    live: bool,
    budget: int,
    seed: int,
    out: Path,
    verbose: bool,
) -> int:
    """Which mistakes SUITE wouldn't notice, per action class, and the cases that would.

    An agent's right behaviour, recorded or as the cases expect it, is altered one mistake at a
    time (an action dropped, doubled, done to another record, with another amount, too early …)
    and scored as a trial would be. No agent is run, but with --live: then mutants of the release
    are run on the suite's cases. Exit codes: 0; 1 where a class's suite notices less than
    `mutants_killed` of the mode that the class is in; 2 for a usage or configuration error; 4
    where no mistake could be made up, or no mutant of the release be asked.
    """
    from dialgate.runs.on_record.mutating import mutation_report
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.files.json_text import json_line
    from dialgate_evals.suite.release_files import named_release_file
    from dialgate_evals.suite.workspace import load_workspace, suite_folder
    from dialgate_gate.conditions.mutant_conditions import unmet_in_force
    from dialgate_gate.settings.settings import load_settings
    from dialgate_reports.texts.findings.mutants_text import mutants_document, render_mutants

    folder = suite_folder(suite)
    workspace, settings = load_workspace(folder), load_settings(folder)
    candidate = workspace.release(named_release_file(release, folder))
    if live:
        if proposed_file is not None:
            raise click.UsageError("--propose is for mutants of behaviour, so not with --live.")
        return _live(workspace, candidate, budget, seed, json_file)
    report = mutation_report(workspace, candidate, out)
    by_class = {item.action_class.name: item for item in report.classes}
    unmet = unmet_in_force(workspace.actions.classes, by_class, settings)
    document = mutants_document(report, unmet, workspace.suite.name)
    if json_file is not None:
        write_text(json_file, to_json(document))
    if proposed_file is not None:
        lines = [json_line(proposal.document).decode() for proposal in report.proposals]
        write_text(proposed_file, "".join(lines))
    say(render_mutants(document, verbose=verbose), to_stderr="-" in {json_file, proposed_file})
    if not report.classes:
        return 4
    return 1 if unmet else 0


def _live(
    workspace: Workspace, release: Release, budget: int, seed: int, json_file: str | None
) -> int:
    """Mutants of the release, run within the budget."""
    from dialgate.runs.fuzzing.agent_line import said_when_interrupted
    from dialgate.runs.on_record.live_mutants import LiveMutants
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_reports.texts.findings.live_mutants_text import render_live

    with said_when_interrupted("What was asked is not kept; --budget asks fewer."):
        found = LiveMutants(workspace=workspace, release=release, budget=budget, seed=seed).run()
    document = {"schema": 1, "suite": workspace.suite.name, **found}
    if json_file is not None:
        write_text(json_file, to_json(document))
    say(render_live(document), to_stderr=json_file == "-")
    return 0 if document["asked"] else 4
