"""`dialgate report`: renders a record, a verdict or a recommendation again, from the disk."""

from __future__ import annotations

from pathlib import Path

import click

from dialgate.commands.options import report_options, verbose_option


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
    json_file: str | None,
    markdown_file: str | None,
    html_file: str | None,
    junit_file: str | None,
    records: Path | None,
    opens: bool,
    verbose: bool,
) -> int:
    """Render RUN_OR_VERDICT again: a run record's folder, or the JSON that check or
    dial recommend wrote.

    Rendering only reads: the exit code is 0 where it could be rendered, whatever the verdict.
    """
    from dialgate_evals.errors import UsageError

    from dialgate.dial.recommendation_reports import write_recommendation
    from dialgate.reporting.rendering import (
        check_recommendation,
        check_verdict,
        is_recommendation,
        read_document,
        render_record,
    )
    from dialgate.reporting.reporting import ReportTargets, write_reports
    from dialgate.terminal.output import open_in_browser, say

    if opens and html_file == "-":
        raise UsageError("--open needs a file: --html F, or no --html at all.")
    if run_or_verdict.is_dir():
        if any((json_file, markdown_file, html_file, junit_file, opens)):
            raise UsageError("A run record has no verdict; check and diff make one to render.")
        say(render_record(run_or_verdict, verbose=verbose))
        return 0
    document = read_document(run_or_verdict)
    page = html_file or (str(run_or_verdict.with_suffix(".html")) if opens else None)
    targets = ReportTargets(json=json_file, markdown=markdown_file, html=page, junit=junit_file)
    if is_recommendation(document):
        found = check_recommendation(document, run_or_verdict)
        write_recommendation(found, targets, verbose=verbose)
    else:
        found = check_verdict(document, run_or_verdict)
        write_reports(found, targets, records=records or run_or_verdict.parent, verbose=verbose)
    if page is not None and opens:
        open_in_browser(Path(page), to_stderr=targets.takes_stdout)
    return 0
