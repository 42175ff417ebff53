"""`dialgate cases new`: a case that a person writes, asked for step by step or given by options."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dialgate.commands.options import release_option, suite_argument

if TYPE_CHECKING:
    from dialgate.cases.new_case import CaseDraft
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


@click.command(name="new")
@suite_argument
@release_option
@click.option("--request", metavar="TEXT", help="What the user says; without it you are asked.")
@click.option(
    "--action",
    "actions",
    nargs=2,
    multiple=True,
    metavar="TOOL JSON",
    help="A call that should follow, with its arguments; repeatable. None: nothing should happen.",
)
@click.option(
    "--answer",
    "answers",
    nargs=3,
    multiple=True,
    metavar="TOOL JSON JSON",
    help="What a tool answers to these arguments; repeatable.",
)
@click.option(
    "--recorded",
    is_flag=True,
    help="Take calls and answers from what was recorded of MCP servers and no case has.",
)
@click.option("--id", "case_id", metavar="ID", help="Default: the next number of the suite.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Repeatable.")
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="F",
    help="The case file, .jsonl or .yaml. Default: the first that people write cases in.",
)
@click.option("--dry-run", is_flag=True, help="Show and check the case; write nothing.")
def command(
    suite: Path,
    release: str | None,
    request: str | None,
    actions: tuple[tuple[str, str], ...],
    answers: tuple[tuple[str, str, str], ...],
    recorded: bool,
    case_id: str | None,
    tags: tuple[str, ...],
    file: Path | None,
    dry_run: bool,
) -> int:
    """Write a case into SUITE: what is said, which call should follow, what the tools answer.

    Every value is checked against the tool's schema, and the case as `lint` would, before anything
    is written. Exit codes: 0; 2 for a usage or configuration error.
    """
    from dialgate.cases.new_case import add_case, case_file, check_case, next_id, refuse_problems
    from dialgate.terminal.output import say
    from dialgate_evals.files.problems import show_path
    from dialgate_evals.suite.case import parse_case
    from dialgate_evals.suite.release_files import named_release_file
    from dialgate_evals.suite.workspace import load_workspace, suite_folder
    from dialgate_reports.texts.case_conversation import render_case

    workspace = load_workspace(suite_folder(suite))
    shipped = workspace.release(named_release_file(release, workspace.folder))
    target = case_file(workspace, file)
    if recorded:
        draft = _recorded(workspace, request, is_alone=not actions and not answers, tags=tags)
    else:
        draft = _draft(workspace, shipped, request, actions, answers, tags)
    document = draft.document(case_id or next_id(workspace))
    refuse_problems(check_case(document, workspace, shipped))
    if not dry_run:
        add_case(document, target)
    say(render_case(parse_case(document)))
    say(f"{'Would be written' if dry_run else 'Written'} into {show_path(target)}.")
    return 0


def _recorded(
    workspace: Workspace, request: str | None, *, is_alone: bool, tags: tuple[str, ...]
) -> CaseDraft:
    """From the recorded calls; only the request is the person's to say."""
    from dialgate.cases.asking import ask_request
    from dialgate.cases.recorded_calls import recorded_calls, recorded_draft
    from dialgate.terminal.output import say
    from dialgate_evals.errors import UsageError
    from dialgate_evals.files.json_text import json_text
    from dialgate_evals.files.plain_text import printable, shorten

    if not is_alone:
        raise UsageError("--recorded says the calls and answers: leave --action and --answer out.")
    if request is None:
        if not sys.stdin.isatty():
            raise UsageError("There is no terminal to ask at: say the request with --request.")
        for call in recorded_calls(workspace, None):
            text = f"{call['name']}({json_text(call['arguments'])})"
            say(printable(shorten(text, 200)), to_stderr=True)
        request = ask_request()
    return recorded_draft(workspace, None, request, tags)


def _draft(
    workspace: Workspace,
    release: Release,
    request: str | None,
    actions: tuple[tuple[str, str], ...],
    answers: tuple[tuple[str, str, str], ...],
    tags: tuple[str, ...],
) -> CaseDraft:
    """From the options where the request is one of them, else from the person at the terminal."""
    from dialgate.cases.asking import ask_answers, ask_calls, ask_request
    from dialgate.cases.new_case import CaseDraft
    from dialgate_evals.actions.action_classes import Effect
    from dialgate_evals.errors import UsageError

    if request is not None:
        return CaseDraft(
            request=request,
            actions=tuple(_call(name, text, "--action") for name, text in actions),
            recordings=tuple(
                {**_call(name, text, "--answer"), "result": _json(result, "--answer")}
                for name, text, result in answers
            ),
            tags=tags,
        )
    if not sys.stdin.isatty():
        raise UsageError("There is no terminal to ask at: say the case with --request.")
    reads = [
        tool.name
        for tool in release.tools
        if {one.effect for one in workspace.actions.classes_of_tool(tool.name)} == {Effect.READ}
    ]
    return CaseDraft(
        request=ask_request(),
        actions=tuple(
            ask_calls(
                release.tools,
                f"Which call should follow ({', '.join(_others(release, reads))}; Enter: none)",
            )
        ),
        recordings=tuple(ask_answers(release.tools, reads)),
        tags=tags,
    )


def _others(release: Release, reads: list[str]) -> list[str]:
    return [tool.name for tool in release.tools if tool.name not in reads]


def _call(name: str, text: str, option: str) -> dict[str, Any]:
    return {"name": name, "arguments": _json(text, option)}


def _json(text: str, option: str) -> Any:  # noqa: ANN401 - JSON data
    from dialgate_evals.errors import UsageError
    from dialgate_evals.files.json_text import JsonTextError, parse_json

    try:
        return parse_json(text.encode("utf-8"))
    except JsonTextError as error:
        raise UsageError(f"{option}: found {error}; expected JSON.") from None
