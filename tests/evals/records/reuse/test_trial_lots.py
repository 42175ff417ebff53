"""Trials that are kept together: what comes back, and what of a foreign entry never does."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import zstandard

from dialgate_evals.actions.trajectory import Trajectory, WrittenTrajectory
from dialgate_evals.files.json_text import json_line
from dialgate_evals.records.machine_key import MachineKey
from dialgate_evals.records.reuse.trial_cache import DiskTrialCache
from dialgate_evals.records.reuse.trial_lots import TrialLots
from tests.evals.records.reuse.test_trial_cache import MACHINE, Opened, trajectory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

RUN = "sha256:" + "1" * 64
KEYS = [f"sha256:{number:064}" for number in range(150)]
TRIALS = [trajectory(f"case-{number}", cost_usd=number / 4) for number in range(150)]
KEPT = list(zip(KEYS, TRIALS, strict=True))


class Lots(Opened):
    """Lots of a run in a cache, and what they said."""

    def open(self, run: str = RUN, key: MachineKey = MACHINE) -> TrialLots:
        return TrialLots(self.folder, run, say=self.said.append, key=key)

    def execute(self, statement: str, *values: Any) -> None:
        with closing(sqlite3.connect(self.folder / "cache.db")) as database, database:
            database.execute(statement, values)

    def content(self) -> bytes:
        """What the only entry holds."""
        ((_, value),) = self.rows()
        return zstandard.ZstdDecompressor().decompress(value)

    def hold(self, content: bytes) -> None:
        """Puts that into every entry."""
        self.execute("UPDATE Cache SET value = ?", zstandard.ZstdCompressor().compress(content))


@pytest.fixture
def lots(tmp_path: Path) -> Iterator[Lots]:
    found = Lots(tmp_path / "cache")
    yield found
    found.cache.close()


class TestKeeping:
    def test_what_was_put_comes_back_in_the_order_of_the_keys(self, lots: Lots) -> None:
        lots.open().put_all(KEPT)
        assert lots.open().get_all([*KEYS[::-1], "unknown"]) == [*TRIALS[::-1], None]
        assert lots.said == []

    def test_many_trials_take_few_rows(self, lots: Lots) -> None:
        lots.open().put_all(KEPT)
        assert len(lots.rows()) == 3

    def test_large_trials_stand_alone(self, lots: Lots) -> None:
        message = {"role": "assistant", "content": "x" * 2**18}
        large = [Trajectory(case_id="c", trial=n, messages=[message]) for n in range(3)]
        lots.open().put_all(zip(KEYS, large, strict=False))
        assert len(lots.rows()) == 3
        assert lots.open().get_all(KEYS[:3]) == large

    def test_what_is_put_while_it_is_open_is_found(self, lots: Lots) -> None:
        opened = lots.open()
        assert opened.get_all(KEYS[:1]) == [None]
        opened.put_all(KEPT[:1])
        assert opened.get_all(KEYS[:1]) == TRIALS[:1]

    def test_the_newest_of_a_key_counts(self, lots: Lots) -> None:
        lots.open().put_all(KEPT[:3])
        lots.open().put_all([(KEYS[1], TRIALS[7])])
        assert lots.open().get_all(KEYS[:3]) == [TRIALS[0], TRIALS[7], TRIALS[2]]

    @pytest.mark.parametrize("more", [{}, {"labels": {"note": "\ud800 é\n"}}])
    def test_a_copied_line_is_the_same_entry(self, lots: Lots, more: dict[str, Any]) -> None:
        kept = trajectory(**more)
        line = json_line(kept.as_json()).rstrip(b"\n")
        copied = WrittenTrajectory(case_id=kept.case_id, trial=kept.trial, error=None, line=line)
        lots.open().put_all([(KEYS[0], copied)])
        written = lots.content()
        lots.execute("DELETE FROM Cache")
        lots.open().put_all([(KEYS[0], kept)])
        assert lots.content() == written
        assert lots.open().get_all(KEYS[:1]) == [kept]

    def test_one_that_could_not_be_run_is_never_kept(self, lots: Lots) -> None:
        lots.open().put_all([(KEYS[0], trajectory(error="HTTP 503"))])
        assert lots.rows() == []

    def test_another_runs_are_not_looked_at(self, lots: Lots) -> None:
        lots.open(run="sha256:other").put_all(KEPT[:1])
        assert lots.open().get_all(KEYS[:1]) == [None]

    def test_the_cache_drops_them_like_any_entry(self, lots: Lots) -> None:
        opened = lots.open()
        opened.put_all(KEPT)
        assert opened.get_all(KEYS[:1]) == TRIALS[:1]
        now = dt.datetime.now(dt.UTC)
        assert lots.cache.gc(max_bytes=0, max_age_days=1, now=now) == 3
        assert opened.get_all(KEYS[100:]) == [None] * 50
        assert lots.said == []

    def test_single_trials_are_no_lots_and_stay(self, lots: Lots) -> None:
        lots.cache.put(KEYS[0], TRIALS[0])
        assert lots.open().get_all(KEYS[:1]) == [None]
        assert lots.cache.get(KEYS[0]) == TRIALS[0]


def _other_keys(content: bytes) -> bytes:
    return content.replace(KEYS[0].encode(), KEYS[1].encode())


def _other_words(content: bytes) -> bytes:
    return content.replace(b"refund", b"refunt")


def _as_single(content: bytes) -> bytes:
    """The mark of what a single trial's entry would be."""
    _, _, payload = content.partition(b"\n")
    return MACHINE.mark("trial", payload).encode() + b"\n" + payload


def _marked(payload: bytes) -> bytes:
    return MACHINE.mark("trial lot", payload).encode() + b"\n" + payload


class TestForeignEntries:
    """A restored CI cache is foreign input: what this machine didn't mark is never a trial."""

    @pytest.mark.parametrize("forge", [_other_keys, _other_words, _as_single])
    def test_that_were_altered_are_misses_said_and_dropped(
        self, lots: Lots, forge: Callable[[bytes], bytes]
    ) -> None:
        lots.open().put_all(KEPT[:1])
        forged = forge(lots.content())
        assert forged != lots.content()
        lots.hold(forged)
        assert lots.open().get_all(KEYS[:2]) == [None, None]
        (said,) = lots.said
        assert "an entry is no recorded trials: it is damaged, or another machine" in said
        assert lots.rows() == []

    def test_of_another_machine_are_misses(self, lots: Lots) -> None:
        lots.open(key=MachineKey((b"of another machine",))).put_all(KEPT)
        assert lots.open().get_all(KEYS) == [None] * 150
        assert len(lots.said) == 1

    @pytest.mark.parametrize(
        "columns",
        [
            "mode = 4",
            "mode = 2, filename = '../victim'",
            "mode = 77",
            "value = 'text'",
            "value = CAST(x'ff' AS TEXT)",
            "value = 7",
            "value = NULL",
            "value = x''",
            "value = x'28b52ffd'",
        ],
    )
    def test_that_are_odd_cost_no_other(self, lots: Lots, columns: str) -> None:
        lots.open().put_all(KEPT)
        lots.execute(f"UPDATE Cache SET {columns} WHERE rowid = (SELECT min(rowid) FROM Cache)")
        found = lots.open().get_all(KEYS)
        assert found.count(None) in {64, 22}
        assert all(trial in (None, own) for trial, own in zip(found, TRIALS, strict=True))
        assert len(lots.said) == 1
        assert len(lots.rows()) == 2

    def test_that_change_while_they_are_open_are_misses(self, lots: Lots) -> None:
        lots.open().put_all(KEPT[:2])
        opened = lots.open()
        assert opened.get_all(["unknown"]) == [None]
        lots.hold(_other_words(lots.content()))
        assert opened.get_all(KEYS[:2]) == [None, None]

    def test_that_are_over_their_time_are_misses(self, lots: Lots) -> None:
        lots.open().put_all(KEPT[:2])
        lots.execute("UPDATE Cache SET expire_time = 1.0")
        assert lots.open().get_all(KEYS[:2]) == [None, None]

    def test_one_flipped_bit_anywhere_is_never_another_trial(self, lots: Lots) -> None:
        lots.open().put_all(KEPT[:3])
        ((key, value),) = lots.rows()
        for index in range(0, len(value), 7):
            bad = bytearray(value)
            bad[index] ^= 1
            lots.plant(key=key, value=bytes(bad))
            found = lots.open().get_all(KEYS[:3])
            assert found in (TRIALS[:3], [None] * 3)  # some header bits say nothing

    @pytest.mark.parametrize(
        "payload",
        [
            b"",
            b"[]\n",
            b'{"schema":1}\n',
            b'{"schema":2,"keys":[]}\n',
            b'{"schema":1,"keys":7}\n',
            b'{"schema":1,"keys":[[]]}\n{}\n',
            b'{"schema":1,"keys":["a"]}\n',
            b'{"schema":1,"keys":[]}\n{}\n',
            b"{\n",
        ],
    )
    def test_that_are_of_another_format_are_misses(self, lots: Lots, payload: bytes) -> None:
        """Another version of this machine may have marked them."""
        lots.open().put_all(KEPT[:1])
        lots.hold(_marked(payload))
        assert lots.open().get_all([KEYS[0], "a"]) == [None, None]
        assert len(lots.said) == 1

    @pytest.mark.parametrize(
        "line", [b"{", b"7", b'{"case_id":"c","trial":-1,"messages":[]}', b'{"case_id":"c"}']
    )
    def test_with_what_is_no_trajectory_are_misses(self, lots: Lots, line: bytes) -> None:
        lots.open().put_all(KEPT[:1])
        lots.hold(_marked(b'{"schema":1,"keys":["a"]}\n' + line + b"\n"))
        assert lots.open().get_all(["a"]) == [None]


class TestWithoutADatabase:
    def test_nothing_is_found_and_what_is_put_is_said_to_be_lost(self, lots: Lots) -> None:
        lots.execute("DROP TABLE Cache")
        opened = lots.open()
        assert opened.get_all(KEYS[:1]) == [None]
        opened.put_all(KEPT[:1])
        (said,) = lots.said
        assert "trials can't be kept" in said


def test_a_cache_of_single_trials_is_read_as_before(tmp_path: Path) -> None:
    cache = DiskTrialCache(tmp_path, say=lambda _: None, key=MACHINE)
    cache.put_all(KEPT)
    assert cache.get_all(KEYS) == TRIALS
    cache.close()
