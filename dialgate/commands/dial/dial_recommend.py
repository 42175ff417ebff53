"""`dialgate dial recommend`: what each class may move to, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dialgate.commands.options import (
    attestation_option,
    events_argument,
    given_events,
    moment_of,
    now_option,
    out_option,
    record_option,
    release_option,
    suite_argument,
    verbose_option,
)

if TYPE_CHECKING:
    from pathlib import Path


@click.command(name="recommend")
@suite_argument
@events_argument
@record_option
@release_option
@attestation_option
@click.option("--json", "json_file", metavar="F", help="Write the recommendation; - prints it.")
@click.option(
    "--markdown", "markdown_file", metavar="F", help="Write the graduation report; - prints it."
)
@click.option(
    "--html", "html_file", metavar="F", help="Write it as a self-contained page; - prints it."
)
@now_option
@out_option
@verbose_option
def command(
    suite: Path,
    events: str | None,
    events_option: str | None,
    run_folder: Path | None,
    release: str | None,
    attestation: Path | None,
    json_file: str | None,
    markdown_file: str | None,
    html_file: str | None,
    now: object,
    out: Path,
    verbose: bool,
) -> int:
    """Promote, hold or demote each class of SUITE, by its eval run and its review EVENTS.

    EVENTS is a file, folder, glob or URL; without it no class has live evidence. Exit codes: 0;
    1 where a class is to be demoted; 2 for a usage or configuration error; 4 for an unreadable
    record.
    """
    from dialgate.dial.recommending.recommendation_reports import write_recommendation
    from dialgate.dial.recommending.recommending import RecommendRequest, recommend
    from dialgate.terminal.output import say
    from dialgate_evals.suite.workspace import suite_folder
    from dialgate_reports.formats import ReportTargets

    found = recommend(
        RecommendRequest(
            folder=suite_folder(suite),
            events=given_events(events, events_option),
            run=run_folder,
            release=release,
            attestation=attestation,
            out=out,
            now=moment_of(now),
            written_to=json_file if json_file not in {None, "-"} else "recommendation.json",
        )
    )
    for problem in found.bad_rows:
        say(f"Left out: {problem}", to_stderr=True)
    more = found.bad_count - len(found.bad_rows)
    if more:
        say(f"Left out: {more:,} more bad rows.", to_stderr=True)
    asked = {"json": json_file, "markdown": markdown_file, "html": html_file}
    targets = ReportTargets({name: file for name, file in asked.items() if file is not None})
    write_recommendation(found.document, targets, verbose=verbose)
    return int(any(move.move == "demote" for move in found.moves))
