"""A look with a state says what a look without one says, whatever became of the files between."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialgate_evals.errors import ConfigurationError
from dialgate_evals.events.counts.cube_of_files import relations
from dialgate_evals.events.watched import file_watch, watched_rows
from dialgate_evals.events.watched.watch_state import StateFolder, UnusableStateError
from tests.evals.events import task_model
from tests.evals.events.event_tables import (
    Cells,
    task_rows,
)
from tests.evals.events.watched.feeds import KEY, OTHER, WRITERS, BegunFeed, Feed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from dialgate_evals.events.named_source import FileSource
    from dialgate_evals.events.watched.checkpoints import Checkpoint

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def feed(tmp_path: Path) -> Feed:
    return Feed(tmp_path)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the Parquet files that looks read rows of."""
    found: list[str] = []

    def note(source: FileSource, connection: Any) -> Any:
        found.extend(path.name for path in source.paths)
        return relations(source, connection)

    monkeypatch.setattr(file_watch, "relations", note)
    return found


def by_day(rows: Sequence[Cells]) -> dict[str, list[Cells]]:
    days: dict[str, list[Cells]] = {}
    for row in rows:
        days.setdefault(row["occurred_at"][:10], []).append(row)
    return days


@pytest.mark.parametrize("kind", WRITERS)
def test_random_parts_looked_at_one_by_one_are_one_pass(kind: str, tmp_path: Path) -> None:
    @settings(same_folder, max_examples=2 if kind == "parquet" else 1)
    @given(st.integers(0, 2**32), st.integers(0, 5), st.booleans())
    def check(seed: int, cuts: int, in_order: bool) -> None:
        folder = tmp_path / "feed"
        shutil.rmtree(folder, ignore_errors=True)
        feed, random = Feed(folder, kind), Random(seed)
        rows = task_rows(random, 150, days=random.choice([2, 9, 30]))
        if not in_order:
            random.shuffle(rows)
        places = sorted({0, len(rows), *(random.randrange(len(rows)) for _ in range(cuts))})
        names = list(range(len(places)))
        random.shuffle(names)
        for name, first, last in zip(names, places, places[1:], strict=False):
            feed.write(f"{name}", rows[first:last])
            feed.agrees()
        found = feed.agrees()
        assert found.counted == len(rows)
        events = [row["event_id"] for row in rows]
        assert len(set(events)) == len(events)

    check()


def test_a_daily_look_reads_only_the_new_file(feed: Feed, read: list[str]) -> None:
    days = by_day(task_rows(Random(1), 120, days=4))
    for day, rows in days.items():
        feed.write(day, rows)
        read.clear()
        found = feed.look()
        assert read == [f"{day}.parquet"]
        assert feed.said == []
    assert found == feed.whole()
    assert found.alarms
    assert len(list(feed.state.glob("rows-*"))) < len(days)


def test_a_look_at_nothing_new_reads_nothing(feed: Feed, read: list[str]) -> None:
    feed.write("a", task_rows(Random(2), 60))
    first = feed.look()
    read.clear()
    assert feed.look() == first
    assert read == []


def test_settled_tasks_are_not_gone_through_again(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    points: list[bool] = []
    real = watched_rows.WatchedRows._place

    def note(rows: watched_rows.WatchedRows, point: Checkpoint | None) -> None:
        points.append(point is not None)
        real(rows, point)

    monkeypatch.setattr(watched_rows.WatchedRows, "_place", note)
    days = by_day(task_rows(Random(3), 100, days=5))
    for day, rows in days.items():
        feed.write(day, rows)
        feed.look()
    assert points == [False, *[True] * (len(days) - 1)]


def five_days() -> list[Cells]:
    return task_rows(Random(7), 200, days=5)


@pytest.fixture(scope="module")
def begun_by_day(tmp_path_factory: pytest.TempPathFactory) -> BegunFeed:
    """A file a day."""
    return BegunFeed(tmp_path_factory.mktemp("days"), by_day(five_days()))


@pytest.fixture(scope="module")
def begun_in_one(tmp_path_factory: pytest.TempPathFactory) -> BegunFeed:
    """All in one file."""
    return BegunFeed(tmp_path_factory.mktemp("one"), {"a": task_rows(Random(9), 60)})


class TestWhatChangedIsReadAgain:
    """A state never hides what became of old events; why everything was read is said."""

    @pytest.fixture
    def rows(self) -> list[Cells]:
        return five_days()

    @pytest.fixture
    def feed(self, begun_by_day: BegunFeed) -> Feed:
        return begun_by_day.again()

    def test_an_old_event_that_was_edited(self, feed: Feed, rows: list[Cells]) -> None:
        day, part = next(iter(by_day(rows).items()))
        before = feed.look()
        for row in part:
            row.update(mode="in_the_loop", decision="rejected", corrected=None, canary=None)
        feed.write(day, part)
        found = feed.agrees()
        assert "knows another events/2026-09-01.parquet" in feed.said[0].replace(
            os.path.relpath(feed.folder.parent) + "/", ""
        )
        assert found.alarms != before.alarms

    def test_an_edit_of_one_size_and_one_time(self, feed: Feed, rows: list[Cells]) -> None:
        # From here on the state knows the copy's own times.
        feed.look()
        path = feed.folder / "2026-09-02.parquet"
        times = path.stat()
        raw = path.read_bytes()
        at = raw.index(b"in_the_loop")
        path.write_bytes(raw[:at] + b"IN_the_loop" + raw[at + 11 :])
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        with pytest.raises(ConfigurationError):
            feed.look()
        assert "everything is read again" in feed.said[0]

    def test_an_old_file_that_is_gone(self, feed: Feed, rows: list[Cells]) -> None:
        (feed.folder / "2026-09-03.parquet").unlink()
        found = feed.agrees()
        assert "isn't there now" in feed.said[0]
        assert found.counted < len(rows)

    def test_an_event_that_comes_again_otherwise(self, feed: Feed, rows: list[Cells]) -> None:
        feed.write("2026-09-30", [{**rows[0], "release": "3"}])
        found = feed.agrees()
        assert "knows an event that stands in a new file too" in feed.said[0]
        assert found.bad_rows == 1
        assert "a second time, otherwise" in str(found.bad[0])

    def test_an_event_that_comes_again_equally(self, feed: Feed, rows: list[Cells]) -> None:
        feed.write("2026-09-30", rows[:3])
        found = feed.agrees()
        assert (found.merged, found.counted) == (3, len(rows))

    def test_an_event_of_long_ago_that_comes_late(self, feed: Feed, rows: list[Cells]) -> None:
        late = [{**row, "event_id": f"late-{row['event_id']}"} for row in rows[:40]]
        feed.write("2026-09-30", late)
        found = feed.agrees()
        # The segments are gone through again, and no file of the source.
        assert feed.said == []
        assert found.counted == len(rows) + 40

    def test_a_late_intervention_in_a_task_that_was_settled(
        self, feed: Feed, rows: list[Cells]
    ) -> None:
        base = {
            "occurred_at": "2026-09-02T01:00:00Z", "release": "2", "mode": "in_the_loop",
            "decision": "approved", "proposed": '{"name": "other", "arguments": {}}',
        }  # fmt: skip
        old = [{**base, "event_id": f"s{i}", "task_id": f"settled-{i}"} for i in range(4)]
        feed.write("2026-09-02b", old)
        feed.agrees()
        later = [
            {**row, "event_id": f"{row['event_id']}-x", "decision": "rejected",
             "occurred_at": "2026-09-12T23:00:00Z"}
            for row in old
        ]  # fmt: skip
        feed.write("2026-09-13", later)
        found = feed.agrees()
        assert {f"s{i}-x" for i in range(4)} & set(found.alarms["unclassified"].events)

    def test_times_that_changed_alone_cost_no_reading(
        self, feed: Feed, rows: list[Cells], read: list[str]
    ) -> None:
        for path in feed.folder.iterdir():
            os.utime(path)
        assert feed.look().counted == len(rows)
        assert read == []
        assert feed.said == []


class TestAStateThatIsNotBelieved:
    """What this machine didn't write, or wrote of another question, is left, and it is said."""

    @pytest.fixture
    def feed(self, begun_in_one: BegunFeed) -> Feed:
        return begun_in_one.again()

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            (lambda text: text.replace('"rows": 60', '"rows": 50', 1), "was changed"),
            (lambda text: text[: len(text) // 2], "is no JSON"),
            (lambda text: "", "is no JSON"),
            (lambda text: "[]", "is no state of a watch"),
            (lambda text: '{"mark": 3, "state": null}', "was changed"),
            (lambda text: text.replace('"mark": "', '"mark": "\\u00e9', 1), "was changed"),
        ],
        ids=["a count", "cut short", "empty", "a list", "nothing", "its mark"],
    )
    def test_a_tampered_state(self, change: Callable[[str], str], says: str, feed: Feed) -> None:
        text = feed.manifest().read_text("utf-8")
        assert change(text) != text
        feed.manifest().write_text(change(text), "utf-8")
        with pytest.raises(UnusableStateError, match=says):
            StateFolder(feed.state, {"dial": "as it is"}, KEY).load()

    def test_what_can_not_be_loaded_is_read_again_and_mended(self, feed: Feed) -> None:
        feed.manifest().write_text("", "utf-8")
        feed.agrees()
        assert "is no JSON: everything is read again" in feed.said[0]
        feed.look()
        assert feed.said == []

    def test_another_machine_s_state(self, feed: Feed) -> None:
        assert feed.look(key=OTHER) == feed.whole()
        assert "was written by another machine" in feed.said[0]

    def test_a_state_of_another_policy(self, feed: Feed) -> None:
        assert feed.look(basis={"dial": "another"}) == feed.whole()
        assert "is of another dial" in feed.said[0]

    def test_a_segment_that_was_changed_or_removed(self, feed: Feed) -> None:
        (segment,) = feed.state.glob("rows-*")
        raw = segment.read_bytes()
        segment.write_bytes(raw[:-9] + bytes(9))
        feed.agrees()
        assert "lacks rows-" in feed.said[0]
        (segment,) = feed.state.glob("rows-*")
        segment.unlink()
        feed.agrees()
        assert "lacks rows-" in feed.said[0]

    def test_a_segment_that_only_was_touched(self, feed: Feed) -> None:
        (segment,) = feed.state.glob("rows-*")
        os.utime(segment)
        feed.agrees()
        assert feed.said == []

    def test_a_folder_that_cannot_be_written(self, feed: Feed, tmp_path: Path) -> None:
        feed.state = tmp_path / "a file"
        feed.state.write_text("")
        assert feed.look() == feed.whole()
        assert "can't be kept" in feed.said[0]

    def test_a_folder_in_use_by_another_look(self, feed: Feed) -> None:
        with StateFolder(feed.state, {"dial": "as it is"}, KEY).held():
            assert feed.look() == feed.whole()
        assert "is in use by another look" in feed.said[0]


class TestLinesThatGrow:
    """One file of JSON Lines that is appended to: lines are read once."""

    @pytest.fixture
    def feed(self, tmp_path: Path) -> Feed:
        return Feed(tmp_path, "jsonl")

    def test_only_new_lines_are_read(self, feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
        rows = task_rows(Random(4), 300, days=12)
        numbers: list[str] = []
        real = file_watch._placed_rows

        def note(lines: Any, file: str) -> Any:
            for row in real(lines, file):
                numbers.append(row[1])
                yield row

        monkeypatch.setattr(file_watch, "_placed_rows", note)
        for last in (100, 101, 300):
            path = feed.write("events", rows[:last])
            numbers.clear()
            found = feed.agrees()
            assert feed.said == []
        assert numbers == [f"line {number}" for number in range(102, 301)]
        assert found.alarms
        assert path.name == "events.jsonl"

    def test_bad_lines_keep_their_numbers(self, feed: Feed) -> None:
        rows = task_rows(Random(4), 300)
        feed.write("events", rows[:250])
        feed.look()
        rows[270]["mode"] = "asleep"
        feed.write("events", rows)
        found = feed.agrees()
        assert [problem.place for problem in found.bad] == ["line 271"]

    def test_a_line_before_the_new_ones_that_changed(self, feed: Feed) -> None:
        rows = task_rows(Random(4), 300)
        feed.write("events", rows[:250])
        feed.look()
        rows[3]["release"] = "4"
        feed.write("events", rows)
        feed.agrees()
        assert "knows another" in feed.said[0]

    def test_a_last_line_that_was_half_written(self, feed: Feed) -> None:
        rows = task_rows(Random(4), 300)
        path = feed.write("events", rows)
        whole = path.read_bytes()
        path.write_bytes(whole[:-20])
        assert feed.agrees().bad_rows == 1
        path.write_bytes(whole)
        assert feed.agrees().bad_rows == 0

    def test_a_file_that_was_cut_short(self, feed: Feed) -> None:
        rows = task_rows(Random(4), 300)
        feed.write("events", rows)
        feed.look()
        feed.write("events", rows[:100])
        assert feed.agrees().counted == 100
        assert "knows another" in feed.said[0]


def test_over_one_percent_bad_rows_are_refused_with_or_without_a_state(feed: Feed) -> None:
    rows = task_rows(Random(6), 300)
    feed.write("a", rows[:200])
    feed.look()
    bad = [{**row, "mode": "asleep"} for row in rows[200:210]]
    feed.write("b", bad)
    said = []
    for look in (feed.look, feed.whole):
        with pytest.raises(ConfigurationError) as caught:
            look()
        said.append(str(caught.value))
    assert said[0] == said[1]
    # The rows that were refused left nothing: mended, they are read.
    feed.write("b", rows[200:210])
    assert feed.agrees().counted == 210


def test_a_clock_that_is_ahead_makes_no_other_event_late(feed: Feed) -> None:
    rows = task_rows(Random(8), 80, days=4)
    ahead = {**rows[0], "event_id": "ahead", "occurred_at": "2199-01-01T00:00:00Z"}
    feed.write("a", [*rows, ahead])
    feed.agrees()
    text = feed.manifest().read_text("utf-8")
    assert "before_us" in text
    feed.write("b", [{**row, "event_id": f"b-{row['event_id']}"} for row in rows[-20:]])
    feed.agrees()


def test_without_a_detector_nothing_alarms(feed: Feed) -> None:
    feed.write("a", task_rows(Random(8), 60))
    quiet = replace(task_model.asked(), detector=None)
    assert feed.look(asked=quiet).alarms == feed.whole(asked=quiet).alarms == {}
