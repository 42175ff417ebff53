"""Tasks of each class one by one: what a watch of costs, latencies, escalations and volume reads.

The vocabulary, and reading it from the answers of `tables.stream_queries`; leaves detecting to
`gate`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby, islice
from math import nan
from typing import TYPE_CHECKING, Any

from dialgate_evals.events.tables import stream_queries
from dialgate_evals.events.tables.cube_queries import NANO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from dialgate_evals.events.counts.cube_reading import Ask
    from dialgate_evals.events.counts.task_reading import TaskWords


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TaskStream:
    """The tasks of one class in its mode in force, in the order of their first events."""

    at_us: NDArray[np.int64]
    # of the first event, microseconds since 1970, UTC
    release: NDArray[np.int64]
    # the number of its release in `releases`
    releases: tuple[str, ...]
    # in order of first use
    escalated: NDArray[np.bool_]
    looping: NDArray[np.bool_]
    # whether one call was proposed more often than the limit
    cost_usd: NDArray[np.float64]
    # the sum over its events; NaN: not known
    slowest_ms: NDArray[np.float64]
    # the slowest call; NaN: not known

    @property
    def tasks(self) -> int:
        """How many tasks the stream holds."""
        return len(self.at_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStreams:
    """Those of every class that has any, and when tasks of it began."""

    by_class: Mapping[str, TaskStream] = field(default_factory=dict)
    hours: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    # by class: tasks, in whatever mode, by the hour since 1970 (UTC) in which they began


_BATCH = 50_000


def read_streams(ask: Ask, words: TaskWords, looping: str | None, tail: str) -> TaskStreams:
    """The streams of all classes.

    `looping`: the relation of tasks with a retry loop; None: there is none. `tail`: the expression
    of a task's tail.
    """
    first = stream_queries.first_release(words.by_bytes)
    places: dict[str, list[int]] = {}
    if looping is not None:
        for name, place in ask(stream_queries.looping_places(tail, first, words.tie, looping)):
            places.setdefault(str(name), []).append(int(place) - 1)
    rows = ask(stream_queries.tasks_in_order(tail, first, words.tie))
    by_class = {
        str(name): _stream(found, places.get(str(name), []))
        for name, found in groupby(rows, key=lambda row: row[0])
    }
    hours: dict[str, dict[int, int]] = {}
    for name, hour, count in ask(stream_queries.HOURS):
        hours.setdefault(str(name), {})[int(hour)] = int(count)
    return TaskStreams(by_class=by_class, hours=hours)


def _stream(rows: Iterator[tuple[Any, ...]], looping: list[int]) -> TaskStream:
    import numpy as np  # noqa: PLC0415 - heavy, and only a watch needs it

    numbers: dict[str, int] = {}
    parts: list[tuple[NDArray[Any], ...]] = []
    while batch := list(islice(rows, _BATCH)):
        _, at_us, names, escalated, costs, slowest = zip(*batch, strict=True)
        for name in names:
            numbers.setdefault(str(name), len(numbers))
        parts.append(
            (
                np.array(at_us, dtype=np.int64),
                np.array([numbers[str(name)] for name in names], dtype=np.int64),
                np.array(escalated, dtype=np.bool_),
                np.array([nan if cost is None else int(cost) / NANO for cost in costs]),
                np.array(slowest, dtype=np.float64),
                # None is NaN here
            )
        )
    at, release, was_escalated, cost_usd, slowest_ms = map(np.concatenate, zip(*parts, strict=True))
    loops = np.zeros(len(at), dtype=np.bool_)
    loops[looping] = True
    return TaskStream(
        at_us=at,
        release=release,
        releases=tuple(numbers),
        escalated=was_escalated,
        looping=loops,
        cost_usd=cost_usd,
        slowest_ms=slowest_ms,
    )
