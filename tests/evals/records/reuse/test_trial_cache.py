"""The cache of trials: what it keeps, what it refuses, and what a key rests on."""

from __future__ import annotations

import datetime as dt
import json
import pickle
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import diskcache
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.actions.trajectory import Trajectory, WrittenTrajectory, parse_trajectory
from dialgate_evals.errors import UsageError
from dialgate_evals.files.json_text import json_line
from dialgate_evals.records.machine_key import MachineKey
from dialgate_evals.records.reuse.trial_cache import DiskTrialCache, _pack, _unpack
from tests.integration.command_line import PROJECT
from tests.workspaces import a_refund, a_trial

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "sha256:" + "0" * 64
MACHINE = MachineKey((b"of this machine",))
NOW = dt.datetime.now(dt.UTC)  # the store's own clock decides when an entry was made


def trajectory(case_id: str = "refund-000", **more: Any) -> Trajectory:
    return parse_trajectory(a_trial(case_id, [a_refund(case_id)], **more))


class Touch:
    """Pickled, it creates a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (self.path,))


ODD_ROWS = (
    "a pickled value", "a pickled value in a file", "a file of bytes", "a file of text",
    "a file outside", "an unknown mode", "a text", "a number", "nothing",
    "bytes that are no entry",
)  # fmt: skip


class Opened:
    """A cache and what it said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.cache = DiskTrialCache(folder, say=self.said.append, key=MACHINE)

    def rows(self) -> list[Any]:
        with closing(sqlite3.connect(self.folder / "cache.db")) as database:
            return database.execute("SELECT key, value FROM Cache ORDER BY rowid").fetchall()

    def plant(self, **columns: Any) -> None:
        """Writes a row as a stranger would."""
        row = {"key": KEY, "raw": 1, "store_time": NOW.timestamp(), "mode": 1, **columns}
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        with closing(sqlite3.connect(self.folder / "cache.db")) as database, database:
            database.execute("DELETE FROM Cache")
            database.execute(f"INSERT INTO Cache({names}) VALUES ({marks})", tuple(row.values()))

    def plant_odd(self, way: str, mark: Path) -> None:
        """Writes one of ODD_ROWS, which may run code that leaves the mark."""
        code = pickle.dumps(Touch(mark))
        file = self.folder / "planted.val"
        file.write_bytes(code)
        ways: dict[str, dict[str, Any]] = {
            "a pickled value": {"mode": 4, "value": code},
            "a pickled value in a file": {"mode": 4, "filename": "planted.val"},
            "a file of bytes": {"mode": 2, "filename": "planted.val"},
            "a file of text": {"mode": 3, "filename": "planted.val"},
            "a file outside": {"mode": 2, "filename": "../victim"},
            "an unknown mode": {"mode": 77, "value": code},
            "a text": {"value": "text"},
            "a number": {"value": 7},
            "nothing": {"value": None},
            "bytes that are no entry": {"value": code},
        }
        self.plant(**ways[way])


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    found = Opened(tmp_path / "cache")
    yield found
    found.cache.close()


class TestKeeping:
    def test_what_was_put_comes_back_equal(self, opened: Opened) -> None:
        kept = trajectory(cost_usd=0.5, usage={"input_tokens": 3, "output_tokens": 4})
        opened.cache.put(KEY, kept)
        assert opened.cache.get(KEY) == kept
        assert opened.said == []

    @pytest.mark.parametrize(
        "more", [{}, {"labels": {"note": "\ud800 é"}}, {"failure": "it broke"}]
    )
    def test_a_copied_line_is_the_entry_of_its_trial(
        self, opened: Opened, more: dict[str, Any]
    ) -> None:
        kept = trajectory(**more)
        line = json_line(kept.as_json()).rstrip(b"\n")
        copied = WrittenTrajectory(case_id=kept.case_id, trial=kept.trial, error=None, line=line)
        assert _pack(KEY, copied, MACHINE) == _pack(KEY, kept, MACHINE)
        opened.cache.put_all([(KEY, copied)])
        assert opened.cache.get(KEY) == kept

    def test_one_that_is_kept_again_replaces_the_first(self, opened: Opened) -> None:
        opened.cache.put_all([(KEY, trajectory()), ("other", trajectory())])
        opened.cache.put_all([(KEY, trajectory(cost_usd=0.5))])
        assert opened.cache.get(KEY) == trajectory(cost_usd=0.5)
        assert len(opened.rows()) == 2
        assert {key for key, _ in opened.rows()} == {KEY, "other"}

    def test_an_unknown_key_is_a_miss_without_a_word(self, opened: Opened) -> None:
        assert opened.cache.get(KEY) is None
        assert opened.said == []

    def test_it_outlives_the_process(self, opened: Opened) -> None:
        opened.cache.put(KEY, trajectory())
        opened.cache.close()
        again = Opened(opened.folder)
        assert again.cache.get(KEY) == trajectory()
        again.cache.close()

    def test_a_failed_trial_is_kept_like_a_passed_one(self, opened: Opened) -> None:
        """Run again until it passes, it would be no evidence."""
        opened.cache.put(KEY, trajectory(failure="no reply within 60 s"))
        found = opened.cache.get(KEY)
        assert found is not None
        assert found.failure == "no reply within 60 s"

    def test_a_trial_that_could_not_be_run_is_never_kept(self, opened: Opened) -> None:
        opened.cache.put(KEY, trajectory(error="HTTP 503"))
        assert opened.rows() == []

    def test_large_trials_stay_in_the_database(self, opened: Opened) -> None:
        """Files beside it would have to be trusted by their names."""
        noise = "".join(chr(32 + (index * index) % 90) for index in range(500_000))
        messages = [{"role": "assistant", "content": noise}]
        kept = Trajectory(case_id="c", trial=0, messages=messages)
        opened.cache.put(KEY, kept)
        assert opened.cache.get(KEY) == kept
        assert {path.name.partition("-")[0] for path in opened.folder.iterdir()} == {"cache.db"}

    @given(
        st.text(min_size=1),
        st.lists(st.text(), max_size=3),
        st.none() | st.floats(min_value=0, allow_nan=False, allow_infinity=False),
    )
    def test_packed_then_unpacked_is_equal(
        self, case_id: str, said: list[str], cost: float | None
    ) -> None:
        messages = [{"role": "assistant", "content": text} for text in said]
        kept = Trajectory(case_id=case_id, trial=0, messages=messages, cost_usd=cost)
        packed = zstandard.ZstdCompressor().compress(_pack(KEY, kept, MACHINE))
        assert _unpack(KEY, packed, MACHINE) == kept


class TestForeignRows:
    """A restored CI cache is foreign input: nothing in it runs, no file it names is touched."""

    @pytest.mark.parametrize("way", ODD_ROWS)
    def test_are_misses_and_run_nothing(self, way: str, opened: Opened, tmp_path: Path) -> None:
        mark, victim = tmp_path / "mark", tmp_path / "victim"
        victim.write_text("precious")
        opened.plant_odd(way, mark)
        assert opened.cache.get(KEY) is None
        (said,) = opened.said
        assert "an entry is no recorded trial" in said
        opened.cache.put(KEY, trajectory())
        assert opened.cache.get(KEY) == trajectory()
        assert opened.cache.gc(max_bytes=0, max_age_days=1, now=NOW) == 1
        assert victim.read_text() == "precious"
        assert not mark.exists()

    def test_with_a_pickled_key_run_nothing(self, opened: Opened, tmp_path: Path) -> None:
        mark = tmp_path / "mark"
        opened.plant(key=pickle.dumps(Touch(mark)), raw=0, value=b"x")
        assert opened.cache.get(KEY) is None
        opened.cache.gc(max_bytes=0, max_age_days=1, now=NOW)
        assert opened.rows() == []
        assert not mark.exists()

    @pytest.mark.parametrize("disk", [diskcache.Disk, diskcache.JSONDisk])
    def test_would_run_with_the_librarys_own_disks(
        self, disk: Any, opened: Opened, tmp_path: Path
    ) -> None:
        """The reason for a disk of our own; where this fails, it may be needless."""
        mark = tmp_path / "mark"
        with diskcache.Cache(str(tmp_path / "other"), disk=disk) as library:
            library.set(KEY, "x")
            with closing(sqlite3.connect(tmp_path / "other" / "cache.db")) as database, database:
                row = (4, pickle.dumps(Touch(mark)))
                database.execute("UPDATE Cache SET mode = ?, value = ?", row)
            try:
                library.get(KEY)
            except TypeError:
                assert disk is diskcache.JSONDisk  # only after it ran
        assert mark.exists()

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("sqlite_user_version = 7; --", 1),
            ("sqlite_cache_size", "1; DROP TABLE Cache"),
            ("get", "x"),
            ("disk_odd", 1),
        ],
    )
    def test_with_odd_settings_begin_an_empty_cache(
        self, key: str, value: Any, opened: Opened
    ) -> None:
        """The library runs each setting as a statement, and sets it as an attribute of itself."""
        opened.cache.put(KEY, trajectory())
        opened.cache.close()
        with closing(sqlite3.connect(opened.folder / "cache.db")) as database, database:
            database.execute("INSERT OR REPLACE INTO Settings VALUES (?, ?)", (key, value))
        again = Opened(opened.folder)
        assert "an empty one is begun" in again.said[0]
        assert again.cache.get(KEY) is None
        again.cache.put(KEY, trajectory())
        assert again.cache.get(KEY) == trajectory()
        again.cache.close()

    @pytest.mark.parametrize("raw", [b"", b"no database at all, but long enough to be one" * 100])
    def test_a_file_that_is_no_database_begins_an_empty_cache(
        self, raw: bytes, tmp_path: Path
    ) -> None:
        (tmp_path / "cache.db").write_bytes(raw)
        found = Opened(tmp_path)
        found.cache.put(KEY, trajectory())
        assert found.cache.get(KEY) == trajectory()
        assert bool(found.said) == bool(raw)
        found.cache.close()

    def test_a_folder_that_is_a_file_is_a_usage_error(self, tmp_path: Path) -> None:
        (tmp_path / "cache").write_text("")
        with pytest.raises(UsageError, match="the cache can't be opened"):
            Opened(tmp_path / "cache")


def packed(payload: bytes) -> bytes:
    content = MACHINE.mark("trial", payload).encode() + b"\n" + payload
    return zstandard.ZstdCompressor().compress(content)


def an_entry(**changes: Any) -> bytes:
    document = {"schema": 2, "key": KEY, "trajectory": trajectory().as_json(), **changes}
    return packed(json.dumps(document).encode())


class TestCheckedEntries:
    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (b"", "it is damaged, or another machine"),
            (b"garbage", "it can't be decompressed"),
            (zstandard.ZstdCompressor().compress(b"x"), "it is damaged, or another machine"),
            (packed(b"{"), "text that is not JSON"),
            (packed(b"[]"), "another format"),
            (an_entry(schema=1), "another format"),
            (an_entry(key="sha256:1"), "recorded under another key"),
            (an_entry(trajectory=None), "breaks the format"),
            (an_entry(trajectory={"case_id": "x", "trial": -1, "messages": []}), "the format"),
            (an_entry(trajectory=trajectory(error="HTTP 503").as_json()), "could not be run"),
            (zstandard.ZstdCompressor().compress(b"x" * (2**24 + 1)), "over 16 MiB"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_that_are_bad_are_misses_and_said(
        self, value: bytes, words: str, opened: Opened
    ) -> None:
        opened.plant(value=value)
        assert opened.cache.get_all([KEY]) == [opened.cache.get(KEY)] == [None]
        (said,) = opened.said
        assert words in said
        assert said.endswith("; the trial is run again.")

    def test_one_flipped_bit_anywhere_is_never_a_hit(self, opened: Opened) -> None:
        opened.cache.put(KEY, trajectory())
        ((_, value),) = opened.rows()
        for index in range(0, len(value), 7):
            bad = bytearray(value)
            bad[index] ^= 1
            opened.plant(value=bytes(bad))
            (found,) = opened.cache.get_all([KEY])
            assert found is None or found == trajectory()  # some header bits say nothing


class TestGc:
    def fill(self, opened: Opened, count: int) -> None:
        for index in range(count):
            opened.cache.put(f"key-{index}", trajectory())
            with closing(sqlite3.connect(opened.folder / "cache.db")) as database, database:
                database.execute(
                    "UPDATE Cache SET store_time = ? WHERE key = ?",
                    (NOW.timestamp() - 86_400 * (count - index), f"key-{index}"),
                )

    def kept(self, opened: Opened) -> list[str]:
        return [key for key, _ in opened.rows()]

    def test_drops_by_age(self, opened: Opened) -> None:
        self.fill(opened, 4)  # 4, 3, 2 and 1 days old
        assert opened.cache.gc(max_bytes=2**40, max_age_days=2.5, now=NOW) == 2
        assert self.kept(opened) == ["key-2", "key-3"]

    def test_drops_the_oldest_until_the_rest_fits(self, opened: Opened) -> None:
        self.fill(opened, 4)
        size = len(opened.rows()[0][1]) + len("key-0")
        assert opened.cache.gc(max_bytes=2 * size + 20, max_age_days=100, now=NOW) == 2
        assert self.kept(opened) == ["key-2", "key-3"]

    def test_leaves_what_is_within_the_limits(self, opened: Opened) -> None:
        self.fill(opened, 4)
        assert opened.cache.gc(max_bytes=2**40, max_age_days=100, now=NOW) == 0

    @pytest.mark.parametrize(
        "moment",
        [NOW.timestamp() + 10**7, None, "noon", b"x"],
        ids=["to come", "none", "text", "bytes"],
    )
    def test_drops_what_has_no_usable_time(self, moment: Any, opened: Opened) -> None:
        """Else a planted entry would stay for ever."""
        opened.plant(store_time=moment, value=b"x")
        assert opened.cache.gc(max_bytes=2**40, max_age_days=100, now=NOW) == 1

    def test_gives_the_room_back(self, opened: Opened) -> None:
        noise = "".join(chr(32 + (index * index) % 90) for index in range(200_000))
        for index in range(30):
            messages = [{"role": "assistant", "content": f"{index}{noise}"}]
            opened.cache.put(f"key-{index}", Trajectory(case_id="c", trial=0, messages=messages))
        opened.cache.gc(max_bytes=0, max_age_days=1, now=NOW)
        opened.cache.close()  # folds the log into the database
        assert (opened.folder / "cache.db").stat().st_size < 100_000

    def test_nothing_is_dropped_but_by_gc(self, opened: Opened) -> None:
        """Default eviction would silently turn hits into paid trials."""
        with closing(sqlite3.connect(opened.folder / "cache.db")) as database:
            settings = dict(database.execute("SELECT key, value FROM Settings").fetchall())
        assert (settings["eviction_policy"], settings["cull_limit"]) == ("none", 0)


WORKER = """
import datetime as dt, sys
from pathlib import Path
from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.records.reuse.trial_cache import DiskTrialCache

said = []
cache = DiskTrialCache(Path(sys.argv[1]), say=said.append)
for round in range(3):
    for index in range(40):
        message = {"role": "assistant", "content": f"reply {index}" * 200}
        kept = Trajectory(case_id="c", trial=index, messages=[message])
        found = cache.get(f"key-{index}")
        assert found is None or found == kept, found
        cache.put(f"key-{index}", kept)
    cache.gc(max_bytes=20_000, max_age_days=1, now=dt.datetime.now(dt.UTC))
cache.close()
assert said == [], said
"""


def test_four_processes_share_it(tmp_path: Path) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(tmp_path / "cache")],
            cwd=PROJECT,
            stderr=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    ended = [process.communicate(timeout=120) for process in running]
    assert [log.decode() for _, log in ended] == [""] * 4
    assert [process.returncode for process in running] == [0] * 4
