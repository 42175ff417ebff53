"""`dialgate report`: renders a run record or a verdict again, from what is on disk."""

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
    """Render RUN_OR_VERDICT again: a run record's folder, or the JSON that check wrote.

    Rendering only reads: the exit code is 0 where it could be rendered, whatever the verdict.
    """
    from dialgate.output import open_in_browser, say
    from dialgate.rendering import read_verdict, render_record
    from dialgate.reporting import ReportTargets, write_reports
    from evals.errors import UsageError

    if opens and html_file == "-":
        raise UsageError("--open needs a file: --html F, or no --html at all.")
    if run_or_verdict.is_dir():
        if any((json_file, markdown_file, html_file, junit_file, opens)):
            raise UsageError("A run record has no verdict; check and diff make one to render.")
        say(render_record(run_or_verdict, verbose=verbose))
        return 0
    document = read_verdict(run_or_verdict)
    page = html_file or (str(run_or_verdict.with_suffix(".html")) if opens else None)
    targets = ReportTargets(json=json_file, markdown=markdown_file, html=page, junit=junit_file)
    write_reports(document, targets, records=records or run_or_verdict.parent, verbose=verbose)
    if page is not None and opens:
        open_in_browser(Path(page), to_stderr=targets.takes_stdout)
    return 0
