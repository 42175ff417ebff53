"""`dialgate baseline`: which release candidates are measured against."""

from __future__ import annotations

from pathlib import Path

import click

from dialgate.commands.options import out_option, suite_argument


@click.group(name="baseline")
def command() -> None:
    """Show or set the release that candidates are measured against."""


@command.command(name="show")
@suite_argument
@click.option("--json", "json_file", metavar="F", help="Write it as JSON to F; - prints it.")
def show(suite: Path, json_file: str | None) -> int:
    """What `check SUITE` compares with when no --baseline is given.

    Exit codes: 0, or 2 for a usage or configuration error.
    """
    from dialgate.git.base_tree import describe_default_base
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.suite.workspace import load_workspace, suite_folder

    found = describe_default_base(load_workspace(suite_folder(suite)))
    if json_file is not None:
        write_text(json_file, to_json(found))
    say(_sentence(found), to_stderr=json_file == "-")
    return 0


def _sentence(found: dict[str, object]) -> str:
    from dialgate_evals.files.plain_text import printable

    if found["commit"] is None:
        return "No baseline: no commit is there, so the next check judges a first release."
    place = f"{found['ref']} ({str(found['commit'])[:12]})"
    if found["release"] is None:
        return printable(f"{place}: the suite is not there, so check judges a first release.")
    release = found["release"]
    assert isinstance(release, dict)
    return printable(
        f"{place}: {release['name']} {release['version']}, {release['fingerprint'][:19]}"
    )


@command.command(name="export")
@suite_argument
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@out_option
def export(suite: Path, target: Path, out: Path) -> int:
    """Write the pool of trials that SUITE's checks read to FILE, for another machine.

    Exit codes: 0; 2 for a usage or configuration error.
    """
    from dialgate.terminal.output import say
    from dialgate_evals.files.problems import show_path
    from dialgate_evals.records.machine_key import machine_key
    from dialgate_evals.records.reuse.baseline_pool import BaselinePool
    from dialgate_evals.suite.workspace import suite_folder

    suite_folder(suite)
    count = BaselinePool(out, machine_key()).export(target)
    say(f"Wrote {count:,} {'trial' if count == 1 else 'trials'} to {show_path(target)}.")
    return 0


@command.command(name="restore")
@suite_argument
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@out_option
def restore(suite: Path, source: Path, out: Path) -> int:
    """Take the trials of FILE, which `baseline export` wrote, into the pool of SUITE's checks.

    Exit codes: 0; 2 for a usage or configuration error, or in a pull request, which never writes;
    4 where a trial wasn't marked by a secret of this machine or CI.
    """
    import datetime as dt
    import os

    from dialgate.runs.pooling import may_write, pool_limits
    from dialgate.terminal.output import say
    from dialgate_evals.errors import UsageError
    from dialgate_evals.records.machine_key import machine_key
    from dialgate_evals.records.reuse.baseline_pool import BaselinePool
    from dialgate_evals.suite.workspace import load_workspace, suite_folder

    limits = pool_limits(load_workspace(suite_folder(suite)).suite.cache)
    if not may_write(os.environ):
        raise UsageError("baseline restore: a pull request reads the pool and never writes it.")
    pool = BaselinePool(out, machine_key())
    count = pool.restore(source, limits, dt.datetime.now(dt.UTC))
    say(f"{count:,} new {'trial' if count == 1 else 'trials'} in the pool.")
    return 0


@command.command(name="set")
@suite_argument
@click.argument("ref")
def set_baseline(suite: Path, ref: str) -> int:
    """Measure candidates against REF, a git ref such as the tag of the release in production.

    Writes baseline.toml beside suite.toml. It counts once it is on the main branch: a change
    doesn't choose what it is judged by. Exit codes: 0, or 2 for a ref that can't be used.
    """
    from dialgate.git.base_ref import write_baseline
    from dialgate.terminal.output import say
    from dialgate_evals.files.problems import show_path
    from dialgate_evals.suite.workspace import load_workspace, suite_folder

    path = write_baseline(load_workspace(suite_folder(suite)), ref)
    say(f"Wrote {show_path(path)}. It counts once it is on the main branch.")
    return 0
