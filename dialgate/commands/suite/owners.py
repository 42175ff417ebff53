"""`dialgate owners`: who holds which role, who answers for each class, who is on call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dialgate.commands.options import suite_argument

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@suite_argument
@click.option("--at", metavar="T", help="Who is on call at this time (RFC 3339); by default now.")
@click.option("--json", "json_file", metavar="F", help="Write it as JSON; - prints it.")
def command(suite: Path, at: str | None, json_file: str | None) -> int:
    """The people of SUITE: roles, who answers for each class, who is on call, what is overdue.

    Nothing is run. Exit codes: 0; 1 where nobody is on call at that time, or will be for a while
    in the next four weeks; 2 for a usage or configuration error.
    """
    import datetime as dt

    from dialgate.changes.owner_facts import owners_document
    from dialgate.dial.grounds.base_people import people_of_base
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.errors import UsageError
    from dialgate_evals.suite.workspace import load_workspace, suite_folder
    from dialgate_gate.settings.settings import load_settings
    from dialgate_reports.texts.owners_text import render_owners

    try:
        moment = dt.datetime.now(dt.UTC) if at is None else dt.datetime.fromisoformat(at)
    except ValueError:
        raise UsageError(f"--at {at}: expected a time like 2026-11-29T16:00:00Z.") from None
    if moment.tzinfo is None:
        raise UsageError(f"--at {at}: say the time zone too, as in {at}Z.")
    workspace = load_workspace(suite_folder(suite))
    people = people_of_base(workspace.folder, load_settings(workspace.folder))
    document = owners_document(workspace, people.settings, workspace.release(), moment, people.note)
    if json_file is not None:
        write_text(json_file, to_json(document))
    say(render_owners(document), to_stderr=json_file == "-")
    on_call = document["on_call"]["on_call"]
    return 1 if on_call is not None and (document["gaps"] or not on_call["people"]) else 0
