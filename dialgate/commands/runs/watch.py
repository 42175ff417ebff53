"""`dialgate watch`: runs the affected cases whenever a file of the suite is saved."""

from __future__ import annotations

from pathlib import Path

import click

from dialgate.commands.options import out_option, release_option


@click.command()
@click.argument("suite", required=False, type=click.Path(path_type=Path))
@release_option
@click.option("--trials", type=click.IntRange(1, 1000), help="Trials per case.")
@click.option(
    "--skip-first",
    is_flag=True,
    help="Run nothing before the first save: what it affects then has nothing to be compared with.",
)
@out_option
def command(
    suite: Path | None, release: str | None, trials: int | None, skip_first: bool, out: Path
) -> int:
    """Run the affected cases of SUITE whenever a prompt, schema, case or code file is saved.

    Without SUITE the only one of suites/*. Shows what changed and each class before and now; says
    nothing of a regression, which is for `check` to judge. Ends with Ctrl-C and exit code 0; 2 for
    a usage or configuration error.
    """
    from dialgate.changes.file_saves import saves_in
    from dialgate.changes.linting import find_suites
    from dialgate.changes.save_watch import SaveWatch, SaveWatchRequest, follow
    from dialgate.runs.recorded_run import RunOptions
    from dialgate.terminal.output import say
    from dialgate_evals.errors import InterruptedRunError, UsageError
    from dialgate_evals.files.problems import show_path
    from dialgate_reports.texts.save_text import render_save

    folders = find_suites([suite] if suite else [])
    if len(folders) > 1:
        raise UsageError(f"There are {len(folders)} suites here. Name one of them.")
    options = RunOptions(out=out, trials=trials)
    watch = SaveWatch(SaveWatchRequest(folder=folders[0], release=release, options=options))
    said: list[str] = []

    def ready() -> None:
        if not said:
            said.append(f"Watching {', '.join(map(show_path, watch.folders))}; Ctrl-C ends it.")
            say(said[0])

    try:
        if not skip_first:
            say(f"{watch.name}, first run:\n{render_save(watch.run_all())}")
        follow(watch, saves_in, lambda document: say(f"\n{render_save(document)}"), ready=ready)
    except (KeyboardInterrupt, InterruptedRunError):
        say("Stopped.")
    return 0
