"""An event is in the file whole or it is told to be lost, and the agent goes on."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.events.review_event_lines import parse_event, read_event_lines
from dialgate_evals.files.problems import Problem
from dialgate_runtime import ReviewLog
from tests.integration.command_line import PATHS

if TYPE_CHECKING:
    from pathlib import Path

EVENT: dict[str, Any] = {
    "task_id": "t-1",
    "release": "1.0",
    "mode": "in_the_loop",
    "decision": "approved",
    "proposed": {"name": "refund", "arguments": {"amount": 5}},
}


WRONG = (
    "decision auto in mode in_the_loop; expected approved, edited, escalated, rejected and "
    "taken_over"
)


def test_two_lines_write_an_event_that_is_read_back(tmp_path: Path) -> None:
    log = ReviewLog(tmp_path / "events.jsonl")
    assert log.write(**EVENT, reviewer="ada", reason=None)
    (event,) = read_event_lines(tmp_path / "events.jsonl").events
    assert (event.task_id, event.reviewer, event.reason) == ("t-1", "ada", None)
    assert event.occurred_at.utcoffset() == dt.timedelta()


def test_a_time_keeps_its_offset_and_one_without_is_refused(tmp_path: Path) -> None:
    log = ReviewLog(tmp_path / "events.jsonl", strict=True)
    log.write(**EVENT, occurred_at=dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC))
    log.write(**EVENT, occurred_at="2026-11-01T09:00:00+02:00")
    for value in (dt.datetime(2026, 11, 1), "2026-11-01T09:00:00", "yesterday", 5):  # noqa: DTZ001 - what is refused
        with pytest.raises(ValueError, match="a time with its offset"):
            log.write(**EVENT, occurred_at=value)
    assert len(read_event_lines(tmp_path / "events.jsonl").events) == 2


def test_what_is_no_event_is_lost_and_told_and_stops_nobody(tmp_path: Path) -> None:
    told: list[str] = []
    log = ReviewLog(tmp_path / "events.jsonl", on_loss=told.append)
    assert not log.write(**{**EVENT, "decision": "auto"})
    assert log.lost == 1
    assert told == [f"A review event was lost: {WRONG}"]
    assert not (tmp_path / "events.jsonl").exists()


def test_a_disk_that_takes_nothing_stops_nobody(tmp_path: Path) -> None:
    def fails(_: str) -> None:
        raise RuntimeError

    log = ReviewLog(tmp_path / "nowhere" / "events.jsonl", on_loss=fails)
    assert not log.write(**EVENT)
    assert log.lost == 1
    with pytest.raises(OSError, match="nowhere"):
        ReviewLog(tmp_path / "nowhere" / "events.jsonl", strict=True).write(**EVENT)


@pytest.mark.parametrize(
    "over",
    [
        {"proposed": {"name": "refund", "arguments": {"at": dt.UTC}}},
        {"proposed": {"name": "refund", "arguments": {"n": float("nan")}}},
        {"messages": [{1: 2}]},
        {"cost_usd": -1},
        {"latency": 5},
        {"release": ""},
        {"decision": "edited"},
    ],
    ids=repr,
)
def test_what_a_reader_would_refuse_is_not_written(over: dict[str, Any], tmp_path: Path) -> None:
    assert not ReviewLog(tmp_path / "e.jsonl").write(**{**EVENT, **over})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)
KEYS = (
    "event_id", "task_id", "release", "mode", "decision", "proposed", "corrected", "reviewer",
    "reason", "latency_ms", "cost_usd", "review_s", "messages", "recordings", "canary", "source",
)  # fmt: skip
WORDS = st.sampled_from(
    ["shadow", "in_the_loop", "on_the_loop", "approved", "edited", "auto", "agreed", "accept"]
)


@given(st.dictionaries(st.sampled_from(KEYS), JSON | WORDS, max_size=5))
def test_whatever_is_written_can_be_read(over: dict[str, Any]) -> None:
    from dialgate_runtime.events.review_log import _line

    try:
        line = _line({**EVENT, **over})
    except ValueError:
        return
    found = parse_event(json.loads(line), file="events.jsonl", place="line 1")
    assert not isinstance(found, Problem), found


def test_events_of_many_threads_lie_whole_beside_each_other(tmp_path: Path) -> None:
    log = ReviewLog(tmp_path / "events.jsonl")
    text = "x" * 20_000  # more than a pipe or a page takes at once

    def write() -> None:
        for _ in range(20):
            log.write(**EVENT, reason=text)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = read_event_lines(tmp_path / "events.jsonl")
    assert (len(found.events), found.bad, log.lost) == (80, [], 0)


WRITER = """
import sys
from dialgate_runtime import ReviewLog
log = ReviewLog(sys.argv[1])
event = {"task_id": "t", "release": "1", "mode": "in_the_loop", "decision": "approved",
         "proposed": {"name": "refund", "arguments": {}}, "reason": "x" * 5000}
number = 0
while True:
    number += 1
    log.write(**event, event_id=f"{sys.argv[2]}-{number}")
    print(number, flush=True)
"""


def test_a_kill_loses_at_most_the_event_in_flight(tmp_path: Path) -> None:
    """Two processes write; each is killed once it has said that so many are in the file."""
    path = tmp_path / "events.jsonl"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(number)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": PATHS},
        )
        for number in range(2)
    ]
    said = []
    for writer in writers:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(30)]
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split()
        writer.wait()
        writer.stdout.close()
        said.append(int((rest or lines)[-1]))
    ReviewLog(path).write(**EVENT)
    found = read_event_lines(path)
    assert len(found.bad) <= 2
    for number, most in enumerate(said):
        written = sum(event.event_id.startswith(f"{number}-") for event in found.events)
        assert most <= written
    assert found.events[-1].task_id == "t-1"


def test_a_renamed_file_is_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    log = ReviewLog(path)
    log.write(**EVENT)
    path.rename(tmp_path / "events.1.jsonl")
    log.write(**EVENT)
    assert len(read_event_lines(path).events) == 1
