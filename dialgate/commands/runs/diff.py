"""`dialgate diff`: two run records, compared as they were scored."""

from __future__ import annotations

from pathlib import Path

import click

from dialgate.commands.options import report_options, verbose_option


@click.command()
@click.argument("run_a", type=click.Path(path_type=Path))
@click.argument("run_b", type=click.Path(path_type=Path))
@click.option(
    "--policy",
    type=click.Path(path_type=Path),
    help="A policy.toml to judge by; default: the contract's default thresholds.",
)
@report_options
@verbose_option
def command(
    run_a: Path,
    run_b: Path,
    policy: Path | None,
    json_file: str | None,
    markdown_file: str | None,
    html_file: str | None,
    junit_file: str | None,
    verbose: bool,
) -> int:
    """Compare two run records: RUN_A is the baseline, RUN_B the candidate."""
    from dialgate.check.diffing import diff_records
    from dialgate.reporting.reporting import ReportTargets, write_reports

    outcome = diff_records(baseline=run_a, candidate=run_b, policy_file=policy)
    targets = ReportTargets(
        json=json_file, markdown=markdown_file, html=html_file, junit=junit_file
    )
    write_reports(outcome.document, targets, records=run_b.parent, verbose=verbose)
    return outcome.verdict.exit_code
