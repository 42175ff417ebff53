"""`dialgate run`: a release on a suite, and its run record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dialgate.commands.options import (
    cluster_option,
    out_option,
    release_option,
    reuse_options,
    suite_argument,
    verbose_option,
)

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@suite_argument
@release_option
@click.option("--trials", type=click.IntRange(1, 1000), help="Trials per case.")
@reuse_options
@click.option("--case", "cases", multiple=True, metavar="ID", help="Only this case; repeatable.")
@click.option(
    "--shard",
    metavar="I/N",
    help="Only the I-th of N even parts of the cases, as in 2/5; `dialgate merge` joins them.",
)
@click.option(
    "--record-missing",
    "source",
    metavar="URL|COMMAND",
    help="Ask this MCP server, once each, what no recording answers and the suite names.",
)
@click.option(
    "--judge",
    "judge_all",
    is_flag=True,
    help="Ask the judges of judge.toml also where their votes are only shown.",
)
@cluster_option
@out_option
@verbose_option
def command(
    suite: Path,
    release: str | None,
    trials: int | None,
    resume: bool,
    cases: tuple[str, ...],
    no_cache: bool,
    shard: str | None,
    source: str | None,
    judge_all: bool,
    cluster: str | None,
    out: Path,
    verbose: bool,
) -> int:
    """Run the release in the working tree on SUITE and write a run record.

    Exit codes: 0 the run is complete, whatever its trials' outcomes; 2 usage or configuration
    error; 4 evidence is missing or unreadable; 130 interrupted.
    """
    from dialgate.runs.recorded_run import RunOptions, other_machines
    from dialgate.runs.running import run_release
    from dialgate.terminal.output import say
    from dialgate_evals.errors import UsageError
    from dialgate_evals.records.shards import parse_shard
    from dialgate_evals.suite.workspace import suite_folder
    from dialgate_reports.texts.run_text import render_run

    if shard is not None and cases:
        raise UsageError("--shard splits the whole suite: leave --case out.")
    folder = suite_folder(suite)
    with other_machines(cluster) as elsewhere:
        options = RunOptions(
            out=out,
            trials=trials,
            resume=resume,
            use_cache=not no_cache,
            shard=None if shard is None else parse_shard(shard),
            cluster=elsewhere,
        )
        run = run_release(
            folder, release=release, case_ids=cases, options=options, judge_all=judge_all
        )
    say(render_run(run.document, run.failing, verbose=verbose or bool(cases), shown=run.shown))
    if source is not None:
        _record_missing(folder, run.folder, source)
    elif run.document["counts"].get("unmatched_reads"):
        say(
            "Reads without a recording: --case ID shows what they asked for; --record-missing asks "
            "the real tool,\nwhere suite.toml names it ([tools] record_missing)."
        )
    for gap in run.gaps:
        say(gap, to_stderr=True)
    return 4 if run.gaps else 0


def _record_missing(suite: Path, record: Path, source: str) -> None:
    """Asks the real tools what no recording answered, and says what came of it."""
    from dialgate.cases.missing_recordings import record_missing
    from dialgate.terminal.output import say
    from dialgate_evals.files.plain_text import printable
    from dialgate_evals.suite.workspace import load_workspace

    for line in record_missing(load_workspace(suite), record, source):
        say(printable(line))
