"""`dialgate drill`: is the agent stopped, is the old release there, are actions taken back?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dialgate.commands.options import release_option, suite_argument

if TYPE_CHECKING:
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.audit.drills.kill_switch import DrillResult
    from dialgate_gate.audit.drills.statement import DrillKind
    from dialgate_gate.settings.runbook import Runbook

KINDS = ("kill-switch", "rollback", "compensation")


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@suite_argument
@release_option
@click.option("--live", is_flag=True, help="kill-switch: pull kill_switch.run itself.")
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Sign the result with this private key; else that of DIALGATE_SIGNING_KEY, if there is "
    "one. It goes to SUITE/drills/.",
)
@click.option("--json", "json_file", metavar="F", help="Write the statement; - prints it.")
def command(
    kind: str, suite: Path, release: str | None, live: bool, key: Path | None, json_file: str | None
) -> int:
    """Tries what SUITE's runbook says, against simulated tools, and signs what came out.

    kill-switch pulls kill_switch.drill under trials; rollback runs the suite of the ref; and
    compensation runs the cases that take actions back. Exit codes: 0 held; 1 not; 2 usage or
    configuration error, or a drill that can show nothing; 4 the agent could not be run.
    """
    import datetime as dt
    import os

    from dialgate.dial.grounds.drill_files import write_drill
    from dialgate.signatures.keys import KEY_VARIABLE, signing_key
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.errors import UsageError
    from dialgate_evals.files.problems import show_path
    from dialgate_evals.suite.release_files import named_release_file
    from dialgate_evals.suite.versions import installed_versions
    from dialgate_evals.suite.workspace import load_workspace, suite_folder
    from dialgate_gate.audit.drills.statement import DrillKind, drill_statement
    from dialgate_gate.settings.settings import load_settings
    from dialgate_reports.texts.operating.drill_text import render_drill

    if live and kind != "kill-switch":
        raise UsageError("--live is for drill kill-switch.")
    # Taken out of the environment before any agent is started.
    signs = signing_key(wanted=key is not None or KEY_VARIABLE in os.environ, path=key)
    workspace = load_workspace(suite_folder(suite))
    settings = load_settings(workspace.folder)
    found = workspace.release(named_release_file(release, workspace.folder))
    which = DrillKind(kind)
    result = _drill(which, workspace, found, settings.runbook, live=live)
    statement: dict[str, Any] = drill_statement(
        which,
        result,
        suite=workspace.suite.name,
        release=found,
        runbook=settings.runbook,
        at=dt.datetime.now(dt.UTC),
        live=live,
        version=installed_versions()["dialgate"],
    )
    if json_file is not None:
        write_text(json_file, to_json(statement))
    say(render_drill(statement), to_stderr=json_file == "-")
    if signs is not None:
        path = write_drill(workspace.folder, which, statement, signs)
        say(f"Signed: {show_path(path)}", to_stderr=json_file == "-")
    return 0 if result.held else 1


def _drill(
    which: DrillKind, workspace: Workspace, release: Release, runbook: Runbook, *, live: bool
) -> DrillResult:
    from dialgate.dial.operating.kill_switch_drill import drill_kill_switch
    from dialgate.dial.operating.ref_drills import drill_compensation, drill_rollback
    from dialgate_gate.audit.drills.statement import DrillKind

    match which:
        case DrillKind.KILL_SWITCH:
            return drill_kill_switch(workspace, release, runbook, live=live)
        case DrillKind.ROLLBACK:
            return drill_rollback(workspace, runbook)
        case DrillKind.COMPENSATION:
            return drill_compensation(workspace, release, runbook)
