"""`dialgate merge`: the shards of a run become one run record."""

from __future__ import annotations

from pathlib import Path

import click

from dialgate.commands.options import out_option, verbose_option


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN…", type=click.Path(path_type=Path))
@out_option
@verbose_option
def command(runs: tuple[Path, ...], out: Path, verbose: bool) -> int:
    """Merge the shards RUN… of one run (`dialgate run --shard I/N`) into its whole record.

    It equals the record of the unsharded run but for times. Exit codes: 0 merged; 2 usage error;
    4 a shard is missing, there twice, damaged, or of another release, suite or dialgate.
    """
    from dialgate.reporting.record_rendering import render_record
    from dialgate.terminal.output import say
    from dialgate_evals.records.merged_record import merge_records

    say(render_record(merge_records(runs, out), verbose=verbose))
    return 0
