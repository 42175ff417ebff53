"""`dialgate evidence`: what production showed about each action class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dialgate.commands.options import (
    events_argument,
    moment_of,
    needed_events,
    now_option,
    out_option,
    release_option,
    suite_argument,
    verbose_option,
)

if TYPE_CHECKING:
    from pathlib import Path


@click.command(name="evidence")
@suite_argument
@events_argument
@release_option
@click.option("--json", "json_file", metavar="F", help="Write the evidence as JSON; - prints it.")
@click.option("--markdown", "markdown_file", metavar="F", help="Write it as Markdown; - prints it.")
@now_option
@out_option
@verbose_option
def command(
    suite: Path,
    events: str | None,
    events_option: str | None,
    release: str | None,
    json_file: str | None,
    markdown_file: str | None,
    now: object,
    out: Path,
    verbose: bool,
) -> int:
    """Show what the review EVENTS say of each class of SUITE, per release and mode.

    EVENTS is a file (.jsonl, .csv, .parquet), a folder or glob of such files, or the URL of a
    table. Exit codes: 0; 2 for a usage or configuration error, or over 1 % bad rows; 4 where there
    is no event to count.
    """
    from dialgate.dial.evidence import EvidenceRequest, gather_evidence
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.suite.workspace import suite_folder
    from dialgate_reports.graduation.evidence_text import render_evidence, render_evidence_markdown

    source = needed_events(events, events_option)
    found = gather_evidence(
        EvidenceRequest(
            folder=suite_folder(suite),
            events=source,
            release=release,
            out=out,
            now=moment_of(now),
        )
    )
    prints = "-" in {json_file, markdown_file}
    if json_file is not None:
        write_text(json_file, to_json(found.document))
    if markdown_file is not None:
        write_text(markdown_file, render_evidence_markdown(found.document))
    for problem in found.bad_rows:
        say(f"Left out: {problem}", to_stderr=True)
    more = found.bad_count - len(found.bad_rows)
    if more:
        say(f"Left out: {more:,} more bad rows.", to_stderr=True)
    say(render_evidence(found.document, verbose=verbose), to_stderr=prints)
    return 0 if found.document["classes"] else 4
