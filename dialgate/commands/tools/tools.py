"""`dialgate tools`: the tool registry: `pull` imports it, `diff` says what changed in it."""

from __future__ import annotations

from pathlib import Path

import click

from dialgate.commands.tools import tools_diff


@click.group(name="tools")
def command() -> None:
    """Import the tool registry, and see what changed in it."""


@command.command(name="pull")
@click.option(
    "--mcp",
    "source",
    metavar="URL|COMMAND",
    help="An MCP server: its address, or the command line that starts it.",
)
@click.option(
    "--python",
    "modules",
    multiple=True,
    metavar="MODULE:NAME",
    help="Functions, pydantic models or a framework's tools, in Python; repeatable.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("tools.json"),
    show_default=True,
    help="The file to write.",
)
@click.option("--force", is_flag=True, help="Overwrite a file that holds something else.")
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    metavar="S",
    help="Seconds the server may take.",
)
def pull(
    source: str | None, modules: tuple[str, ...], out: Path, force: bool, timeout_s: float
) -> int:
    """Write tools.json from a running MCP server, or from Python objects.

    Tools are sorted by name and checked as `lint` would. A file that already holds the same tools
    is left as it is. Exit codes: 0 the file holds the tools; 2 the server can't be asked, a module
    not be loaded, what is listed is no registry, or the file holds something else and --force is
    not given.
    """
    from dialgate.terminal.output import say
    from dialgate_evals.errors import UsageError
    from dialgate_evals.files.problems import show_path
    from dialgate_evals.running.simulation.mcp_pull import pull_tools, write_registry

    if (source is None) == (not modules):
        raise UsageError("Name either --mcp URL|COMMAND or --python MODULE:NAME.")
    if source is not None:
        document = pull_tools(
            source, timeout_s=timeout_s, say=lambda said: say(said, to_stderr=True)
        )
    else:
        from dialgate_evals.running.simulation.python_pull import pull_python_tools

        document = pull_python_tools(modules)
    is_new = write_registry(out, document, force=force)
    count = len(document["tools"])
    said = f"{count} tool{'' if count == 1 else 's'}"
    say(f"wrote {show_path(out)}: {said}" if is_new else f"{show_path(out)}: {said}, unchanged")
    return 0


command.add_command(tools_diff.command)
