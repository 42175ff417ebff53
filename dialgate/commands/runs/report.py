"""`dialgate report`: renders a record, a verdict or a recommendation again, from the disk."""

from __future__ import annotations

from pathlib import Path

import click

from dialgate.commands.options import report_options, verbose_option
from dialgate_reports.formats import ReportTargets


@click.command()
@click.argument("run_or_verdict", type=click.Path(path_type=Path))
@report_options
@click.option(
    "--records",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where run records lie, for the page's trajectories and history. "
    "Default: the verdict's folder.",
)
@click.option(
    "--open",
    "opens",
    is_flag=True,
    help="Open the HTML page in a browser; without --html it is written beside the verdict.",
)
@verbose_option
def command(
    run_or_verdict: Path,
    targets: ReportTargets,
    records: Path | None,
    opens: bool,
    verbose: bool,
) -> int:
    """Render RUN_OR_VERDICT again: a run record's folder, or the JSON that check, fleet or
    dial recommend wrote.

    Rendering only reads: the exit code is 0 where it could be rendered, whatever the verdict.
    """
    from dialgate.dial.recommending.recommendation_reports import write_recommendation
    from dialgate.reporting.record_rendering import render_record
    from dialgate.reporting.rendering import (
        check_recommendation,
        check_verdict,
        is_recommendation,
        read_document,
    )
    from dialgate.reporting.reporting import write_reports
    from dialgate.reporting.several.again import renders_many
    from dialgate.terminal.output import open_in_browser, say
    from dialgate_evals.errors import UsageError

    page = targets.files.get("html")
    if opens and page == "-":
        raise UsageError("--open needs a file: --html F, or no --html at all.")
    if run_or_verdict.is_dir():
        if targets.files or opens:
            raise UsageError("A run record has no verdict; check and diff make one to render.")
        say(render_record(run_or_verdict, verbose=verbose))
        return 0
    document = read_document(run_or_verdict)
    if opens and page is None:
        page = str(run_or_verdict.with_suffix(".html"))
        targets = ReportTargets({**targets.files, "html": page})
    if renders_many(document, run_or_verdict, targets, verbose=verbose):
        pass
    elif is_recommendation(document):
        found = check_recommendation(document, run_or_verdict)
        write_recommendation(found, targets, verbose=verbose)
    else:
        found = check_verdict(document, run_or_verdict)
        write_reports(found, targets, records=records or run_or_verdict.parent, verbose=verbose)
    if page is not None and opens:
        open_in_browser(Path(page), to_stderr=targets.takes_stdout)
    return 0
