"""Tasks are counted once, by SQL as by Python, and both as plain Python says it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialgate_evals.events.counts.cube_of_files import aggregate_files
from dialgate_evals.events.counts.review_event_files import read_events
from dialgate_evals.events.event_cube import DayTasks
from dialgate_evals.events.named_source import name_source
from dialgate_evals.events.task_runs import Runs
from tests.evals.events import task_model
from tests.evals.events.event_tables import ACTIONS, task_rows, write_json_lines, write_parquet

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate_evals.events.event_cube import EventCube

NOW = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def aggregate(path: Path, **more: Any) -> EventCube:
    return aggregate_files(name_source(path), ACTIONS, now=NOW, limit=3, **more)


@pytest.mark.parametrize("since", [True, False])
def test_tasks_days_and_alarms_are_what_plain_python_counts(since: bool, tmp_path: Path) -> None:
    @settings(same_folder, max_examples=2)
    @given(st.integers(0, 2**32), st.sampled_from([("1", "2"), ("2",), ()]))
    def check(seed: int, counting: tuple[str, ...]) -> None:
        path = tmp_path / "events.parquet"
        write_parquet(task_rows(Random(seed), 150), path)
        question = task_model.asked(since=since, counting=counting)
        cube = aggregate(path, asked=question)
        events = read_events(path).events
        assert cube.tasks == task_model.task_counts(events)
        assert cube.task_days == task_model.task_days(events, question)
        assert cube.delays == task_model.delays(events, question)
        assert cube.alarms == task_model.alarms(events, question)
        ids = {name: [e.event_id for e in items] for name, items in cube.foremost.items()}
        assert ids == task_model.foremost(events, question)
        assert cube == aggregate(path, asked=question, one_by_one=True)
        # What the dial asks changes nothing of what is counted beside it.
        plain = aggregate(path)
        assert plain == replace(cube, task_days={}, delays={}, alarms={}, foremost={})

    check()


def test_lines_of_json_say_the_same_as_parquet(tmp_path: Path) -> None:
    rows = task_rows(Random(5), 150)
    write_parquet(rows, tmp_path / "events.parquet")
    write_json_lines(rows, tmp_path / "events.jsonl")
    question = task_model.asked()
    table = aggregate(tmp_path / "events.parquet", asked=question)
    lines = aggregate(tmp_path / "events.jsonl", asked=question)
    assert table.alarms
    assert replace(table, foremost={}) == replace(lines, foremost={})
    for name, items in lines.foremost.items():
        assert [replace(e, place="") for e in items] == [
            replace(e, place="") for e in table.foremost[name]
        ]
        assert "events.jsonl:" in items[0].place


def test_a_task_counts_once_however_many_reviews_it_has(tmp_path: Path) -> None:
    base = {
        "occurred_at": "2026-09-01T08:00:00Z", "task_id": "t", "release": "2",
        "mode": "in_the_loop", "decision": "approved",
        "proposed": '{"name": "pay", "arguments": {}}',
    }  # fmt: skip
    rows = [{**base, "event_id": f"e{index}"} for index in range(5)]
    rows.append({**base, "event_id": "e5", "decision": "rejected"})
    rows.append({**base, "event_id": "e6", "decision": "escalated", "task_id": "u"})
    write_parquet(rows, tmp_path / "events.parquet")
    cube = aggregate(tmp_path / "events.parquet", asked=task_model.asked(since=False))
    (counts,) = cube.tasks.values()
    assert (counts.tasks, counts.reviewed, counts.intervened, counts.rejected) == (2, 1, 1, 1)
    ((group, days),) = cube.task_days.items()
    assert group.in_force
    assert list(days.values()) == [DayTasks(1, 1, 1)]
    assert cube.interventions(group.action_class) == 1


def test_runs_hold_every_task() -> None:
    assert Runs(gaps=[3, 0, 2], trailing=4).tasks == 12
