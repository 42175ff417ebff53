"""`dialgate lint`: every problem of a workspace at once."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("suites", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--changed",
    is_flag=True,
    help="The suites that a file changed since the last commit belongs to.",
)
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.option(
    "--tools",
    "with_tools",
    is_flag=True,
    help="Warn of tools that make harm easy: no bounds, free recipients, orders in a description.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
def command(
    suites: tuple[Path, ...], changed: bool, strict: bool, with_tools: bool, as_json: bool
) -> int:
    """Check every file of SUITE… and what stands between them; without SUITE, of suites/*.

    A file in place of a SUITE stands for the suites that it belongs to.
    Exit code 2 where there is an error (with --strict also for a warning), else 0.
    """
    import dataclasses
    import datetime as dt

    from dialgate.changes.linting import find_suites, lint_suite
    from dialgate.terminal.output import say, to_json
    from dialgate_gate.wording import count_of

    today = dt.datetime.now(dt.UTC).date()
    folders = find_suites(suites, changed=changed)
    problems = [
        problem
        for folder in folders
        for problem in lint_suite(folder, today, with_tools=with_tools)
    ]
    errors = [problem for problem in problems if strict or problem.severity == "error"]
    if as_json:
        say(to_json([dataclasses.asdict(problem) for problem in problems]))
    else:
        for problem in problems:
            say(f"{problem.severity}: {problem}")
        warnings = len(problems) - len(errors)
        counted = ((folders, "suite"), (errors, "error"), (range(warnings), "warning"))
        say(", ".join(count_of(len(found), noun) for found, noun in counted) + ".")
    return 2 if errors else 0
