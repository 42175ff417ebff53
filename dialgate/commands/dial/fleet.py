"""`dialgate fleet`: every suite on one page, and what needs a decision today."""

from __future__ import annotations

from pathlib import Path

import click

from dialgate.commands.options import moment_of, now_option, verbose_option


@click.command(name="fleet")
@click.argument("roots", nargs=-1, metavar="[ROOT]...", type=click.Path(path_type=Path))
@click.option(
    "--events",
    metavar="PATTERN",
    help="Where the review events of each suite lie: a file, folder, glob or URL with {name} (the "
    "suite's name) or {folder} (its folder). Default: none are read.",
)
@click.option("--json", "json_file", metavar="F", help="Write the fleet as JSON; - prints it.")
@click.option(
    "--html", "html_file", metavar="F", help="Write it as a self-contained page; - prints it."
)
@now_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where run records and verdicts lie. Default: .dialgate of each ROOT, else of the "
    "current folder.",
)
@verbose_option
def command(
    roots: tuple[Path, ...],
    events: str | None,
    json_file: str | None,
    html_file: str | None,
    now: object,
    out: Path | None,
    verbose: bool,
) -> int:
    """Show every suite below the ROOTs by risk, and what needs a decision today.

    A suite is a folder with a suite.toml; links are not followed. Nothing is run. A suite that
    can't be read is a row with its problem. Exit codes: 0; 2 for a usage error, or where there is
    no suite; 4 where evidence can't be read, or none is there of a class that acts before people
    look.
    """
    from dialgate.dial.operating.fleet.fleet_document import describe_fleet
    from dialgate.dial.operating.fleet.suite_gathering import RowRequest
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate.terminal.progress import show_step
    from dialgate_evals.errors import UsageError
    from dialgate_reports.fleet.fleet_page import render_fleet_page
    from dialgate_reports.fleet.fleet_text import render_fleet

    if json_file == "-" == html_file:
        raise UsageError("Only one of --json and --html can go to standard output.")
    request = RowRequest(events=events, out=out, now=moment_of(now))

    def progress(done: int, total: int) -> None:
        show_step(done, total, "Reading suites")

    found = describe_fleet(roots or (Path(),), request, progress)
    if json_file is not None:
        write_text(json_file, to_json(found.document))
    if html_file is not None:
        write_text(html_file, render_fleet_page(found.document))
    say(render_fleet(found.document, verbose=verbose), to_stderr="-" in {json_file, html_file})
    return 0 if found.is_whole else 4
