"""One suite as a row of the fleet: what `dial recommend`, `dial watch` and the gate know of it.

Its events are read once for all of it. What can't be read is a problem of the row, and the rest is
shown. Leaves deciding to `gate`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dialgate.dial.alarms.paging import Pager
from dialgate.dial.dial_lookup import Dial
from dialgate.dial.operating.fleet.class_gathering import class_rows
from dialgate.dial.operating.fleet.event_places import EventPlace, event_place
from dialgate.dial.operating.fleet.last_gate import read_last_gate
from dialgate.dial.recommending.declared_readiness import overdue_reviews
from dialgate.dial.recommending.recommending import RecommendRequest, gather
from dialgate_evals.errors import ConfigurationError, DialgateError, EvidenceError
from dialgate_evals.files.plain_text import printable
from dialgate_evals.files.problems import show_path
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.ladder.fleet.suite_row import EventsState, FleetEvents, SuiteRow
from dialgate_gate.ladder.readiness import verify_readiness
from dialgate_gate.live.alarms.on_call import owner_on_call
from dialgate_gate.live.demotion import demotions_of
from dialgate_gate.settings.people.roles import role_holders

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from dialgate.dial.operating.fleet.suites_below import FoundSuite
    from dialgate.dial.recommending.gathered import Gathered
    from dialgate_gate.live.alarms.page import Page


@dataclass(frozen=True, kw_only=True)
class RowRequest:
    """What is asked of each suite."""

    events: str | None
    # a pattern; None: no events are read
    out: Path | None
    # where records lie; None: .dialgate of the root, else of the current folder
    now: dt.datetime


@dataclass(frozen=True, kw_only=True)
class _Events:
    """The events that are read, and what is said of them."""

    source: str | None
    said: FleetEvents
    problems: tuple[str, ...] = ()


def gather_row(found: FoundSuite, request: RowRequest, out: Path) -> SuiteRow:
    """The suite's row; never raises for what the suite holds."""
    folder = show_path(found.folder)
    if found.is_link:
        text = f"{folder}/suite.toml is a link, which is not followed."
        return SuiteRow(folder=folder, problems=(text,))
    try:
        name = load_workspace(found.folder).suite.name
    except (DialgateError, OSError) as error:
        return SuiteRow(folder=folder, problems=_sentences(error))
    try:
        return _row(found.folder, name, request, out)
    except (DialgateError, OSError) as error:
        return SuiteRow(folder=folder, name=name, problems=_sentences(error))


def _row(folder: Path, name: str, request: RowRequest, out: Path) -> SuiteRow:
    events = _place_events(folder, name, request)
    asked = RecommendRequest(
        folder=folder,
        events=events.source,
        run=None,
        release=None,
        out=out,
        now=request.now,
        with_tasks=True,
    )
    try:
        found = gather(asked)
    except (ConfigurationError, EvidenceError) as error:
        if events.source is None:
            raise
        # The suite without its events, unless they are not what is wrong.
        found = gather(replace(asked, events=None))
        said = replace(events.said, state=EventsState.UNREADABLE)
        events = _Events(source=None, said=said, problems=_sentences(error))
    return _of(found, events, out)


def _place_events(folder: Path, name: str, request: RowRequest) -> _Events:
    if request.events is None:
        return _Events(source=None, said=FleetEvents(state=EventsState.NOT_ASKED))
    try:
        place: EventPlace = event_place(request.events, name=name, folder=folder)
    except DialgateError as error:
        said = FleetEvents(state=EventsState.UNREADABLE)
        return _Events(source=None, said=said, problems=_sentences(error))
    state = EventsState.NONE_THERE if place.source is None else EventsState.READ
    return _Events(source=place.source, said=FleetEvents(state=state, place=place.shown))


def _of(found: Gathered, events: _Events, out: Path) -> SuiteRow:
    settings, workspace = found.settings, found.workspace
    problems = list(events.problems)
    pages = _pages(found, out, problems)
    moment = found.now.timestamp()
    dial = Dial.load(workspace.folder, clock=lambda: moment)
    gate = None
    try:
        gate = read_last_gate(out, workspace.suite.name, found.release.fingerprint)
    except EvidenceError as error:
        problems += _sentences(error)
    said = replace(events.said, counted=found.cube.counted, bad=found.cube.bad_rows)
    holders = role_holders(settings.runbook.owners, settings.owners, found.now.date())
    warning = dial.lease_warning()
    return SuiteRow(
        folder=show_path(workspace.folder),
        name=workspace.suite.name,
        release={
            "name": found.release.name,
            "version": found.release.version,
            "fingerprint": found.release.fingerprint,
        },
        classes=class_rows(found, dial, pages),
        gate=gate,
        events=said,
        readiness=verify_readiness(("owner", "kill_switch", "rollback"), "", found.facts),
        overdue=overdue_reviews(found),
        owners={item.role: item.shown for item in holders if item.text},
        on_call=_on_call(found, problems),
        warnings=(*([warning] if warning else []), *found.queue_warnings),
        problems=tuple(problems),
    )


def _pages(found: Gathered, out: Path, problems: list[str]) -> tuple[Page, ...]:
    """The alarms of the events that were read, as `dial watch` pages them."""
    settings = found.settings
    demotions = demotions_of(
        found.classes, found.cube.alarms, settings.dial, settings.policy.demote
    )
    try:
        pager = Pager(found.workspace, settings, out, found.now)
        paged = pager.pages(tuple(demotions.values()), found.tasks)
    except ValueError as error:
        problems.append(printable(str(error)))
        return ()
    problems += paged.blind
    return paged.pages


def _on_call(found: Gathered, problems: list[str]) -> str:
    names = found.workspace.actions.names
    try:
        paged = owner_on_call(found.settings, names[0] if names else "", found.now)
    except ValueError as error:
        problems.append(printable(str(error)))
        return ""
    return paged.shown


def _sentences(error: Exception) -> tuple[str, ...]:
    """Each problem that the error carries, else its own words."""
    problems = getattr(error, "problems", ())
    texts = [str(item) for item in problems] or [str(error) or type(error).__name__]
    return tuple(printable(text) for text in texts)
