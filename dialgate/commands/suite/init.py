"""`dialgate init`: a workspace that runs as it is."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("directory", required=False, default=".", type=click.Path(path_type=Path))
def command(directory: Path) -> int:
    """Scaffold a workspace in DIRECTORY (default: here); files that exist are never touched."""
    import datetime as dt

    from dialgate_evals.files.problems import show_path

    from dialgate.changes.linting import lint_suite
    from dialgate.scaffold.scaffold import scaffold
    from dialgate.terminal.output import say

    written = scaffold(directory)
    for path in written:
        say(f"wrote {show_path(path)}")
    today = dt.datetime.now(dt.UTC).date()
    for problem in lint_suite(directory / "suites" / "my-agent", today):
        # of files that were there before: the scaffold's own have none
        say(f"{problem.severity}: {problem}")
    where = "" if directory == Path() else f"cd {directory} && "
    say(f"\nNow try: {where}dialgate check suites/my-agent")
    return 0
