"""`dialgate diff`: two run records, compared as they were scored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dialgate.commands.options import report_options, verbose_option

if TYPE_CHECKING:
    from dialgate_reports.formats import ReportTargets


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
    targets: ReportTargets,
    verbose: bool,
) -> int:
    """Compare two run records: RUN_A is the baseline, RUN_B the candidate."""
    from dialgate.check.diffing import diff_records
    from dialgate.reporting.reporting import refuse_two_on_stdout, write_reports

    refuse_two_on_stdout(targets)
    outcome = diff_records(baseline=run_a, candidate=run_b, policy_file=policy)
    write_reports(outcome.document, targets, records=run_b.parent, verbose=verbose)
    return outcome.verdict.exit_code
