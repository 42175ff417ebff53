"""`dialgate changes`: what differs in a release and its suite, and whether `check` has to run."""

from __future__ import annotations

from pathlib import Path

import click

from dialgate.commands.options import release_option


@click.command()
@click.argument("suites", nargs=-1, metavar="[SUITE]", type=click.Path(path_type=Path))
@release_option
@click.option(
    "--baseline",
    metavar="REF|FILE",
    help="What to compare with: a git ref or a release file. Default: as `check` finds it; HEAD "
    "with --quick.",
)
@click.option(
    "--quick",
    is_flag=True,
    help="One line for each change, for the suites named or, with file names or nothing, those "
    "that the files changed since the base belong to.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 where something triggers `check`.")
@click.option("--json", "json_file", metavar="F", help="Write the changes as JSON; - prints it.")
@click.option("--markdown", "markdown_file", metavar="F", help="Write Markdown; - prints it.")
def command(
    suites: tuple[Path, ...],
    release: str | None,
    baseline: str | None,
    quick: bool,
    exit_code: bool,
    json_file: str | None,
    markdown_file: str | None,
) -> int:
    """Compare the release and its suite with a baseline, component by component. Runs nothing.

    Says per action class what may be affected. Exit codes: 0; with --exit-code 1 where `check`
    has something to judge; 2 for a usage or configuration error.
    """
    from dialgate.changes.comparing import ChangesRequest, describe_suite_changes
    from dialgate.git.asking.kept_answers import asking_once
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.errors import UsageError
    from dialgate_evals.suite.workspace import suite_folder
    from dialgate_reports.texts.changes_text import render_changes

    with asking_once():
        if quick:
            from dialgate.changes.touched_suites import last_commit, touched_suites

            baseline = baseline or last_commit()
            folders = touched_suites(suites, baseline)
        elif len(suites) == 1:
            folders = [suite_folder(suites[0])]
        else:
            raise UsageError("Name one suite, or use --quick, which takes several or none.")
        if (json_file or markdown_file) and len(folders) != 1:
            raise UsageError(f"--json and --markdown hold one suite, and these are {len(folders)}.")
        documents = [
            describe_suite_changes(
                ChangesRequest(folder=folder, release=release, baseline=baseline)
            )
            for folder in folders
        ]
    to_stderr = "-" in {json_file, markdown_file}
    for document in documents:
        say(render_changes(document, words=not quick), to_stderr=to_stderr)
    if not documents:
        say("No file of a suite changed.", to_stderr=to_stderr)
    if json_file:
        write_text(json_file, to_json(documents[0]))
    if markdown_file:
        from dialgate_reports.texts.changes_markdown import render_changes_markdown

        write_text(markdown_file, render_changes_markdown(documents[0]))
    return int(exit_code and any(document["triggers"] for document in documents))
