"""Looks at files: all of them, or what came since the look before, by a state.

Both say the same: what a state leaves out is only reading again what was read. Where anything
stands against going on from it, everything is read anew, and why is said.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate_evals.events.bad_rows import MOST_NAMED, are_too_many, refuse_bad
from dialgate_evals.events.counts.cube_and_tasks import streams_of
from dialgate_evals.events.counts.cube_of_files import is_relation, relations
from dialgate_evals.events.counts.review_event_files import rows_of
from dialgate_evals.events.named_source import FileKind
from dialgate_evals.events.watched.looks import Watched, checked_table, find_alarms
from dialgate_evals.events.watched.source_marks import ChangedFileError, MarkedLines, mark_of
from dialgate_evals.events.watched.watch_state import (
    SourceCounts,
    UnusableStateError,
    WatchState,
)
from dialgate_evals.events.watched.watched_rows import (
    WatchedRows,
    merge_segments,
    write_segment,
)
from dialgate_evals.files.problems import show_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import duckdb

    from dialgate_evals.events.counts.checked_table import CheckedTable
    from dialgate_evals.events.counts.review_event_files import Row
    from dialgate_evals.events.counts.task_streams import TaskStreams
    from dialgate_evals.events.named_source import FileSource, TableSource
    from dialgate_evals.events.task_runs import Alarm
    from dialgate_evals.events.watched.looks import Look
    from dialgate_evals.events.watched.source_marks import FileMark
    from dialgate_evals.events.watched.watch_state import Segment, StateFolder
    from dialgate_evals.files.problems import Problem


def watch_whole(source: FileSource | TableSource, look: Look) -> Watched:
    """A look at everything, read here. Raises ConfigurationError."""
    with checked_table(look.actions, source) as table:
        if is_relation(source):
            table.add_relations(relations(source, table.connection))
        else:
            table.add_rows(rows_of(source))
        bad = table.lines.bad
        refuse_bad(bad, rows=table.rows - table.lines.not_live, bad_rows=len(bad))
        alarms = find_alarms(table, look)
        return Watched(
            alarms=alarms,
            rows=table.rows,
            merged=table.lines.merged,
            not_live=table.lines.not_live,
            bad_rows=len(bad),
            bad=tuple(bad[:MOST_NAMED]),
            streams=_streams(table, look),
        )


def _streams(table: CheckedTable, look: Look) -> TaskStreams | None:
    return None if look.loop_limit is None else streams_of(table, look.loop_limit)


class FileWatch:
    """One look at files that goes on from the state, or begins one."""

    def __init__(self, source: FileSource, look: Look, state: StateFolder) -> None:
        self._source = source
        self._look = look
        self._folder = state
        self._now_ns = time.time_ns()
        self._is_steady = True
        # no file was seen to change while it was read

    def run(self) -> Watched:
        """The look. Raises ConfigurationError."""
        try:
            with self._folder.held():
                try:
                    known = self._folder.load()
                    if known is not None:
                        return self._go_on_from(known)
                except UnusableStateError as error:
                    self._look.say(self._folder.refusal(error))
                return self._look_from(WatchState(), list(self._source.paths), {})
        except (UnusableStateError, OSError) as error:
            # Nothing of the look is lost: only the state is.
            self._look.say(self._folder.refusal(error))
            return watch_whole(self._source, self._look)

    def _go_on_from(self, known: WatchState) -> Watched:
        """Raises UnusableStateError where it can't be gone on from; OSError."""
        marks = {item.mark.path: item.mark for item in known.sources}
        paths = {str(path.resolve()): path for path in self._source.paths}
        gone = sorted(set(marks) - set(paths))
        if gone:
            raise UnusableStateError(f"names {show_path(Path(gone[0]))}, which isn't there now")
        new, grown = [], {}
        seen = dict(marks)
        for name, path in paths.items():
            mark = marks.get(name)
            if mark is None:
                new.append(path)
            elif not mark.is_untouched(path):
                if not self._is_same(mark, path):
                    grown[path] = mark
                    new.append(path)
                else:
                    seen[name] = mark.seen(path, self._now_ns)
        sources = tuple(replace(item, mark=seen[item.mark.path]) for item in known.sources)
        return self._look_from(replace(known, sources=sources), new, grown)

    def _is_same(self, mark: FileMark, path: Path) -> bool:
        """Whether the bytes are the same; False: lines may have been added, which reading tells."""
        size = path.stat().st_size
        if size == mark.size:
            now = self._mark(path)
            if now is not None and now.digest == mark.digest:
                return True
        elif self._source.kind is FileKind.JSON_LINES and size > mark.size and mark.is_whole:
            return False
        raise UnusableStateError(f"knows another {show_path(path)} than there is now")

    def _look_from(
        self, known: WatchState, new: Sequence[Path], grown: Mapping[Path, FileMark]
    ) -> Watched:
        with checked_table(self._look.actions, self._source) as table:
            marks = self._read(table, new, grown)
            bad = self._bad_by_path(table, new)
            sources = self._sources(known, marks, bad)
            reached = replace(
                known,
                sources=sources,
                rows=known.rows + table.rows,
                merged=known.merged + table.lines.merged,
                not_live=known.not_live + table.lines.not_live,
                bad_rows=known.bad_rows + len(table.lines.bad),
            )
            named = self._named(sources)
            self._refuse(table, known, reached)
            alarms = self._find(table, known, reached)
            # What was read before isn't here.
            streams = None if known.sources else _streams(table, self._look)
        return Watched(
            alarms=alarms,
            rows=reached.rows,
            merged=reached.merged,
            not_live=reached.not_live,
            bad_rows=reached.bad_rows,
            bad=tuple(named[:MOST_NAMED]),
            streams=streams,
        )

    def _refuse(self, table: CheckedTable, known: WatchState, reached: WatchState) -> None:
        """Raises ConfigurationError: over 1 % bad; UnusableStateError: to name all of them."""
        rows = reached.rows - reached.not_live
        if known.sources and are_too_many(rows=rows, bad_rows=reached.bad_rows):
            raise UnusableStateError("and the new rows hold too many bad ones")
        refuse_bad(table.lines.bad, rows=rows, bad_rows=reached.bad_rows)

    def _read(
        self, table: CheckedTable, new: Sequence[Path], grown: Mapping[Path, FileMark]
    ) -> dict[str, FileMark]:
        """Takes the new rows; the marks of what they were read from."""
        if self._source.kind is FileKind.JSON_LINES:
            return self._read_lines(table, new, grown)
        found: dict[str, FileMark] = {}
        part = replace(self._source, paths=tuple(new))
        before = {path: self._mark(path) for path in new}
        if not new:
            return found
        if is_relation(part):
            table.add_relations(relations(part, table.connection))
        else:
            table.add_rows(rows_of(part))
        for path, mark in before.items():
            after = self._mark(path)
            if mark is None or after is None or mark.digest != after.digest:
                self._is_steady = False
            else:
                found[mark.path] = after
        return found

    def _mark(self, path: Path) -> FileMark | None:
        try:
            return mark_of(path, self._now_ns)
        except (OSError, ChangedFileError):
            return None

    def _read_lines(
        self, table: CheckedTable, new: Sequence[Path], grown: Mapping[Path, FileMark]
    ) -> dict[str, FileMark]:
        found = {}
        for path in new:
            if not path.is_file():
                # Named as it is where every row is read.
                table.add_rows(rows_of(replace(self._source, paths=(path,))))
            lines = MarkedLines(path, grown.get(path), self._now_ns)
            try:
                table.add_rows(_placed_rows(lines, show_path(path)))
            except ChangedFileError:
                raise UnusableStateError(
                    f"knows another {show_path(path)} than there is now"
                ) from None
            mark = lines.mark()
            found[mark.path] = mark
        return found

    def _bad_by_path(
        self, table: CheckedTable, new: Sequence[Path]
    ) -> dict[str, tuple[Problem, ...]]:
        shown = {show_path(path): str(path.resolve()) for path in new}
        found: dict[str, list[Problem]] = {}
        for problem in table.lines.bad:
            items = found.setdefault(shown[problem.file], [])
            if len(items) < MOST_NAMED:
                items.append(problem)
        return {path: tuple(items) for path, items in found.items()}

    def _sources(
        self,
        known: WatchState,
        marks: Mapping[str, FileMark],
        bad: Mapping[str, tuple[Problem, ...]],
    ) -> tuple[SourceCounts, ...]:
        """Every file that was read so far, in the order of the source."""
        before = {item.mark.path: item for item in known.sources}
        found = []
        for path in self._source.paths:
            name = str(path.resolve())
            kept = before.get(name)
            mark = marks.get(name) or (kept.mark if kept else None)
            if mark is not None:
                older = kept.bad if kept else ()
                more = (*older, *bad.get(name, ()))[:MOST_NAMED]
                found.append(SourceCounts(mark=mark, bad=more))
        return tuple(found)

    def _named(self, sources: Sequence[SourceCounts]) -> list[Problem]:
        """The first bad rows, under the names that the files have from here."""
        shown = {str(path.resolve()): show_path(path) for path in self._source.paths}
        return [
            replace(problem, file=shown[item.mark.path]) for item in sources for problem in item.bad
        ]

    def _find(
        self, table: CheckedTable, known: WatchState, reached: WatchState
    ) -> dict[str, Alarm]:
        table.classify(self._look.actions, self._look.asked)
        detector = self._look.asked.detector
        if detector is None:
            return {}
        connection, folder = table.connection, self._folder
        before, now = list(known.segments), []
        if table.rows or not before:
            now.append(folder.add_segment(lambda path: write_segment(connection, path)))
        rows = WatchedRows(
            connection, [folder.path_of(item) for item in before],
            [folder.path_of(item) for item in now],
        )  # fmt: skip
        if before and now and rows.holds_again():
            raise UnusableStateError("knows an event that stands in a new file too")
        alarms, point = rows.find(detector, known.checkpoint, self._now_ns // 1_000)
        segments = self._merged([*before, *now], connection)
        if self._is_steady:
            folder.save(replace(reached, segments=tuple(segments), checkpoint=point))
        return alarms

    def _merged(
        self, segments: Sequence[Segment], connection: duckdb.DuckDBPyConnection
    ) -> list[Segment]:
        """The segments, few of them: one is merged with the one before unless that is far larger.

        So each row is written again a few times in years of daily looks.
        """
        kept = list(segments)
        while len(kept) > 1 and kept[-2].rows < 2 * kept[-1].rows:
            parts = [self._folder.path_of(item) for item in kept[-2:]]
            merged = self._folder.add_segment(partial(merge_segments, connection, parts))
            kept[-2:] = [merged]
        return kept


def _placed_rows(lines: MarkedLines, file: str) -> Iterator[Row]:
    for number, document in lines.rows():
        yield file, f"line {number}", document
