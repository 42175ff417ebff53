"""`dialgate dial watch`: review events in, demotions out; once, or as a file grows.

The wiring around `live.demotion`; a class is reported once. Waiting is a function that is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_evals.actions.action_classes import UNCLASSIFIED
from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.events.counts.review_event_files import rows_of
from dialgate_evals.events.named_source import FileKind, FileSource, name_source
from dialgate_evals.events.review_event_lines import EventLines
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.live.demotion import ClassWatch, in_order
from dialgate_gate.live.live_reviews import as_review
from dialgate_gate.settings.settings import load_settings

from dialgate.dial.growing_file import GrowingFile
from dialgate.dial.recommending import since

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from dialgate_evals.events.named_source import TableSource
    from dialgate_evals.events.review_events import ReviewEvent
    from dialgate_gate.live.demotion import Demotion
    from dialgate_gate.live.live_reviews import Review


@dataclass(frozen=True, kw_only=True)
class WatchRequest:
    """What a person asked for."""

    folder: Path
    events: str | Path
    # a file, folder, glob or URL; only one file of JSON Lines can be followed
    follow: bool = False
    wait: Callable[[], bool] | None = None
    # between two looks; False ends the watch


class Watch:
    """All classes of a suite under watch."""

    def __init__(self, request: WatchRequest) -> None:
        workspace = load_workspace(request.folder)
        settings = load_settings(request.folder)
        policy = settings.policy.demote
        if policy is None:
            raise ConfigurationError([_no_demote(request.folder)])
        # What was counted is in the detectors; only the ids are still needed.
        self.lines = EventLines(keeps_events=False)
        self._request = request
        self._actions = workspace.actions
        self._source = name_source(request.events)
        self._file = _growing(self._source)
        if request.follow and self._file is None:
            raise UsageError("--follow needs one file of JSON Lines; watch other sources once.")
        self._classes = {
            item.name: ClassWatch(
                item.name, settings.dial.mode_of(item), since(settings, item), policy
            )
            for item in (*workspace.actions.classes, UNCLASSIFIED)
        }

    def demotions(self) -> Iterator[Demotion]:
        """Each class that is to fall, once, as soon as the events show it.

        Raises ConfigurationError where there is no such file, or over 1 % of the first look's
        rows are bad; a bad row that comes later is listed in `lines.bad`.
        """
        request = self._request
        if self._file is not None and not self._file.path.is_file():
            raise ConfigurationError([_no_events(self._file.path)])
        yield from self._look(at_end=not request.follow)
        while request.follow and request.wait is not None and request.wait():
            yield from self._look(at_end=False)

    def _look(self, *, at_end: bool) -> Iterator[Demotion]:
        is_first = self.lines.rows == 0
        events = self._whole() if self._file is None else self._new_lines(self._file, at_end)
        new = [as_review(event, self._actions) for event in events]
        if is_first:
            self.lines.refuse()
        yield from self._observe(in_order(new))

    def _new_lines(self, file: GrowingFile, at_end: bool) -> Iterator[ReviewEvent]:
        for number, line in file.read(at_end=at_end):
            event = self.lines.add_line(line, f"line {number}", self._source.shown)
            if event is not None:
                yield event

    def _whole(self) -> Iterator[ReviewEvent]:
        for file, place, document in rows_of(self._source):
            event = self.lines.add(document, place, file)
            if event is not None:
                yield event

    def _observe(self, reviews: Iterable[Review]) -> Iterator[Demotion]:
        for review in reviews:
            found = self._classes[review.action_class].observe(review)
            if found is not None:
                yield found


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
