"""`dialgate fuzz`: variants of a suite's cases that the agent fails, confirmed and made small."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dialgate.commands.options import (
    findings_options,
    out_option,
    release_option,
    suite_argument,
    verbose_option,
)

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate.git.base_ref import GitBaseline
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_reports.formats import ReportTargets


@click.command()
@suite_argument
@release_option
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    metavar="N",
    help="Draws other variants; the same seed draws the same.",
)
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    default=600,
    show_default=True,
    metavar="N",
    help="Trials that the search may run.",
)
@click.option(
    "--relation", "relations", multiple=True, metavar="NAME", help="Only this one; repeatable."
)
@click.option(
    "--replay",
    "replayed",
    metavar="SEED",
    help="Try one variant again, by the seed that a finding names.",
)
@click.option(
    "--baseline",
    metavar="REF",
    help="The commit whose fuzz_relations.py and fuzz_planted.txt count; default: the one that "
    "`check` compares with, else the working tree.",
)
@findings_options
@out_option
@verbose_option
def command(
    suite: Path,
    release: str | None,
    seed: int,
    budget: int,
    relations: tuple[str, ...],
    replayed: str | None,
    baseline: str | None,
    targets: ReportTargets,
    out: Path,
    verbose: bool,
) -> int:
    """Find variants of SUITE's cases in which the agent does something else than it should.

    Cases are renamed, reworded, moved to the bounds of their classes, and given planted orders and
    failing tools; each relation says what must stay, move or never happen. What fails is confirmed
    by fresh trials of variant and original, and made small. Exit codes: 0 nothing found; 1 found;
    2 for a usage or configuration error; 4 where next to nothing could be run; 130 interrupted.
    """
    from dialgate.reporting.reporting import refuse_unwritable, write_forms
    from dialgate.runs.fuzzing.agent_line import said_when_interrupted
    from dialgate.runs.fuzzing.fuzzing import FuzzRequest, fuzz, replay
    from dialgate.terminal.output import say
    from dialgate_evals.suite.release_files import named_release_file
    from dialgate_evals.suite.workspace import load_workspace, suite_folder
    from dialgate_reports.page.subject import Subject
    from dialgate_reports.texts.findings.fuzz_text import render_fuzz

    refuse_unwritable(targets, of="findings")
    workspace = load_workspace(suite_folder(suite))
    request = FuzzRequest(
        workspace=workspace,
        release=workspace.release(named_release_file(release, workspace.folder)),
        baseline=_base(workspace, baseline),
        seed=seed,
        budget=budget,
        relations=relations,
        out=out,
    )
    with said_when_interrupted("Nothing of the search is kept; the same seed makes it again."):
        document = fuzz(request) if replayed is None else replay(request, replayed)
    write_forms(Subject(document=document), targets, of="findings")
    say(render_fuzz(document, verbose=verbose), to_stderr=targets.takes_stdout)
    return 1 if document["findings"] else 0


def _base(workspace: Workspace, named: str | None) -> GitBaseline | None:
    """The commit whose judge counts; None where there is none and none was named."""
    from dialgate.changes.baselines import resolve_baseline
    from dialgate.git.base_ref import GitBaseline
    from dialgate_evals.errors import UsageError

    try:
        found = resolve_baseline(named, workspace)
    except UsageError:
        if named is not None:
            raise
        return None
    if named is not None and not isinstance(found, GitBaseline):
        raise UsageError(f"--baseline {named}: name a git ref.")
    return found if isinstance(found, GitBaseline) else None
