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
    "--target",
    metavar="T",
    help="The agent itself: module:function, an address, or the command that starts it.",
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
    directory: Path, yes: bool, name: str | None, kind: str | None, target: str | None,
    sources: tuple[Path, ...],
) -> int:  # fmt: skip
    """Scaffold a workspace in DIRECTORY (default: here); files that exist are never touched.

    Looks at what is there and asks at most three questions; none with --yes or without a terminal.
    Where `record` or `cases import` made the suite already, --target names its agent: then only
    [agent] of its suite.toml and code and model of its release.toml change.
    """
    import os

    from dialgate.scaffold.choices import make_choices
    from dialgate.scaffold.own_agent import is_there, only_waiting
    from dialgate.scaffold.scaffold import scaffold
    from dialgate.scaffold.surroundings import look_around
    from dialgate.terminal.output import say
    from dialgate_evals.errors import UsageError
    from dialgate_evals.files.plain_text import printable

    if sources and kind is not None and target is None:
        raise UsageError("--from makes a suite of recorded conversations, so --kind says nothing.")
    around = look_around(directory, os.environ)
    for line in around.found:
        say(printable(f"found {line}"))
    if name is None and target is not None and not sources:
        name = only_waiting(directory)
    ask = None if yes or not _has_terminal() else _ask
    choices = make_choices(
        around, name=name, kind=kind, target=target, ask=ask, is_import=bool(sources)
    )  # fmt: skip
    if sources:
        _import(directory, choices, around, sources)
    elif target is None or not is_there(directory, choices):
        _say_written(directory, choices, scaffold(directory, choices, around))
        _say_next(directory, choices, around)
        return 0
    if target is not None:
        _name_agent(directory, choices, around)
    return 0


def _say_written(directory: Path, choices: WorkspaceChoices, paths: list[Path]) -> None:
    from dialgate.terminal.output import say
    from dialgate.terminal.written import wrote_lines
    from dialgate_evals.files.plain_text import printable
    from dialgate_evals.files.problems import show_path

    folders = [
        show_path(directory / "suites" / choices.name),
        show_path(directory / ".schemas/dialgate"),
    ]
    if not paths:
        return
    lines = wrote_lines([show_path(path) for path in paths], *folders)
    text = "\n".join(lines)
    say("\n".join(map(printable, text.splitlines())))


def _has_terminal() -> bool:
    import sys

    return sys.stdin.isatty() and sys.stdout.isatty()


def _ask(question: str, default: str) -> str:
    answer: str = click.prompt(question, default=default)
    return answer.strip()


def _import(
    directory: Path,
    choices: WorkspaceChoices,
    around: Surroundings,
    sources: tuple[Path, ...],
) -> None:
    from dialgate.cases.imported_suite import ImportRequest, import_suite, render_import
    from dialgate.scaffold.scaffold import beside, write_files
    from dialgate.terminal.output import say
    from dialgate_evals.files.plain_text import printable

    out = directory / "suites" / choices.name
    document = import_suite(ImportRequest(sources=sources, format=None, out=out))
    made = write_files(beside(directory, choices.name, around, is_made=True))
    _say_written(directory, choices, made)
    # last, because it ends with what to do next
    say("\n".join(map(printable, render_import(document, out).splitlines())))


def _name_agent(directory: Path, choices: WorkspaceChoices, around: Surroundings) -> None:
    """The agent of a suite that was recorded or imported, and what may lack beside the suite."""
    from dialgate.scaffold.own_agent import name_agent
    from dialgate.scaffold.scaffold import beside, write_files
    from dialgate.terminal.output import say
    from dialgate_evals.files.plain_text import printable

    changed = name_agent(directory, choices, around)
    made = write_files(beside(directory, choices.name, around, is_made=True))
    _say_written(directory, choices, [*changed, *made])
    suite, where = f"suites/{choices.name}", _where(directory)
    say(printable(f"The agent of {suite} is {choices.target}. Does it start and pass?"))
    say(printable(f"  {where}dialgate doctor {suite} && dialgate run {suite}"))


def _where(directory: Path) -> str:
    import shlex

    return "" if directory == Path() else f"cd {shlex.quote(str(directory))} && "


def _say_next(directory: Path, choices: WorkspaceChoices, around: Surroundings) -> None:
    import datetime as dt

    from dialgate.changes.linting import lint_suite
    from dialgate.scaffold.next_steps import next_steps
    from dialgate.terminal.output import say
    from dialgate_evals.files.plain_text import printable

    today = dt.datetime.now(dt.UTC).date()
    for problem in lint_suite(directory / "suites" / choices.name, today):
        # of files that were there before: the scaffold's own have none
        say(printable(f"{problem.severity}: {problem}"))
    say("\n" + "\n".join(map(printable, next_steps(choices, around, _where(directory)))))
