"""`dialgate cases derive`: reviewer cases from review events."""

from __future__ import annotations

from pathlib import Path

import click

from dialgate.commands.options import release_option, suite_argument, verbose_option


@click.command(name="derive")
@suite_argument
@click.argument("events")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="F",
    help="Write new cases into this file. Default: a file per month, YYYY-MM.jsonl, in the "
    "reviewer folder that the suite's cases name.",
)
@release_option
@click.option(
    "--approvals",
    type=click.IntRange(0, 10_000),
    default=5,
    show_default=True,
    metavar="N",
    help="Golden candidates per action class, sampled from approvals.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be derived; write nothing.")
@click.option("--json", "json_file", metavar="F", help="Write what was done; - prints it.")
@verbose_option
def command(
    suite: Path,
    events: str,
    out: Path | None,
    release: str | None,
    approvals: int,
    dry_run: bool,
    json_file: str | None,
    verbose: bool,
) -> int:
    """Turn the review EVENTS of SUITE into reviewer cases.

    Edits, rejections, takeovers, overrides and shadow differences become cases; contradictions are
    set aside for adjudication; personal data is replaced. Running it again adds nothing. Exit
    codes: 0; 2 for a usage or configuration error.
    """
    from dialgate.cases.deriving import DeriveRequest, derive
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.suite.workspace import suite_folder
    from dialgate_reports.texts.derive_text import render_derivation

    document = derive(
        DeriveRequest(
            folder=suite_folder(suite),
            events=events,
            release=release,
            out=out,
            approvals=approvals,
            dry_run=dry_run,
        )
    )
    if json_file is not None:
        write_text(json_file, to_json(document))
    say(render_derivation(document, verbose=verbose), to_stderr=json_file == "-")
    return 0
