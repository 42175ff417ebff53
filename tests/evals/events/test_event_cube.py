"""The cube counts what is there: the fast way as the slow way, and both as plain Python."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.events import bad_rows
from dialgate_evals.events.counts.cube_of_files import aggregate_files
from dialgate_evals.events.counts.review_event_files import read_events
from dialgate_evals.events.event_cube import EventCube, EventGroup, ReviewerCounts
from dialgate_evals.events.named_source import name_source
from dialgate_evals.events.review_events import Mode, ReviewDecision
from tests.evals.events.event_tables import ACTIONS, TYPES, Cells, many_rows, write_parquet

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime(2026, 9, 2, tzinfo=dt.UTC)
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def aggregate(source: Path, **more: Any) -> EventCube:
    return aggregate_files(name_source(source), ACTIONS, now=NOW, limit=1, **more)


@pytest.fixture
def any_share_of_bad_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bad_rows, "BAD_SHARE", 1.0)


@pytest.mark.usefixtures("any_share_of_bad_rows")
def test_sql_is_sure_of_exactly_what_python_takes(tmp_path: Path) -> None:
    @settings(same_folder, max_examples=4)
    @given(many_rows)
    def check(rows: list[Cells]) -> None:
        path = tmp_path / "events.parquet"
        write_parquet(rows, path)
        fast, slow = aggregate(path), aggregate(path, one_by_one=True)
        assert fast.rows == len(rows) == fast.counted + fast.merged + fast.not_live + fast.bad_rows
        assert fast == slow
        assert fast.adds_up

    check()


@pytest.mark.usefixtures("any_share_of_bad_rows")
def test_the_cube_is_what_plain_python_counts(tmp_path: Path) -> None:
    @settings(same_folder, max_examples=2)
    @given(many_rows)
    def check(rows: list[Cells]) -> None:
        path = tmp_path / "events.parquet"
        write_parquet(rows, path)
        cube = aggregate(path)
        events = [event for event in read_events(path).events if not event.canary]
        expected: Counter[Any] = Counter()
        costs: dict[Any, float] = {}
        calls: Counter[Any] = Counter()
        for event in events:
            name = ACTIONS.classify(event.proposed.name, event.proposed.arguments).name
            group = (name, event.release, event.mode)
            expected[group, event.occurred_at.date(), event.decision] += 1
            calls[group, event.task_id, str(sorted(event.proposed.arguments.items()))] += 1
            if event.cost_usd is not None:
                key = group, event.task_id
                costs[key] = costs.get(key, 0.0) + event.cost_usd
        assert expected == {
            (group, day, decision): count
            for group, days in cube.days.items()
            for day, decisions in days.items()
            for decision, count in decisions.items()
        }
        tasks = Counter(group for group, _ in costs)
        assert tasks == {g: sum(b.count for b in items) for g, items in cube.task_cost_usd.items()}
        loops = {(group, task) for (group, task, _), count in calls.items() if count > 1}
        assert Counter(group for group, _ in loops) == cube.retry_loops
        assert cube.future == sum(e.occurred_at > NOW for e in read_events(path).events)

    check()


@pytest.mark.usefixtures("any_share_of_bad_rows")
@pytest.mark.parametrize(
    "kind",
    ["STRUCT(name VARCHAR, arguments STRUCT(amount INTEGER, note STRUCT(x DOUBLE)))",
     "STRUCT(name VARCHAR, arguments VARCHAR)"],
    ids=["structure", "text"],
)  # fmt: skip
def test_structures_are_aggregated_as_they_are_read(kind: str, tmp_path: Path) -> None:
    texts = ['{"amount": 300}', '{"amount": 1, "amount": 300}', "[]", '{"a": NaN}', None]
    fields = [{"amount": 300, "note": None}, {"amount": None, "note": {"x": float("nan")}}, None]
    rows = [
        {
            "event_id": f"e{index}",
            "occurred_at": "2026-09-01T08:37:00Z",
            "task_id": "t1",
            "release": "2",
            "mode": "shadow",
            "decision": "agreed",
            "proposed": {"name": "pay", "arguments": arguments},
            "latency_ms": 1.5,
        }
        for index, arguments in enumerate(fields * 2 if "amount INTEGER" in kind else texts * 2)
    ]
    path = tmp_path / "events.parquet"
    write_parquet(rows, path, {**TYPES, "proposed": kind, "occurred_at": "TIMESTAMPTZ"})
    fast = aggregate(path)
    assert fast == aggregate(path, one_by_one=True)
    assert {group.action_class for group in fast.days} <= {"large", "pay"}
    assert 0 < fast.bad_rows < len(rows)


def test_a_cube_whose_queries_saw_different_rows_does_not_add_up() -> None:
    group = EventGroup("pay", "1", Mode.SHADOW)
    agreed = {ReviewDecision.AGREED: 2}
    whole = EventCube(
        days={group: {NOW.date(): agreed}},
        reviewers={None: ReviewerCounts(decisions=agreed, canaries=1)},
        rows=3,
        counted=3,
        canaries=1,
    )
    assert whole.adds_up
    assert EventCube().adds_up
    assert not replace(whole, counted=4).adds_up
    assert not replace(whole, days={}).adds_up
    assert not replace(whole, reviewers={}).adds_up
    assert not replace(whole, counted=2, canaries=0).adds_up


def test_over_one_percent_bad_rows_are_refused_each_kind_once(tmp_path: Path) -> None:
    rows = [
        {"event_id": f"e{index}", "task_id": "t", "mode": "shadow", "release": "1"}
        for index in range(150)
    ]
    write_parquet(rows, tmp_path / "events.parquet")
    with pytest.raises(ConfigurationError) as caught:
        aggregate(tmp_path / "events.parquet")
    (problem,) = caught.value.problems
    assert problem.advice == "The same in rows 2-150: 150 of 150 rows."


def test_two_reviewers_of_one_call_are_compared_whatever_the_order_of_its_keys(
    tmp_path: Path,
) -> None:
    def row(event_id: str, reviewer: str | None, decision: str, arguments: str) -> Cells:
        return {
            "event_id": event_id, "occurred_at": "2026-09-01T08:37:00Z", "task_id": "t1",
            "release": "1", "mode": "in_the_loop", "decision": decision, "reviewer": reviewer,
            "proposed": f'{{"name": "pay", "arguments": {arguments}}}',
        }  # fmt: skip

    rows = [
        row("e1", "Ada", "approved", '{"amount": 1, "id": "u"}'),
        row("e2", "Bob", "approved", '{"id": "u", "amount": 1.0}'),
        row("e3", "Cy", "rejected", '{"id": "u", "amount": 1}'),
        row("e4", "Cy", "approved", '{"id": "v", "amount": 1}'),
        row("e5", None, "approved", '{"id": "u", "amount": 1}'),
        row("e6", "Dee", "escalated", '{"id": "u", "amount": 1}'),
    ]
    write_parquet(rows, tmp_path / "events.parquet")
    found = aggregate(tmp_path / "events.parquet").reviewers
    pairs = {name: (item.shared, item.alike) for name, item in found.items()}
    assert pairs == {None: (0, 0), "Ada": (2, 1), "Bob": (2, 1), "Cy": (2, 0), "Dee": (0, 0)}
    assert found["Dee"].decisions == {ReviewDecision.ESCALATED: 1}
