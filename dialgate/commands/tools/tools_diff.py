"""`dialgate tools diff`: what a changed tool registry does to the calls that agents make."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="diff")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option(
    "--suite",
    type=click.Path(path_type=Path),
    help="A suite whose cases are tried on both: those that only A's tools take are listed.",
)
@click.option("--strict", is_flag=True, help="Exit code 1 for any difference, texts too.")
@click.option("--json", "json_file", metavar="F", help="Write the drift as JSON; - prints it.")
@click.option(
    "--markdown", "markdown_file", metavar="F", help="Write Markdown for a pull request; - prints."
)
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    metavar="S",
    help="Seconds an MCP server may take.",
)
def command(
    a: str,
    b: str,
    suite: Path | None,
    strict: bool,
    json_file: str | None,
    markdown_file: str | None,
    timeout_s: float,
) -> int:
    """Compare the tools of A, the baseline, with those of B, the candidate.

    Each is a tools.json (- is standard input), a release file (.toml), the URL of a running MCP
    server, or mcp:COMMAND for one that a command line starts.

    Exit codes: 0 every valid call stays valid and means the same (nothing, texts, a new optional
    argument, wider or differently written schemas); 1 something is breaking, for the agent's
    calls or for callers, or can't be decided, or a case of the suite is invalid now; 2 a side or
    the suite can't be read.
    """
    from dialgate.changes.tool_diffing import diff_tools
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.errors import UsageError
    from dialgate_reports.texts.drift_text import render_drift, render_drift_markdown

    if json_file == markdown_file == "-":
        raise UsageError("--json - and --markdown - can't both go to standard output.")
    document = diff_tools(baseline=a, candidate=b, suite=suite, timeout_s=timeout_s)
    if json_file is not None:
        write_text(json_file, to_json(document))
    if markdown_file is not None:
        write_text(markdown_file, render_drift_markdown(document))
    say(render_drift(document), to_stderr="-" in {json_file, markdown_file})
    return int(document["alarm"] or (strict and document["kind"] is not None))
