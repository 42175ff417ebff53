"""`dialgate init`: a workspace that runs as it is."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("directory", required=False, default=".", type=click.Path(path_type=Path))
def command(directory: Path) -> int:
    """Scaffold a workspace in DIRECTORY (default: here); files that exist are never touched."""
    from dialgate_evals.files.problems import show_path

    from dialgate.scaffold.scaffold import scaffold
    from dialgate.terminal.output import say

    written = scaffold(directory)
    for path in written:
        say(f"wrote {show_path(path)}")
    where = "" if directory == Path() else f"cd {directory} && "
    say(f"\nNow try: {where}dialgate check suites/my-agent")
    return 0
