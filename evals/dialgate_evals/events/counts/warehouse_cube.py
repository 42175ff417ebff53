"""The cube of a warehouse's table, aggregated by the warehouse: only counts leave it.

Rows that its SQL is not sure of, and those of repeated event ids, are read and judged by Python, as
for files. Where anything stands against that, the whole table is: slower, never otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from dialgate_evals.events.bad_rows import MOST_NAMED, refuse_bad
from dialgate_evals.events.counts.checked_table import counted_row, since_in_us
from dialgate_evals.events.counts.cube_reading import (
    RepeatedCall,
    count_repeated,
    event_group,
    looping_tasks,
    read_costs,
    read_days,
    read_future,
    read_latencies,
    read_reviewers,
)
from dialgate_evals.events.counts.task_reading import (
    TaskWords,
    counting_literals,
    is_split,
    read_alarms,
    read_task_counts,
    read_task_days,
)
from dialgate_evals.events.counts.task_streams import read_streams
from dialgate_evals.events.event_cube import EventCube
from dialgate_evals.events.foremost import MOST, STOPPED, Foremost
from dialgate_evals.events.review_event_lines import (
    EventLines,
    parse_event,
)
from dialgate_evals.events.review_events import ReviewDecision, ReviewEvent
from dialgate_evals.events.tables.class_keys import ClassKeys
from dialgate_evals.events.tables.cube_queries import (
    GROUP,
    doubtful_calls,
    repeated_tasks,
    retry_loops,
    shared_calls,
    task_costs,
)
from dialgate_evals.events.tables.database_rows import (
    open_table,
    read_marked_rows,
    read_named_rows,
    run_text,
    what_was_said,
)
from dialgate_evals.events.tables.stream_queries import looping_there, named_tasks
from dialgate_evals.events.tables.task_queries import foremost, task_tail
from dialgate_evals.events.tables.warehouse_rows import (
    EVENTS,
    EventColumns,
    classed_parts,
    has_id_of,
    is_aggregated_there,
    is_sure,
    select_sure,
    values_of,
)
from dialgate_evals.events.tables.warehouses import WAREHOUSES
from dialgate_evals.files.json_text import JsonTextError, canonical_parsed, parse_json

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import Connection

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.events.counts.task_streams import TaskStreams
    from dialgate_evals.events.event_cube import EventGroup
    from dialgate_evals.events.named_source import TableSource
    from dialgate_evals.events.task_runs import Alarm, InForce

T = TypeVar("T")

_MOST_READ = 2_000
"""More rows, ids or keys than this are no exception: then every row is read here."""


class NotCountedThereError(Exception):
    """Why a warehouse can't count the events itself; each row has to be read."""


def aggregate_warehouse(
    source: TableSource,
    actions: ActionRegistry,
    *,
    now: dt.datetime,
    limit: int,
    asked: InForce | None = None,
) -> EventCube | None:
    """The cube, computed where the table lies; None: no warehouse of ours holds it.

    `asked`: what the dial asks beside it.
    Raises NotCountedThereError, UsageError without the extra, ConfigurationError: unreadable, or
    over 1 % bad rows.
    """

    def read(found: _WarehouseTable) -> EventCube:
        cube = found.cube(now, limit, asked)
        if not cube.adds_up:
            raise NotCountedThereError("its rows changed while they were counted")
        return cube

    return _counted_there(source, actions, asked, read)


def watch_warehouse(
    source: TableSource, actions: ActionRegistry, asked: InForce
) -> tuple[dict[str, Alarm], int, EventLines] | None:
    """The alarms, all rows and those that were read one by one; otherwise as the cube."""

    def read(found: _WarehouseTable) -> tuple[dict[str, Alarm], int, EventLines]:
        alarms = read_alarms(found.ask, found.words, asked)
        ((counted,),) = found.ask("SELECT COUNT(*) FROM classed")
        lines = found.lines
        if counted != found.rows - len(lines.bad) - lines.merged - lines.not_live:
            raise NotCountedThereError("its rows changed while they were counted")
        return alarms, found.rows, found.lines

    return _counted_there(source, actions, asked, read)


def stream_warehouse(
    source: TableSource, actions: ActionRegistry, asked: InForce, limit: int
) -> TaskStreams | None:
    """The tasks one by one, ordered where the table lies; otherwise as the cube."""
    return _counted_there(source, actions, asked, lambda found: found.streams(limit))


def _counted_there(
    source: TableSource,
    actions: ActionRegistry,
    asked: InForce | None,
    read: Callable[[_WarehouseTable], T],
) -> T | None:
    with open_table(source, is_snapshot=True) as (connection, table):
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - an extra, and heavy

        sql = WAREHOUSES.get(connection.dialect.name)
        if sql is None:
            return None
        columns = EventColumns.of(table, sql, connection)
        name = connection.dialect.identifier_preparer.format_table(table)
        if not is_aggregated_there(columns):
            raise NotCountedThereError("calls or times are of types that its SQL can't be sure of")
        try:
            found = _WarehouseTable(connection, columns, source, ClassKeys.of(actions))
            found.foremost = None if asked is None else Foremost(actions, asked)
            found.read_exceptions(name)
            found.classify(actions, asked)
            return read(found)
        except DBAPIError as error:
            # Whether it gives its rows is seen when they are read.
            said = what_was_said(source, error)
            raise NotCountedThereError(f"its database refuses a query ({said})") from None
        except JsonTextError as error:
            raise NotCountedThereError(f"its SQL is sure of a call that holds {error}") from None


class _WarehouseTable:
    def __init__(
        self, connection: Connection, columns: EventColumns, source: TableSource, keys: ClassKeys
    ) -> None:
        self._connection = connection
        self._columns = columns
        self._sql = columns.sql
        self._source = source
        self._keys = keys
        self.foremost: Foremost | None = None
        # takes the events that were read one by one
        self._relation = ""
        self.lines = EventLines(keeps_events=False)
        self._with = ""
        self.rows = 0

    def run(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """The rows that a query of counts gives, all at once: a cursor would be for one core."""
        return run_text(self._connection, sql, is_streamed=False)

    def ask(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """The same of a query of the cube."""
        return self.run(f"{self._with} {sql}")

    def stream(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """The same of a query that gives many rows: they come one by one."""
        return run_text(self._connection, f"{self._with} {sql}")

    def read_exceptions(self, name: str) -> None:
        """Reads the rows that the warehouse is not sure of, unless they are too many."""
        relation = self._relation = self._sql.frozen(self.run, name)
        twice = self._repeated_ids(relation)
        _limit(len(twice), "event ids stand twice")
        doubtful = self._doubtful(twice)
        self._keep_short(doubtful)
        counts = f"COUNT(*), COUNT(CASE WHEN {doubtful} THEN 1 END)"
        ((self.rows, exceptions),) = self.run(f"SELECT {counts} FROM {relation} AS {EVENTS}")  # noqa: S608 - quoted by the dialect
        _limit(exceptions, "rows are doubtful to its SQL")
        found = []
        if exceptions:
            found = list(read_marked_rows(self._connection, self._columns, relation, doubtful))
        rows = list(self._judged(found))
        bad = self.lines.bad
        refuse_bad(bad, rows=self.rows - self.lines.not_live, bad_rows=len(bad))
        named = [_id_of(document) for _, document in found]
        if None not in named:
            # Of all rows with one of these ids SQL is in doubt: to compare ids costs the least.
            doubtful = has_id_of(self._columns, sorted({str(name) for name in named}))
        parts = [select_sure(self._columns, relation, self._keys, doubtful)]
        parts += [values_of(self._sql, rows)] if rows else []
        self._with = f"WITH {self._sql.relation('checked', ' UNION ALL '.join(parts))}"
        self._keep_short(self._with)

    def _judged(self, found: Iterable[tuple[str, object]]) -> Iterator[tuple[object, ...]]:
        """What is counted of rows that Python reads."""
        for place, document in found:
            event = self.lines.add(document, place, self._source.shown)
            if event is not None:
                yield counted_row(event, self._keys)
                if self.foremost is not None:
                    self.foremost.offer(event)

    def _repeated_ids(self, relation: str) -> list[str]:
        event_id = self._columns.names["event_id"]
        found = self.run(
            f"SELECT {self._columns.text('event_id')} FROM {relation} AS {EVENTS} "  # noqa: S608 - quoted by the dialect
            f"WHERE {event_id} IS NOT NULL GROUP BY {event_id} HAVING COUNT(*) > 1 "
            f"ORDER BY 1 LIMIT {_MOST_READ + 1}"
        )
        return [str(event_id) for (event_id,) in found]

    def _doubtful(self, twice: Iterable[str]) -> str:
        """The condition of a row that Python judges."""
        ids = ", ".join(map(self._sql.quoted, twice))
        again = f" OR coalesce({self._columns.text('event_id')} IN ({ids}), false)" if ids else ""
        return f"NOT ({is_sure(self._columns)}){again}"

    def _keep_short(self, sql: str) -> None:
        """Refuses what the warehouse may not take in a statement with little more than this."""
        if len(sql.encode()) >= self._sql.MOST_BYTES // 2:
            raise NotCountedThereError("a query of it would be too long")

    def classify(self, actions: ActionRegistry, asked: InForce | None) -> None:
        """Names the class of every tool and key, unless they are too many; and what is in force."""
        keys = list(
            self.ask(
                "SELECT DISTINCT tool, class_key FROM checked ORDER BY 1, 2 "  # noqa: S608 - a constant
                f"LIMIT {_MOST_READ + 1}"
            )
        )
        _limit(len(keys), "combinations of arguments decide its classes")
        named = []
        for tool, key in keys:
            name = self._keys.class_of(tool, key, actions)
            mode = None if asked is None else asked.modes.get(name)
            since_us = None if asked is None or mode is None else since_in_us(asked, name, mode)
            named.append((tool, key, name, mode, since_us))
        self._with += f", {classed_parts(self._sql, named)}"
        self._keep_short(self._with)

    def cube(self, now: dt.datetime, limit: int, asked: InForce | None) -> EventCube:
        """The cube from its queries."""
        lines = self.lines
        days, spans = read_days(self.ask)
        loops, shared = self._repeats(limit)
        reviewers = read_reviewers(self.ask, shared)
        future, first_future = read_future(self.ask, now)
        split, words = is_split(asked), self.words
        cube = EventCube(
            days=days,
            spans=spans,
            latency_ms=read_latencies(self.ask),
            task_cost_usd=read_costs(self.ask, task_costs(GROUP, "", is_split=split)),
            retry_loops=loops,
            tasks=read_task_counts(self.ask, words, is_split=split),
            reviewers=reviewers,
            rows=self.rows,
            counted=self.rows - len(lines.bad) - lines.merged - lines.not_live,
            merged=lines.merged,
            not_live=lines.not_live,
            canaries=sum(item.canaries for item in reviewers.values()),
            future=future,
            first_future=first_future,
            bad_rows=len(lines.bad),
            bad=tuple(lines.bad[:MOST_NAMED]),
        )
        if asked is None:
            return cube
        return replace(
            cube,
            task_days=read_task_days(self.ask, words, asked),
            alarms=read_alarms(self.ask, words, asked),
            foremost=self._foremost(counting_literals(days, asked, self._sql.quoted)),
        )

    @property
    def words(self) -> TaskWords:
        """The database's, over its CTEs."""
        sql = self._sql
        return TaskWords(
            group=GROUP,
            join="",
            tie=sql.by_bytes("task_tail"),
            by_bytes=sql.by_bytes,
            first_of=sql.first_of,
            quoted=sql.quoted,
        )

    def streams(self, limit: int) -> TaskStreams:
        """The tasks of each class; `limit`: the same call more often than this is a loop."""
        same = self._sql.same_call("arguments")
        if same is not None and not self._is_doubtful(same[1], limit):
            looping = looping_there(same[0], limit)
        else:
            found = sorted(looping_tasks(self._repeated(limit), limit))
            _limit(len(found), "tasks with a retry loop")
            quoted = self._sql.quoted
            looping = named_tasks((quoted(name), quoted(task)) for name, task in found)
        return read_streams(self.stream, self.words, looping, task_tail("task_key"))

    def _is_doubtful(self, doubt: str, limit: int) -> bool:
        ((doubtful,),) = self.ask(doubtful_calls(doubt, limit))
        return bool(doubtful)

    def _foremost(self, counted: str) -> dict[str, tuple[ReviewEvent, ...]]:
        """The only rows that leave the database beside the doubtful: those that a report shows."""
        kept, sql = self.foremost, self._sql
        assert kept is not None
        stopped = f"decision IN ({', '.join(sql.quoted(word.value) for word in sorted(STOPPED))})"
        order = sql.by_bytes("event_id")
        found = self.ask(foremost("event_id", counted, stopped, order, MOST))
        wanted = sorted({str(event_id) for _, event_id in found} - kept.event_ids())
        if wanted:
            rows = read_named_rows(self._connection, self._columns, self._relation, wanted)
            for place, document in rows:
                event = parse_event(document, file=self._source.shown, place=place)
                if isinstance(event, ReviewEvent):
                    kept.offer(event)
        return kept.by_class()

    def _repeats(self, limit: int) -> tuple[dict[EventGroup, int], dict[str, tuple[int, int]]]:
        """Retry loops per group, and pairs of decisions per reviewer: counted there if possible."""
        same = self._sql.same_call("arguments")
        if same is not None:
            call, doubt = same
            if not self._is_doubtful(doubt, limit):
                loops = self.ask(retry_loops(call, limit))
                pairs = self.ask(shared_calls(call, limit, self._sql.by_bytes("event_id")))
                return (
                    {event_group(group): int(count) for *group, count in loops},
                    {str(name): (int(both), int(alike)) for name, both, alike in pairs},
                )
        return count_repeated(self._repeated(limit), limit)

    def _repeated(self, limit: int) -> Iterator[RepeatedCall]:
        rows = self.stream(
            "SELECT task_key, tool, arguments, class_name, release_name, mode_name, reviewer, "  # noqa: S608 - constants
            f"decision FROM classed JOIN ({repeated_tasks(limit)}) AS tasks USING (task_key, tool) "
            "WHERE NOT canary ORDER BY task_key, event_id"
        )
        for task, tool, text, *group, reviewer, decision in rows:
            yield RepeatedCall(
                task=task,
                tool=tool,
                call=canonical_parsed(parse_json(text.encode())),
                group=event_group(group),
                reviewer=reviewer,
                decision=ReviewDecision(decision),
            )


def _id_of(document: object) -> str | None:
    """The id of a row as it was read; None: it has none that can be compared."""
    found = document.get("event_id") if isinstance(document, dict) else None
    return found if isinstance(found, str) else None


def _limit(count: int, what: str) -> None:
    if count > _MOST_READ:
        raise NotCountedThereError(f"over {_MOST_READ:,} {what}")
