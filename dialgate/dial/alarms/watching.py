"""`dialgate dial watch`: review events in, pages out; once, or as a file grows.

The wiring around `events.watched`, `live.demotion` and `dial.alarms`; an alarm of a class is
reported once. Waiting is a function that is given.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate.dial.alarms.paging import Paged, Pager
from dialgate.dial.growing_file import GrowingFile
from dialgate.dial.recommending.asking_events import asked_of
from dialgate_evals.actions.action_classes import UNCLASSIFIED
from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.events.bad_rows import MOST_NAMED
from dialgate_evals.events.counts.cube_and_tasks import streams_of
from dialgate_evals.events.counts.task_streams import TaskStreams
from dialgate_evals.events.named_source import FileKind, FileSource, name_source
from dialgate_evals.events.watched.event_watch import watch_events
from dialgate_evals.events.watched.looks import Look, Watched, checked_table, find_alarms
from dialgate_evals.events.watched.task_watch import stream_tasks
from dialgate_evals.events.watched.watch_state import StateFolder
from dialgate_evals.files.file_reading import read_bytes
from dialgate_evals.files.json_text import JsonTextError, digest_of, digest_of_bytes, parse_json
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.records.machine_key import machine_key
from dialgate_evals.records.own_folders import refuse_links
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.live.demotion import demotion_of
from dialgate_gate.live.live_figures import SAME_CALL_LIMIT
from dialgate_gate.settings.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dialgate_evals.events.counts.checked_table import CheckedTable
    from dialgate_evals.events.counts.review_event_files import Row
    from dialgate_evals.events.named_source import TableSource
    from dialgate_gate.live.alarms.page import Page
    from dialgate_gate.live.demotion import Demotion


def _silent(text: str) -> None:
    """Says nothing: nobody asked to be told."""


@dataclass(frozen=True, kw_only=True)
class WatchRequest:
    """What a person asked for."""

    folder: Path
    events: str | Path
    # a file, folder, glob or URL; only one file of JSON Lines can be followed
    follow: bool = False
    wait: Callable[[], bool] | None = None
    # between two looks; False ends the watch
    out: Path | None = None
    # where the states of watches lie; None: none is kept
    records: Path = Path(".dialgate")
    # where run records lie, which say what releases differ in
    now: dt.datetime | None = None
    # until when tasks can have begun; None: the clock's, at each look
    say: Callable[[str], None] = _silent
    # is told why something was read again


class Watch:
    """All classes of a suite under watch."""

    def __init__(self, request: WatchRequest) -> None:
        workspace = load_workspace(request.folder)
        self._settings = load_settings(request.folder)
        policy = self._settings.policy.demote
        if policy is None:
            raise ConfigurationError([_no_demote(request.folder)])
        self._policy = policy
        self._request = request
        self.workspace = workspace
        self._source = name_source(request.events)
        self._file = _growing(self._source)
        if request.follow and self._file is None:
            raise UsageError("--follow needs one file of JSON Lines; watch other sources once.")
        self._order = (*workspace.actions.names, UNCLASSIFIED.name)
        self._modes = {
            item.name: self._settings.dial.mode_of(item)
            for item in (*workspace.actions.classes, UNCLASSIFIED)
        }
        self._look = Look(
            actions=workspace.actions,
            asked=asked_of(workspace, self._settings, lambda _: True),
            say=request.say,
            loop_limit=None if self._settings.policy.watch is None else SAME_CALL_LIMIT,
        )
        self._named: set[str] = set()
        self.found = Watched()
        self.paged = Paged()
        # both of the last look

    def pages(self) -> Iterator[Page]:
        """Each alarm of a class, once, as soon as the events show it.

        Raises ConfigurationError where there is no such file, or over 1 % of the first look's
        rows are bad; a bad row that comes later is listed in `found.bad`.
        """
        if self._file is not None and not self._file.path.is_file():
            raise ConfigurationError([_no_events(self._file.path)])
        if self._request.follow:
            yield from self._follow()
            return
        self.found = watch_events(self._source, self._look, self._state())
        streams = self.found.streams
        if streams is None and self._needs_tasks():
            streams = stream_tasks(self._source, self._look, SAME_CALL_LIMIT)
        yield from self._new(streams or TaskStreams())

    def _needs_tasks(self) -> bool:
        """Whether tasks are looked at one by one: for `[watch]`, or what an alarm came with."""
        return bool(self.found.alarms) or self._settings.policy.watch is not None

    def _follow(self) -> Iterator[Page]:
        wait, file = self._request.wait, self._file
        assert file is not None
        with checked_table(self._look.actions, None) as table:
            is_first = True
            while is_first or (wait is not None and wait()):
                before = table.rows
                table.add_rows(self._new_rows(file))
                if is_first:
                    table.lines.refuse()
                if is_first or table.rows > before:
                    self._take(table)
                    is_needed = self._needs_tasks()
                    streams = streams_of(table, SAME_CALL_LIMIT) if is_needed else TaskStreams()
                    yield from self._new(streams)
                is_first = False

    def _new_rows(self, file: GrowingFile) -> Iterator[Row]:
        for number, line in file.read():
            try:
                document: object = parse_json(line)
            except JsonTextError as error:
                document = error
            yield self._source.shown, f"line {number}", document

    def _take(self, table: CheckedTable) -> None:
        lines = table.lines
        self.found = Watched(
            alarms=find_alarms(table, self._look),
            rows=table.rows,
            merged=lines.merged,
            not_live=lines.not_live,
            bad_rows=len(lines.bad),
            bad=tuple(lines.bad[:MOST_NAMED]),
        )

    def _new(self, streams: TaskStreams) -> Iterator[Page]:
        """The alarms that weren't named yet, in the order in which they showed."""
        now = self._request.now or dt.datetime.now(dt.UTC)
        pager = Pager(self.workspace, self._settings, self._request.records, now)
        self.paged = pager.pages(tuple(self._demotions()), streams)
        for page in self.paged.pages:
            name = f"{page.action_class} {page.signal}"
            if name not in self._named:
                self._named.add(name)
                yield page

    def _demotions(self) -> Iterator[Demotion]:
        alarms = self.found.alarms
        for name in (name for name in self._order if name in alarms):
            yield demotion_of(name, self._modes[name], alarms[name], self._policy)

    def _state(self) -> StateFolder | None:
        """Where this watch's state lies: of this suite and these events; None: none is kept."""
        out = self._request.out
        if out is None:
            return None
        refuse_links(out)
        watches = out / "watch"
        refuse_links(watches)
        folder = self._request.folder.resolve()
        name = digest_of([str(folder), str(self._request.events)]).removeprefix("sha256:")[:16]
        return StateFolder(watches / name, self._basis(), machine_key())

    def _basis(self) -> dict[str, object]:
        """What a state rests on beside the events: with any of it another, it is begun anew."""
        import duckdb  # noqa: PLC0415 - heavy

        import dialgate  # noqa: PLC0415 - its version only

        problems: list[Problem] = []
        actions = read_bytes(self._request.folder / "actions.toml", problems, expected="") or b""
        asked = self._look.asked
        return {
            "version of dialgate": dialgate.__version__,
            "version of DuckDB": duckdb.__version__,
            "suite": self.workspace.suite.name,
            "actions.toml": digest_of_bytes(actions),
            "dial": {name: mode.value for name, mode in sorted(asked.modes.items())}
            | {f"{name} since": at.isoformat() for name, at in sorted(asked.since.items())},
            "limit of demotion": [self._policy.intervention_rate, self._policy.alpha],
        }


def _growing(source: FileSource | TableSource) -> GrowingFile | None:
    """The one file of JSON Lines that the source is; None: it is something else."""
    if isinstance(source, FileSource) and source.kind is FileKind.JSON_LINES:
        return GrowingFile(path=source.paths[0]) if len(source.paths) == 1 else None
    return None


def _no_demote(folder: Path) -> Problem:
    return Problem(
        file=show_path(folder / "policy.toml"),
        found="no [demote] table",
        expected="demote.intervention_rate and demote.alpha",
        advice="They say when a class falls.",
    )


def _no_events(path: Path) -> Problem:
    return Problem(file=show_path(path), found="no such file", expected="review events, JSON Lines")
