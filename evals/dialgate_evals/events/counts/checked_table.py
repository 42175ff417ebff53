"""Every row of a source, checked, as narrow rows of a DuckDB file of its own: what is counted of.

Rows that SQL is sure of stay where they lie and only what is counted is copied; all others, and all
whose event_id occurs twice, go through the rules of `events.review_event_lines` one by one, so that
both ways give the same events, bad rows and merged rows. Bounded in memory: DuckDB spills to disk.
"""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.review_event_lines import EventLines
from dialgate_evals.events.tables.cube_queries import NANO
from dialgate_evals.events.tables.sure_rows import (
    BUNDLE_PARTS,
    BUNDLE_SEPARATOR,
    COUNTED,
    HAS_A_NAME_TWICE,
    TASK_KEY,
    bundle_of,
    cost_nano,
    named_id,
    select_counted,
)
from dialgate_evals.events.tables.task_queries import flags, task_tail, tasked, watched
from dialgate_evals.files.json_text import canonical_parsed

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    import duckdb

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.events.counts.review_event_files import Row
    from dialgate_evals.events.foremost import Foremost
    from dialgate_evals.events.review_events import ReviewEvent
    from dialgate_evals.events.tables.class_keys import ClassKeys
    from dialgate_evals.events.tables.duckdb_relation import Relation
    from dialgate_evals.events.task_runs import InForce

_BATCH = 5_000
_READ_ONE_BY_ONE = -1
"""The `src` of rows that Python read."""

_HOME = "SELECT current_database() || '.' || current_schema()"

_BUNDLE_NAMES = ("bundle", *BUNDLE_PARTS, "class_name")
_WORDS = ("tool", "release_name", "mode_name", "decision", "class_name")
"""Parts of a bundle that are few enough for numbers."""
_CLASSED = (
    ("TABLE", "tasked"), ("VIEW", "watched"), ("VIEW", "classed"), ("TABLE", "group_keys"),
    ("TABLE", "bundles"), ("TABLE", "texts"), *(("TYPE", f"{name}_word") for name in _WORDS),
)  # fmt: skip
"""What `classify` makes, in the order in which it can be dropped."""

_EVENT_COLUMNS = {
    "number": "BIGINT", "event_id": "VARCHAR", "task_id": "VARCHAR", "release": "VARCHAR",
    "mode": "VARCHAR", "decision": "VARCHAR", "canary": "BOOLEAN", "reviewer": "VARCHAR",
    "at_us": "BIGINT", "latency_ms": "DOUBLE", "cost_usd": "DOUBLE", "review_s": "DOUBLE",
    "tool": "VARCHAR", "class_key": "VARCHAR", "arguments": "VARCHAR",
}  # fmt: skip


class CheckedTable:
    """The rows of one source on their way to be counted."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        *,
        keys: ClassKeys,
        is_ordered: bool = False,
        schema: str = "",
    ) -> None:
        # is_ordered: tasks will be put in order
        # schema: where several lie in one database, this one's, which is made
        self.connection = connection
        self.lines = EventLines(keeps_events=False)
        # of the rows that were read one by one
        self.relations: list[Relation] = []
        self.sure = 0
        self.foremost: Foremost | None = None
        # takes the events that were read one by one
        self._keys = keys
        self._is_ordered = is_ordered
        self._numbers = 0
        self._is_classified = False
        if schema:
            connection.execute(f"CREATE SCHEMA {schema}")
            connection.execute(f"USE {schema}")
        ((self._home,),) = connection.execute(_HOME).fetchall()
        columns = ", ".join(f"{name} {kind}" for name, kind in COUNTED.items())
        connection.execute(f"CREATE TABLE checked ({columns})")
        connection.execute("CREATE TABLE calls (number BIGINT, task_id VARCHAR, arguments VARCHAR)")

    @property
    def rows(self) -> int:
        """Every row of the source."""
        return self.sure + self.lines.rows

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """One of its own for what is read while something else is asked."""
        cursor = self.connection.cursor()
        cursor.execute(f"USE {self._home}")
        return cursor

    def add_rows(self, rows: Iterable[Row]) -> None:
        """Takes rows one by one."""
        batch: list[ReviewEvent] = []
        for file, place, document in rows:
            event = self.lines.add(document, place, file)
            if event is not None:
                batch.append(event)
                if self.foremost is not None:
                    self.foremost.offer(event)
            if len(batch) >= _BATCH:
                self._insert(batch)
                batch = []
        if batch:
            self._insert(batch)

    def add_relations(self, relations: Sequence[Relation]) -> None:
        """Takes whole relations: by SQL what it is sure of, the rest one by one."""
        run = self.connection.execute
        self.relations = list(relations)
        for src, relation in enumerate(relations):
            select = select_counted(relation, src, self._keys, is_ordered=self._is_ordered)
            run(f"INSERT INTO checked {select}")
        run(
            "CREATE TABLE doubtful AS SELECT src, number FROM checked WHERE NOT sure OR id_key IN "  # noqa: S608 - constants
            "(SELECT id_key FROM checked GROUP BY id_key HAVING COUNT(*) > 1) "
            f"OR argument_names IN ({HAS_A_NAME_TWICE})"
        )
        doubtful = {src for (src,) in run("SELECT DISTINCT src FROM doubtful").fetchall()}
        if doubtful:
            run("DELETE FROM checked WHERE (src, number) IN (SELECT (src, number) FROM doubtful)")
        ((self.sure,),) = run("SELECT COUNT(*) FROM checked").fetchall()
        for src in sorted(doubtful):
            self.add_rows(self._doubtful_rows(src))

    def _doubtful_rows(self, src: int) -> Iterator[Row]:
        relation = self.relations[src]
        wanted = f"SELECT number FROM doubtful WHERE src = {src}"  # noqa: S608 - a number
        # A cursor of its own, as rows are inserted while these are read.
        with self.cursor() as cursor:
            for number, document in relation.rows(cursor, f"WHERE {relation.is_among(wanted)}"):
                yield relation.file, f"row {number}", document

    def classify(self, actions: ActionRegistry, asked: InForce | None = None) -> None:
        """Gives every row its class, and whether it is in force: the relation `classed`.

        Once more after further rows, it says so of them too.
        """
        run = self.connection.execute
        if self._is_classified:
            for kind, name in _CLASSED:
                run(f"DROP {kind} IF EXISTS {name}")
        self._is_classified = True
        columns = {**dict.fromkeys(_BUNDLE_NAMES, "VARCHAR"), "since_us": "BIGINT"}
        run(f"CREATE TABLE texts ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        with self.cursor() as cursor:
            cursor.execute("SELECT DISTINCT bundle FROM checked")
            while batch := cursor.fetchmany(_BATCH):
                rows = [self._read_bundle(bundle, actions, asked) for (bundle,) in batch]
                values = dict(zip(columns, zip(*rows, strict=True), strict=True))
                insert(self.connection, "texts", values, columns)
        # Grouping by numbers of two bytes costs half of grouping by texts.
        for name in _WORDS:
            run(f"CREATE TYPE {name}_word AS ENUM (SELECT DISTINCT {name} FROM texts)")  # noqa: S608 - ours
        words = [f"CAST({name} AS {name}_word) AS {name}" for name in _WORDS]
        words += [f"CAST({text} AS TINYINT) AS {name}" for name, text in flags("decision").items()]
        group = "class_name, release_name, mode_name"
        run(
            f"CREATE TABLE bundles AS SELECT bundle, since_us, {', '.join(words)}, "  # noqa: S608 - ours
            f"CAST(dense_rank() OVER (ORDER BY {group}) AS INTEGER) AS group_key FROM texts"
        )
        run(f"CREATE TABLE group_keys AS SELECT DISTINCT group_key, {group} FROM bundles")  # noqa: S608 - ours
        run(
            "CREATE VIEW classed AS SELECT checked.*, bundles.* EXCLUDE (bundle, since_us), "
            "coalesce(at_us >= since_us, false) AS in_force "
            "FROM checked JOIN bundles USING (bundle)"
        )

    def gather_tasks(self) -> None:
        """The relation `tasked` of what was classified."""
        self.connection.execute(f"CREATE TABLE tasked AS {tasked('group_key')}")

    def watch(self) -> None:
        """The relation `watched` of what was classified."""
        self.connection.execute(f"CREATE OR REPLACE VIEW watched AS {watched('task_tail')}")

    def _read_bundle(
        self, bundle: str, actions: ActionRegistry, asked: InForce | None
    ) -> tuple[object, ...]:
        tool, key, release, mode, decision = bundle.split(BUNDLE_SEPARATOR)
        name = self._keys.class_of(tool, key, actions)
        since_us = None if asked is None else since_in_us(asked, name, mode)
        return bundle, tool, key, release, mode, decision, name, since_us

    def _insert(self, events: Sequence[ReviewEvent]) -> None:
        rows = []
        for event in events:
            self._numbers += 1
            rows.append(_columns(event, self._numbers, self._keys))
        columns = dict(zip(_EVENT_COLUMNS, zip(*rows, strict=True), strict=True))
        run = self.connection.execute
        definition = ", ".join(f"{name} {kind}" for name, kind in _EVENT_COLUMNS.items())
        run(f"CREATE OR REPLACE TABLE arriving ({definition})")
        insert(self.connection, "arriving", columns, _EVENT_COLUMNS)
        run(
            f"INSERT INTO checked SELECT {_READ_ONE_BY_ONE}, number, true, hash(event_id), "  # noqa: S608 - constants
            f"{named_id('canary', 'decision')}, {TASK_KEY}, {task_tail('task_id')}, "
            f"{bundle_of('tool', 'class_key', 'release', 'mode', 'decision')}, canary, reviewer, "
            f"at_us, latency_ms, {cost_nano('cost_usd')}, review_s, NULL FROM arriving"
        )
        run("INSERT INTO calls SELECT number, task_id, arguments FROM arriving")


def since_in_us(asked: InForce, action_class: str, mode: str) -> int | None:
    """From when on events of the class in that mode are in force; None: they are not."""
    if asked.modes.get(action_class) != mode:
        return None
    since = asked.since.get(action_class)
    # The contract's years all lie after.
    return -(2**62) if since is None else _microseconds(since)


def insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: dict[str, Any],
    types: dict[str, str],
) -> None:
    """Rows from Python into a table of ours, all at once."""
    import numpy as np  # noqa: PLC0415 - heavy, and only events that are counted need it

    arrays = {name: np.array(values, dtype=object) for name, values in columns.items()}
    casts = ", ".join(f"CAST({name} AS {types[name]})" for name in columns)
    connection.register("given", arrays)
    try:
        connection.execute(f"INSERT INTO {table} SELECT {casts} FROM given")  # noqa: S608 - ours
    finally:
        connection.unregister("given")


def _columns(event: ReviewEvent, number: int, keys: ClassKeys) -> tuple[Any, ...]:
    call = event.proposed
    reviewer = None if event.reviewer is None else _storable(event.reviewer)
    return (
        number, _storable(event.event_id), _storable(event.task_id), _storable(event.release),
        event.mode.value, event.decision.value, event.canary, reviewer,
        _microseconds(event.occurred_at), event.latency_ms, event.cost_usd, event.review_s,
        _storable(call.name), keys.key_of(call.name, call.arguments),
        canonical_parsed(call.arguments),
    )  # fmt: skip


def counted_row(event: ReviewEvent, keys: ClassKeys) -> tuple[object, ...]:
    """The event in the columns that a database counts; see `warehouse_rows.COUNTED`."""
    row = dict(zip(_EVENT_COLUMNS, _columns(event, 0, keys), strict=True))
    cost = row["cost_usd"]
    is_named = event.canary or event.decision.is_intervention
    return (
        row["event_id"], row["event_id"] if is_named else None, row["task_id"],
        row["release"], row["mode"], row["decision"], row["canary"], row["reviewer"],
        row["at_us"], row["latency_ms"], None if cost is None else _nano(cost), row["review_s"],
        row["tool"], row["class_key"], row["arguments"],
    )  # fmt: skip


def _nano(cost_usd: float) -> int:
    """What `cost_nano` computes in SQL."""
    return floor(min(cost_usd, 9e9) * NANO + 0.5)


def _storable(text: str) -> str:
    """The text with lone surrogates, which no database holds, and our separator as escapes."""
    escaped = text.replace(BUNDLE_SEPARATOR, "\\x1e")
    return escaped.encode("utf-8", "backslashreplace").decode("utf-8")


def _microseconds(moment: dt.datetime) -> int:
    import datetime as dt  # noqa: PLC0415 - one use

    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
