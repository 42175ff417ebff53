"""`dialgate dial watch`: which classes are to be demoted, once or as a file of events grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dialgate.commands.options import (
    NO_EVENTS,
    events_argument,
    given_events,
    out_option,
    suite_argument,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dialgate_evals.events.watched.event_watch import Watched


@click.command(name="watch")
@suite_argument
@events_argument
@click.option("--follow", is_flag=True, help="Go on as the file grows, until interrupted.")
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    default=5.0,
    show_default=True,
    metavar="S",
    help="Seconds between two looks, with --follow.",
)
@click.option("--no-state", is_flag=True, help="Read everything, and leave nothing for next time.")
@out_option
@click.option("--json", "json_file", metavar="-", type=click.Choice(["-"]), help="JSON Lines.")
def command(
    suite: Path,
    events: str | None,
    events_option: str | None,
    follow: bool,
    every: float,
    no_state: bool,
    out: Path,
    json_file: str | None,
) -> int:
    """Watch the review EVENTS of SUITE for classes whose intervention rate rose over the limit.

    Each class is named once, with since when, which release and which events; with --json - as a
    line of JSON for a pager. What was read of files is remembered below --out, so that the next
    look reads only new events; once anything old was changed or removed, it reads everything.
    Exit codes: 0 nothing; 1 a class is to be demoted; 2 for a usage or
    configuration error; 4 where there was no event to watch.
    """
    from dialgate.dial.watching import Watch, WatchRequest
    from dialgate.terminal.output import say
    from dialgate_evals.errors import UsageError
    from dialgate_evals.files.json_text import json_line
    from dialgate_evals.suite.workspace import suite_folder
    from dialgate_reports.graduation.recommendation_text import render_demotion

    def wait() -> bool:
        import time

        time.sleep(every)
        return True

    source = given_events(events, events_option)
    if source is None:
        raise UsageError(NO_EVENTS)
    request = WatchRequest(
        folder=suite_folder(suite),
        events=source,
        follow=follow,
        wait=wait,
        out=None if no_state or follow else out,
        say=lambda text: say(text, to_stderr=True),
    )
    watch = Watch(request)
    alarms = 0
    try:
        for demotion in watch.demotions():
            alarms += 1
            if json_file == "-":
                say(json_line(demotion.as_json()).decode("utf-8", "replace"))
            say(render_demotion(demotion.as_json()), to_stderr=json_file == "-")
    except KeyboardInterrupt:
        pass
    found = watch.found
    for text in _left_out(found):
        say(f"Left out: {text}", to_stderr=True)
    if alarms:
        return 1
    if not found.counted:
        # A feed that broke looks like a quiet one.
        say("0 events: nothing was watched. Look whether they still arrive.", to_stderr=True)
        return 4
    say(f"{found.counted:,} events, no class is to be demoted.", to_stderr=json_file == "-")
    return 0


def _left_out(found: Watched) -> Iterator[str]:
    """Every row that says nothing of production, or how many of a kind."""
    yield from map(str, found.bad)
    more = found.bad_rows - len(found.bad)
    if more:
        yield f"{more:,} more bad rows."
    if found.not_live:
        yield f"{found.not_live:,} events not from production."
