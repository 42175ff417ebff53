"""`dialgate report`: renders a run record or a verdict again, from what is on disk."""

from __future__ import annotations

from pathlib import Path

import click

from dialgate.commands.options import report_options, verbose_option


@click.command()
@click.argument("run_or_verdict", type=click.Path(path_type=Path))
@report_options
@verbose_option
def command(
    run_or_verdict: Path,
    json_file: str | None,
    markdown_file: str | None,
    html_file: str | None,
    junit_file: str | None,
    verbose: bool,
) -> int:
    """Render RUN_OR_VERDICT again: a run record's folder, or the JSON that check wrote.

    Rendering only reads: the exit code is 0 where it could be rendered, whatever the verdict.
    """
    from dialgate.output import say
    from dialgate.rendering import read_verdict, render_record
    from dialgate.reporting import ReportTargets, write_reports
    from evals.errors import UsageError

    targets = ReportTargets(
        json=json_file, markdown=markdown_file, html=html_file, junit=junit_file
    )
    if run_or_verdict.is_dir():
        if any((json_file, markdown_file, html_file, junit_file)):
            raise UsageError("A run record has no verdict; check and diff make one to render.")
        say(render_record(run_or_verdict, verbose=verbose))
        return 0
    write_reports(read_verdict(run_or_verdict), targets, verbose=verbose)
    return 0
