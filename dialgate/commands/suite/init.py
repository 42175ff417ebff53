"""`dialgate init`: a workspace that runs as it is, made for what is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dialgate.scaffold.choices import WorkspaceChoices
    from dialgate.scaffold.surroundings import Surroundings


@click.command()
@click.argument("directory", required=False, default=".", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Ask nothing: take what was found, else the defaults.")
@click.option("--name", metavar="N", help="The agent's name. Default: the project's, or my-agent.")
@click.option(
    "--kind", metavar="K", help="How the agent is reached: python, command, http, chat, transcript."
)
@click.option(
    "--from",
    "sources",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="IMPORT",
    help="Make the suite of logs or another tool's suite, as `cases import` does; repeatable.",
)
def command(
    directory: Path, yes: bool, name: str | None, kind: str | None, sources: tuple[Path, ...]
) -> int:
    """Scaffold a workspace in DIRECTORY (default: here); files that exist are never touched.

    Looks at what is there and asks at most three questions; none with --yes or without a terminal.
    """
    import os

    from dialgate.scaffold.choices import make_choices
    from dialgate.scaffold.scaffold import scaffold
    from dialgate.scaffold.surroundings import look_around
    from dialgate.terminal.output import say
    from dialgate_evals.errors import UsageError
    from dialgate_evals.files.plain_text import printable
    from dialgate_evals.files.problems import show_path

    if sources and kind is not None:
        raise UsageError("--from makes a suite of recorded conversations, so --kind says nothing.")
    around = look_around(directory, os.environ)
    for line in around.found:
        say(printable(f"found {line}"))
    ask = None if yes or not _has_terminal() else _ask
    choices = make_choices(around, name=name, kind=kind, ask=ask, is_import=bool(sources))
    if sources:
        return _import(directory, choices, around, sources)
    for path in scaffold(directory, choices, around):
        say(f"wrote {show_path(path)}")
    _say_next(directory, choices, around)
    return 0


def _has_terminal() -> bool:
    import sys

    return sys.stdin.isatty() and sys.stdout.isatty()


def _ask(question: str, default: str) -> str:
    answer: str = click.prompt(question, default=default)
    return answer.strip()


def _import(
    directory: Path, choices: WorkspaceChoices, around: Surroundings, sources: tuple[Path, ...]
) -> int:
    from dialgate.cases.imported_suite import ImportRequest, import_suite, render_import
    from dialgate.scaffold.scaffold import beside, write_files
    from dialgate.terminal.output import say
    from dialgate_evals.files.plain_text import printable
    from dialgate_evals.files.problems import show_path

    out = directory / "suites" / choices.name
    document = import_suite(ImportRequest(sources=sources, format=None, out=out))
    written = write_files(beside(directory, choices.name, around))
    document["files"] += [show_path(path) for path in written]
    say("\n".join(map(printable, render_import(document, out).splitlines())))
    say(printable(f"Then look at each of them: dialgate accept {show_path(out)}"))
    return 0


def _say_next(directory: Path, choices: WorkspaceChoices, around: Surroundings) -> None:
    import datetime as dt
    import shlex

    from dialgate.changes.linting import lint_suite
    from dialgate.scaffold.next_steps import next_steps
    from dialgate.terminal.output import say
    from dialgate_evals.files.plain_text import printable

    today = dt.datetime.now(dt.UTC).date()
    for problem in lint_suite(directory / "suites" / choices.name, today):
        # of files that were there before: the scaffold's own have none
        say(printable(f"{problem.severity}: {problem}"))
    where = "" if directory == Path() else f"cd {shlex.quote(str(directory))} && "
    say("\n" + "\n".join(map(printable, next_steps(choices, around, where))))
