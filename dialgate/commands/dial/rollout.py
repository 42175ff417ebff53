"""`dialgate rollout`: promote, wait or roll back, from what production shows of two releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dialgate.commands.options import (
    events_argument,
    moment_of,
    needed_events,
    now_option,
    suite_argument,
)

if TYPE_CHECKING:
    from pathlib import Path

EXIT_CODES = {"promote": 0, "roll_back": 1, "wait": 3}


@click.command(name="rollout")
@suite_argument
@events_argument
@click.option("--candidate", required=True, metavar="A", help="The new release, as events name it.")
@click.option("--baseline", required=True, metavar="B", help="The old one.")
@click.option(
    "--hold/--no-hold",
    default=False,
    help="Waiting is exit 0 too: for the steps of a rollout that only a roll back ends.",
)
@click.option(
    "--all-days",
    is_flag=True,
    help="Count the baseline's tasks of days before the candidate's first one, too.",
)
@click.option("--json", "json_file", metavar="F", help="Write the decision as JSON; - prints it.")
@now_option
def command(
    suite: Path,
    events: str | None,
    events_option: str | None,
    candidate: str,
    baseline: str,
    hold: bool,
    all_days: bool,
    json_file: str | None,
    now: object,
) -> int:
    """Is release A worse than B in production? From the review EVENTS of SUITE, class by class.

    It may be asked as often as one likes. Exit codes: 0 promote; 1 roll back; 2 usage or
    configuration error; 3 wait (0 with --hold); 4 where there is no task of the baseline.
    """
    from dialgate.dial.operating.rollout_decision import RolloutRequest, describe_rollout
    from dialgate.terminal.output import say, to_json, write_text
    from dialgate_evals.suite.workspace import suite_folder
    from dialgate_reports.texts.operating.rollout_text import render_rollout

    source = needed_events(events, events_option)
    document = describe_rollout(
        RolloutRequest(
            folder=suite_folder(suite),
            events=source,
            baseline=baseline,
            candidate=candidate,
            now=moment_of(now),
            all_days=all_days,
        )
    )
    if json_file is not None:
        write_text(json_file, to_json(document))
    say(render_rollout(document), to_stderr=json_file == "-")
    code = EXIT_CODES[document["decision"]]
    return 0 if hold and document["decision"] == "wait" else code
