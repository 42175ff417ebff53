"""`dialgate baseline`: which release candidates are measured against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dialgate.commands.options import suite_argument

if TYPE_CHECKING:
    from pathlib import Path


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
    from dialgate_evals.suite.workspace import load_workspace, suite_folder

    from dialgate.git.base_tree import describe_default_base
    from dialgate.terminal.output import say, to_json, write_text

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


@command.command(name="set")
@suite_argument
@click.argument("ref")
def set_baseline(suite: Path, ref: str) -> int:
    """Measure candidates against REF, a git ref such as the tag of the release in production.

    Writes baseline.toml beside suite.toml. It counts once it is on the main branch: a change
    doesn't choose what it is judged by. Exit codes: 0, or 2 for a ref that can't be used.
    """
    from dialgate_evals.files.problems import show_path
    from dialgate_evals.suite.workspace import load_workspace, suite_folder

    from dialgate.git.base_ref import write_baseline
    from dialgate.terminal.output import say

    path = write_baseline(load_workspace(suite_folder(suite)), ref)
    say(f"Wrote {show_path(path)}. It counts once it is on the main branch.")
    return 0
