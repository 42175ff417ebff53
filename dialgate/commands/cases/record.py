"""`dialgate record`: a proxy that keeps what an agent asks and gets, and makes cases of it."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(context_settings={"ignore_unknown_options": False})
@click.argument("suite", type=click.Path(path_type=Path))
@click.argument("command_line", nargs=-1, metavar="[-- COMMAND...]")
@click.option(
    "--openai",
    metavar="URL",
    help="OpenAI-compatible upstream. Default: OPENAI_BASE_URL, else OpenAI.",
)
@click.option(
    "--anthropic",
    metavar="URL",
    help="Anthropic upstream. Default: ANTHROPIC_BASE_URL, else Anthropic.",
)
@click.option(
    "--mcp",
    multiple=True,
    metavar="[NAME=]URL",
    help="An MCP server over HTTP, served at /mcp/NAME. Repeatable.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8377,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes a free one.",
)
@click.option(
    "--agent",
    "is_agent",
    is_flag=True,
    help="COMMAND is the agent: run it with its base URLs set, then finish.",
)
@click.option(
    "--name",
    metavar="NAME",
    help="What the MCP server that COMMAND starts is called. Default: after its program.",
)
@click.option("--replay", is_flag=True, help="Serve the recordings back; nobody is asked.")
@click.option(
    "--finish", "is_finish", is_flag=True, help="Write cases from what is recorded, and end."
)
@click.option(
    "--journal",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where recordings are kept. Default: .dialgate/recordings/SUITE.",
)
@click.option(
    "--json", "json_file", metavar="F", help="Write what became of the recording; - prints it."
)
def command(
    suite: Path, command_line: tuple[str, ...], openai: str | None, anthropic: str | None,
    mcp: tuple[str, ...], port: int, is_agent: bool, name: str | None, replay: bool,
    is_finish: bool, journal: Path | None, json_file: str | None,
) -> int:  # fmt: skip
    """Record what an agent asks and gets, and write it into SUITE as cases.

    Without COMMAND a proxy listens for models and MCP servers until Ctrl-C, then writes the cases.
    With COMMAND it is an MCP server over standard input and output (`dialgate record SUITE -- npx
    server`), to be named where the agent names that server; --finish writes the cases. Keys pass
    and are never kept. Exit codes: 0; the server's own with COMMAND; 2 for a usage or configuration
    error; 4 where nothing was recorded.
    """
    from dialgate.cases.recording.recording import (
        RecordRequest,
        finish,
        record,
        render_growth,
    )
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.errors import UsageError
    from dialgate_evals.files.plain_text import printable

    if is_finish and (replay or command_line or is_agent):
        raise UsageError("--finish writes what is recorded already; it goes with no COMMAND.")
    if is_agent and not command_line:
        raise UsageError("--agent: name the agent's command after --.")

    def tell(text: str) -> None:
        for line in text.splitlines():
            say(printable(line), to_stderr=True)

    if not is_finish:
        request = RecordRequest(
            folder=suite, openai=openai, anthropic=anthropic, mcp=mcp, port=port, journal=journal,
            name=name, command=command_line, is_agent=is_agent, replay=replay,
        )  # fmt: skip
        code = record(request, tell)
        if replay or code or (command_line and not is_agent):
            return code
    document = finish(suite, journal)
    if json_file is not None:
        write_text(json_file, to_json(document))
    text = render_growth(document)
    # what the agent itself prints may go into a file
    say("\n".join(map(printable, text.splitlines())), to_stderr=is_agent or json_file == "-")
    return 0
