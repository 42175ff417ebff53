"""Tasks one by one are the same wherever their events lie, and what a plain count gives."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.events.counts.review_event_files import read_events
from dialgate_evals.events.named_source import name_source
from dialgate_evals.events.watched.looks import Look
from dialgate_evals.events.watched.task_watch import stream_tasks
from tests.evals.events import task_model
from tests.evals.events.event_tables import (
    ACTIONS,
    Cells,
    task_rows,
    write_csv,
    write_duckdb,
    write_json_lines,
    write_parquet,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dialgate_evals.events.counts.task_streams import TaskStreams

LIMIT = 2


def rows_with_figures(seed: int, count: int = 400) -> list[Cells]:
    random = Random(seed)
    rows = task_rows(random, count)
    for row in rows:
        row["cost_usd"] = random.choice([None, 0.0, 0.25, 1.5])
        row["latency_ms"] = random.choice([None, 1.0, 900.0])
    return rows


def look() -> Look:
    return Look(actions=ACTIONS, asked=task_model.asked(), say=refuse)


def refuse(text: str) -> None:
    raise AssertionError(text)


def plain(streams: TaskStreams) -> object:
    """Values that can be compared; NaN as None."""
    return {
        "hours": streams.hours,
        **{
            name: [
                item.releases,
                *(
                    [None if value != value else value for value in getattr(item, column).tolist()]
                    for column in (
                        "at_us", "release", "escalated", "looping", "cost_usd", "slowest_ms",
                    )
                ),
            ]
            for name, item in streams.by_class.items()
        },
    }  # fmt: skip


def sources(rows: Sequence[Cells], folder: Path) -> list[str]:
    write_json_lines(rows, folder / "e.jsonl")
    write_csv(rows, folder / "e.csv")
    write_parquet(rows, folder / "e.parquet")
    write_duckdb(rows, folder / "e.duckdb")
    return [str(folder / name) for name in ("e.jsonl", "e.csv", "e.parquet")] + [
        f"duckdb:///{folder / 'e.duckdb'}"
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_every_source_gives_the_same_tasks(seed: int, tmp_path: Path) -> None:
    rows = rows_with_figures(seed)
    found = [
        plain(stream_tasks(name_source(source), look(), LIMIT))
        for source in sources(rows, tmp_path)
    ]
    assert all(item == found[0] for item in found[1:])


def test_tasks_are_what_a_plain_count_gives(tmp_path: Path) -> None:
    rows = rows_with_figures(3)
    write_json_lines(rows, tmp_path / "e.jsonl")
    streams = stream_tasks(name_source(tmp_path / "e.jsonl"), look(), LIMIT)
    asked = task_model.asked()
    tasks: dict[tuple[str, str], list[tuple[int, bool, float | None, float | None]]] = {}
    calls: dict[tuple[str, str, str], int] = {}
    begun: dict[tuple[str, str], int] = {}
    for event in read_events(tmp_path / "e.jsonl").events:
        if event.canary:
            continue
        call = event.proposed
        name = ACTIONS.classify(call.name, call.arguments).name
        at_us = int(event.occurred_at.timestamp() * 1_000_000)
        key = (name, event.task_id)
        begun[key] = min(at_us, begun.get(key, at_us))
        said = (name, event.task_id, json.dumps(call.as_json(), sort_keys=True))
        calls[said] = calls.get(said, 0) + 1
        if asked.is_in_force(name, event.mode, event.occurred_at):
            part = (at_us, event.decision == "escalated", event.cost_usd, event.latency_ms)
            tasks.setdefault(key, []).append(part)
    looping = {said[:2] for said, count in calls.items() if count > LIMIT}
    for name, stream in streams.by_class.items():
        ids = [key for key in tasks if key[0] == name]
        ids.sort(key=lambda key: (min(part[0] for part in tasks[key]), key[1][-12:]))
        assert stream.at_us.tolist() == [min(part[0] for part in tasks[key]) for key in ids]
        assert stream.escalated.tolist() == [any(part[1] for part in tasks[key]) for key in ids]
        assert stream.looping.tolist() == [key in looping for key in ids]
        costs = [[part[2] for part in tasks[key] if part[2] is not None] for key in ids]
        assert np.nansum(stream.cost_usd) == pytest.approx(sum(map(sum, costs)))
        assert np.isnan(stream.cost_usd).tolist() == [not cost for cost in costs]
    hours = {name: sum(found.values()) for name, found in streams.hours.items()}
    assert sum(hours.values()) == len(begun)
    assert any(stream.looping.any() for stream in streams.by_class.values())


def test_a_source_of_bad_rows_is_refused(tmp_path: Path) -> None:
    rows = [{**row, "mode": "asleep"} for row in rows_with_figures(4, 40)]
    write_json_lines(rows, tmp_path / "e.jsonl")
    with pytest.raises(ConfigurationError):
        stream_tasks(name_source(tmp_path / "e.jsonl"), look(), LIMIT)
