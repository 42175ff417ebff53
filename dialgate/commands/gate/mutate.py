"""`dialgate mutate`: which mistakes of an agent this suite wouldn't notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dialgate.commands.options import out_option, release_option, suite_argument, verbose_option

if TYPE_CHECKING:
    from pathlib import Path


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
@out_option
@verbose_option
def command(
    suite: Path,
    release: str | None,
    json_file: str | None,
    proposed_file: str | None,
    out: Path,
    verbose: bool,
) -> int:
    """Which mistakes SUITE wouldn't notice, per action class, and the cases that would.

    An agent's right behaviour, recorded or as the cases expect it, is altered one mistake at a
    time (an action dropped, doubled, done to another record, with another amount, too early …)
    and scored as a trial would be. No agent is run. Exit codes: 0; 1 where a class's suite
    notices less than `mutants_killed` of the mode that the class is in; 2 for a usage or
    configuration error; 4 where no mistake could be made up.
    """
    from dialgate.runs.on_record.mutating import mutation_report
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.files.json_text import json_line
    from dialgate_evals.suite.workspace import load_workspace, named_release_file, suite_folder
    from dialgate_gate.conditions.mutant_conditions import unmet_in_force
    from dialgate_gate.settings.settings import load_settings
    from dialgate_reports.texts.findings.mutants_text import mutants_document, render_mutants

    folder = suite_folder(suite)
    workspace, settings = load_workspace(folder), load_settings(folder)
    candidate = workspace.release(named_release_file(release, folder))
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
