"""`dialgate bundle`: a failing trial in a small folder that runs again without its suite."""

from __future__ import annotations

from pathlib import Path

import click

from dialgate.commands.options import out_option, release_option, suite_argument


@click.command()
@suite_argument
@click.argument("case_id", metavar="CASE")
@release_option
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="A new folder for it. Default: bundle-CASE below --out.",
)
@click.option(
    "--budget",
    metavar="N",
    type=click.IntRange(min=0),
    default=60,
    show_default=True,
    help="Trials for finding what of the case's context the failure doesn't need; 0: none.",
)
@click.option("--json", "json_file", metavar="F", help="Write what it holds; - prints it.")
@out_option
def command(
    suite: Path,
    case_id: str,
    release: str | None,
    target: Path | None,
    budget: int,
    json_file: str | None,
    out: Path,
) -> int:
    """Put the newest failing trial of CASE, with all that it needs, into a sealed folder.

    Release, case, classes and trajectory, without secrets, each file with its digest. Messages,
    recordings and faults that the failure doesn't need are left out. Exit codes: 0; 2 for a usage
    or configuration error, also where no failing trial is on record; 4 where the agent can't run.
    """
    import re

    from dialgate.runs.fuzzing.agent_line import said_when_interrupted
    from dialgate.runs.on_record.bundles.bundling import BundleRequest, bundle
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.suite.release_files import named_release_file
    from dialgate_evals.suite.workspace import load_workspace, suite_folder
    from dialgate_reports.texts.findings.bundle_text import render_bundle

    workspace = load_workspace(suite_folder(suite))
    file = named_release_file(release, workspace.folder)
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", case_id)[:80].strip(".-") or "case"
    request = BundleRequest(
        workspace=workspace,
        release=workspace.release(file),
        release_file=file or workspace.folder / "release.toml",
        case_id=case_id,
        target=target or out / f"bundle-{plain}",
        budget=budget,
        out=out,
    )
    with said_when_interrupted("No bundle was written; --budget 0 makes one at once."):
        document = bundle(request)
    if json_file is not None:
        write_text(json_file, to_json(document))
    say(render_bundle(document), to_stderr=json_file == "-")
    return 0
