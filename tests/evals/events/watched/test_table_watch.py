"""A look at a table with a state says what a look without one says, whatever became of its rows."""

from __future__ import annotations

import shutil
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialgate_evals.events.named_source import TableSource, name_source
from dialgate_evals.events.watched.event_watch import watch_events
from dialgate_evals.events.watched.looks import Look, Watched
from dialgate_evals.events.watched.watch_state import MANIFEST, StateFolder
from dialgate_evals.records.machine_key import MachineKey
from tests.evals.events import task_model
from tests.evals.events.event_tables import (
    ACTIONS,
    Cells,
    add_to_duckdb,
    open_duckdb,
    task_rows,
    write_duckdb,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

KEY = MachineKey((b"a secret of this machine",))
LATE = {
    "release": "2", "mode": "in_the_loop", "decision": "rejected",
    "proposed": '{"name": "other", "arguments": {}}',
}  # fmt: skip


class Table:
    """A table of a DuckDB file, and the looks at it."""

    def __init__(self, folder: Path, rows: Sequence[Cells] = ()) -> None:
        self.path = folder / "live.duckdb"
        self.state = folder / "state"
        self.said: list[str] = []
        if not self.path.exists():
            write_duckdb(rows, self.path)

    def copy_to(self, folder: Path) -> Table:
        """The same rows and the same state at another place."""
        shutil.copytree(self.path.parent, folder, dirs_exist_ok=True)
        return Table(folder)

    def run(self, sql: str, *values: Any) -> None:
        with open_duckdb(self.path) as connection:
            connection.execute(sql, list(values))

    def add(self, rows: Sequence[Cells]) -> None:
        add_to_duckdb(rows, self.path)

    def source(self) -> TableSource:
        found = name_source(f"duckdb:///{self.path}")
        assert isinstance(found, TableSource)
        return found

    def _of(self) -> Look:
        return Look(actions=ACTIONS, asked=task_model.asked(), say=self.said.append)

    def look(self) -> Watched:
        self.said = []
        state = StateFolder(self.state, {"dial": "as it is"}, KEY)
        return watch_events(self.source(), self._of(), state)

    def agrees(self) -> Watched:
        """The look with the state, which is the one without it."""
        found = self.look()
        said = self.said
        assert found == watch_events(self.source(), self._of())
        self.said = said
        return found

    def manifest(self) -> bytes:
        return (self.state / MANIFEST).read_bytes()


def twelve_days() -> list[Cells]:
    return task_rows(Random(7), 100, days=12)


@pytest.fixture
def rows() -> list[Cells]:
    return twelve_days()


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Table:
    table = Table(tmp_path_factory.mktemp("table"), twelve_days())
    table.agrees()
    assert table.said == []
    return table


@pytest.fixture
def table(looked_at: Table, tmp_path: Path) -> Table:
    return looked_at.copy_to(tmp_path)


same_folder = settings(
    max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def test_random_changes_between_looks_never_show(tmp_path: Path) -> None:
    folders = iter(range(10_000))

    @same_folder
    @given(st.integers(0, 2**32))
    def check(seed: int) -> None:
        (folder := tmp_path / str(next(folders))).mkdir()
        random = Random(seed)
        rows = task_rows(random, 120, days=random.choice([3, 9, 30]))
        if random.random() < 0.3:
            random.shuffle(rows)
        cut = random.randrange(40, 120)
        table = Table(folder, rows[:cut])
        table.agrees()
        for first in range(cut, 120, 30):
            table.add(rows[first : first + 30])
            if random.random() < 0.3:
                chosen = random.choice(rows[:first])["event_id"]
                table.run(random.choice(CHANGES), chosen)
            table.agrees()

    check()


AGAIN = "INSERT INTO review_events SELECT * REPLACE ({}) FROM review_events WHERE event_id = ?"
CHANGES = (
    "DELETE FROM review_events WHERE event_id = ?",
    "UPDATE review_events SET release = '1' WHERE event_id = ?",
    "UPDATE review_events SET task_id = 'another' WHERE event_id = ?",
    "INSERT INTO review_events SELECT * FROM review_events WHERE event_id = ?",
)


def test_a_look_at_new_rows_goes_on_from_the_state(table: Table) -> None:
    later = [
        {**LATE, "event_id": f"n{i}", "task_id": f"new-{i}", "occurred_at": "2026-09-13T01:00:00Z"}
        for i in range(3)
    ]
    before = table.manifest()
    table.add(later)
    found = table.agrees()
    assert table.said == []
    assert table.manifest() != before
    assert found.counted == 103


def test_the_state_holds_no_id_of_an_event_or_task_without_an_alarm(
    tmp_path: Path, rows: list[Cells]
) -> None:
    clean = [{**row, "decision": "auto", "mode": "on_the_loop", "corrected": None} for row in rows]
    table = Table(tmp_path, clean)
    assert table.agrees().alarms == {}
    text = table.manifest().decode()
    ids = {row["event_id"] for row in rows} | {row["task_id"] for row in rows}
    assert not any(f'"{name}"' in text for name in ids)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("DELETE FROM review_events WHERE event_id = ?", "knows other old rows"),
        ("UPDATE review_events SET release = '9' WHERE event_id = ?", "knows other old rows"),
        (AGAIN.format("'late' AS event_id"), "knows other old rows"),
        (
            AGAIN.format("'2026-09-12T23:00:00Z' AS occurred_at"),
            "knows an event that stands there again",
        ),
    ],
    ids=["removed", "edited", "late", "again"],
)
def test_a_past_that_changed_is_counted_again(
    change: str, says: str, table: Table, rows: list[Cells]
) -> None:
    table.run(change, rows[0]["event_id"])
    table.agrees()
    assert says in table.said[0]
    assert "everything is read again" in table.said[0]


def test_an_old_task_that_gets_its_first_intervention_is_judged_again(table: Table) -> None:
    old = [
        {**LATE, "event_id": f"s{i}", "task_id": f"old-{i}", "decision": "approved",
         "occurred_at": "2026-09-02T01:00:00Z"}
        for i in range(4)
    ]  # fmt: skip
    table.add(old)
    table.agrees()
    table.agrees()
    assert table.said == []
    table.add(
        [
            {**row, "event_id": f"{row['event_id']}-x", "decision": "rejected",
             "occurred_at": "2026-09-12T23:00:00Z"}
            for row in old
        ]
    )  # fmt: skip
    found = table.agrees()
    assert "knows a task that later reviews changed" in table.said[0]
    assert {f"s{i}-x" for i in range(4)} & set(found.alarms["unclassified"].events)


def test_a_table_with_bad_rows_leaves_no_state(tmp_path: Path, rows: list[Cells]) -> None:
    rows[5]["mode"] = "asleep"
    table = Table(tmp_path, rows)
    assert table.agrees().bad_rows == 1
    assert "is counted whole at each look: it holds bad rows" in table.said[0]
    assert not (table.state / MANIFEST).exists()


def test_bad_rows_that_come_are_named_as_without_a_state(table: Table, rows: list[Cells]) -> None:
    late = {**rows[-1], "event_id": "bad", "occurred_at": "2026-09-13T00:00:00Z"}
    table.add([{**late, "mode": "asleep"}])
    found = table.agrees()
    assert found.bad_rows == 1
    assert "hold bad ones" in table.said[0]


def test_a_time_that_only_python_can_tell_is_looked_at_again(table: Table) -> None:
    odd = {**LATE, "event_id": "odd", "task_id": "odd", "occurred_at": "2026-09-02 01:00:00+00"}
    table.add([odd])
    table.agrees()
    assert "can't tell rows apart" in table.said[0]
    assert "times are written in ways" in table.said[1]
    assert table.agrees().counted == 101
