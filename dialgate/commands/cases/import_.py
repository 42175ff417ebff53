"""`dialgate cases import`: cases, tools and proposed classes from logs and other tools' suites."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="import")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    metavar="F",
    help="The sources' format. Default: known by their content.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write a suite into this new or empty folder. Without it nothing is written.",
)
@click.option(
    "--conversations",
    is_flag=True,
    help="One case a conversation, with a user who answers as its own did.",
)
@click.option("--json", "json_file", metavar="F", help="Write what was done; - prints it.")
def command(
    sources: tuple[Path, ...],
    format_: str | None,
    out: Path | None,
    *,
    conversations: bool,
    json_file: str | None,
) -> int:
    """Make a suite of SOURCES: files of logs, spans or other tools' suites, or folders of them.

    Lists what has no counterpart, with the reason. Personal data and secrets are replaced. Exit
    codes: 0; 2 for a usage or configuration error; 4 where nothing could be read.
    """
    from dialgate.cases.imported_suite import ImportRequest, import_suite, render_import
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.files.plain_text import printable

    request = ImportRequest(
        sources=sources, format=format_, out=out, are_conversations=conversations
    )
    document = import_suite(request)
    if json_file is not None:
        write_text(json_file, to_json(document))
    text = render_import(document, out)
    say("\n".join(map(printable, text.splitlines())), to_stderr=json_file == "-")
    return 0
