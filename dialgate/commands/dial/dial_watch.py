"""`dialgate dial watch`: which classes are to be demoted, once or as a file of events grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dialgate.commands.options import (
    events_argument,
    moment_of,
    needed_events,
    now_option,
    out_option,
    suite_argument,
    waiting,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dialgate.dial.alarms.watching import Watch
    from dialgate_evals.events.watched.looks import Watched
    from dialgate_gate.live.alarms.page import Page


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
@click.option("--apply", "is_applied", is_flag=True, help="Move alarming classes down, as system.")
@click.option(
    "--notify",
    multiple=True,
    metavar="NAME",
    help="Send each page to the Apprise URLs in this environment variable; may be repeated.",
)
@click.option("--no-state", is_flag=True, help="Read everything, and leave nothing for next time.")
@now_option
@out_option
@click.option("--json", "json_file", metavar="-", type=click.Choice(["-"]), help="JSON Lines.")
def command(
    suite: Path,
    events: str | None,
    events_option: str | None,
    follow: bool,
    every: float,
    is_applied: bool,
    notify: tuple[str, ...],
    no_state: bool,
    now: object,
    out: Path,
    json_file: str | None,
) -> int:
    """Watch the review EVENTS of SUITE for classes that alarm: interventions, and [watch].

    An alarm of a class is one page, with since when, which release, which change is suspected,
    who is on call and what to do; with --json - as a line of JSON. --apply moves an alarming class
    one mode down, into dial and ledger; --notify sends pages that were not sent before. What was
    read of files is remembered below --out, so that the next look reads only new events; once
    anything old was changed or removed, it reads everything. Exit codes: 0 nothing; 1 an alarm;
    2 for a usage or configuration error; 4 where there was no event to watch, or none says what
    the policy watches.
    """
    from dialgate.dial.alarms.applying import Answer
    from dialgate.dial.alarms.notifying import Sent, destinations
    from dialgate.dial.alarms.watching import Watch, WatchRequest
    from dialgate.terminal.output import say
    from dialgate_evals.suite.workspace import suite_folder

    source = needed_events(events, events_option)
    to = destinations(notify)
    kept = None if no_state else out
    request = WatchRequest(
        folder=suite_folder(suite),
        events=source,
        follow=follow,
        wait=waiting(every),
        out=None if follow else kept,
        records=out,
        now=None if now is None else moment_of(now),
        say=lambda text: say(text, to_stderr=True),
    )
    watch = Watch(request)
    answer = Answer(workspace=watch.workspace, is_applied=is_applied, to=to, sent=Sent(kept))
    alarms = 0
    try:
        for page in watch.pages():
            alarms += 1
            _show(page, json_file)
            for text in answer.to_page(page):
                say(text, to_stderr=json_file == "-")
    except KeyboardInterrupt:
        pass
    return _conclude(watch, alarms, json_file)


def _show(page: Page, json_file: str | None) -> None:
    from dialgate.terminal.output import say
    from dialgate_evals.files.json_text import json_line
    from dialgate_reports.graduation.page_text import render_page

    document = page.as_json()
    if json_file == "-":
        say(json_line(document).decode("utf-8", "replace"))
    say(render_page(document), to_stderr=json_file == "-")


def _conclude(watch: Watch, alarms: int, json_file: str | None) -> int:
    """Says what was left out and what could not be watched, and the exit code."""
    from dialgate.terminal.output import say

    found, paged = watch.found, watch.paged
    for text in _left_out(found):
        say(f"Left out: {text}", to_stderr=True)
    for text in (*paged.unwatched, *paged.blind):
        say(text, to_stderr=True)
    if alarms:
        return 1
    if not found.counted:
        # A feed that broke looks like a quiet one.
        say("0 events: nothing was watched. Look whether they still arrive.", to_stderr=True)
        return 4
    say(f"{found.counted:,} events, no class is to be demoted.", to_stderr=json_file == "-")
    return 4 if paged.blind else 0


def _left_out(found: Watched) -> Iterator[str]:
    """Every row that says nothing of production, or how many of a kind."""
    yield from map(str, found.bad)
    more = found.bad_rows - len(found.bad)
    if more:
        yield f"{more:,} more bad rows."
    if found.not_live:
        yield f"{found.not_live:,} events not from production."
