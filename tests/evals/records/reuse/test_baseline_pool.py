"""The pool keeps what this machine's runs made, each trial once, within its bounds."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_evals.errors import RecordError
from dialgate_evals.records.machine_key import MachineKey
from dialgate_evals.records.reuse.baseline_pool import BaselinePool, PooledTrial
from dialgate_evals.records.reuse.pool_entries import PoolLimits
from tests.workspaces import a_refund, a_trial

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
LIMITS = PoolLimits(max_bytes=10**6, max_age_days=30)
KEY, OTHER = MachineKey((b"of this machine",)), MachineKey((b"of another",))


def trial(number: int = 0, *, day: int = 28, case: str = "c", run: str = "r") -> PooledTrial:
    made = {**a_trial(case, [a_refund(case)]), "trial": number}
    at = f"2026-11-{day:02}T10:00:00Z"
    return PooledTrial(run=run, context=case, at=at, trajectory=parse_trajectory(made))


def test_it_is_found_by_release_and_context(tmp_path: Path) -> None:
    pool = BaselinePool(tmp_path, KEY)
    kept = [trial(0), trial(1), trial(0, case="d"), trial(0, run="other")]
    assert pool.add(kept, LIMITS, NOW) == 4
    assert pool.find("r", ["c"]) == {"c": kept[:2]}
    assert pool.find("r", ["unknown"]) == {}


def test_each_trial_is_there_once(tmp_path: Path) -> None:
    pool = BaselinePool(tmp_path, KEY)
    pool.add([trial()], LIMITS, NOW)
    assert pool.add([trial(), trial(1)], LIMITS, NOW) == 1
    assert len(pool.read()) == 2


def test_a_trial_that_could_not_be_run_is_none(tmp_path: Path) -> None:
    failed = parse_trajectory(a_trial("c", [], error="quota"))
    one = PooledTrial(run="r", context="c", at="2026-11-28T10:00:00Z", trajectory=failed)
    assert BaselinePool(tmp_path, KEY).add([one], LIMITS, NOW) == 0


def test_what_another_made_or_edited_is_none(tmp_path: Path) -> None:
    BaselinePool(tmp_path, OTHER).add([trial()], LIMITS, NOW)
    pool = BaselinePool(tmp_path, KEY)
    assert pool.read() == []
    pool.add([trial(1)], LIMITS, NOW)
    path = tmp_path / "pool/trials.jsonl"
    path.write_bytes(path.read_bytes().replace(b"Done.", b"Paid."))
    assert pool.read() == []


def test_old_trials_go_and_those_of_the_future_are_none(tmp_path: Path) -> None:
    pool = BaselinePool(tmp_path, KEY)
    tight = PoolLimits(max_bytes=10**6, max_age_days=2)
    future = PooledTrial(
        run="r", context="c", at="2027-01-01T00:00:00Z", trajectory=trial().trajectory
    )
    assert pool.add([trial(0, day=20), trial(1, day=28), future], tight, NOW) == 1
    assert [item.at for item in pool.read()] == ["2026-11-28T10:00:00Z"]


def test_the_newest_stay_where_there_are_too_many(tmp_path: Path) -> None:
    pool = BaselinePool(tmp_path, KEY)
    pool.add([trial(n, day=n % 20 + 1) for n in range(80)], LIMITS, NOW)
    pool.add([trial(99, day=28)], LIMITS, NOW)
    kept = pool.find("r", ["c"])["c"]
    assert len(kept) == 64
    assert kept[-1].at == "2026-11-28T10:00:00Z"
    small = PoolLimits(max_bytes=2_000, max_age_days=30)
    pool.add([], small, NOW)
    assert 0 < len(pool.read()) < 10


class TestCarriedElsewhere:
    def test_with_the_same_secret_it_is_taken_in(self, tmp_path: Path) -> None:
        first, second = (BaselinePool(tmp_path / name, KEY) for name in "ab")
        first.add([trial(), trial(1)], LIMITS, NOW)
        assert first.export(tmp_path / "pool.jsonl") == 2
        assert second.restore(tmp_path / "pool.jsonl", LIMITS, NOW) == 2
        assert second.restore(tmp_path / "pool.jsonl", LIMITS, NOW) == 0
        assert second.read() == first.read()

    def test_with_another_secret_nothing_of_it_is(self, tmp_path: Path) -> None:
        BaselinePool(tmp_path / "a", OTHER).add([trial()], LIMITS, NOW)
        BaselinePool(tmp_path / "a", OTHER).export(tmp_path / "pool.jsonl")
        pool = BaselinePool(tmp_path / "b", KEY)
        with pytest.raises(RecordError, match="1 of 1 trials that no secret of here marked"):
            pool.restore(tmp_path / "pool.jsonl", LIMITS, NOW)
        assert pool.read() == []

    def test_turned_over_an_old_export_still_holds(self, tmp_path: Path) -> None:
        BaselinePool(tmp_path / "a", OTHER).add([trial()], LIMITS, NOW)
        BaselinePool(tmp_path / "a", OTHER).export(tmp_path / "pool.jsonl")
        both = MachineKey((*KEY.secrets, *OTHER.secrets))
        assert BaselinePool(tmp_path / "b", both).restore(tmp_path / "pool.jsonl", LIMITS, NOW) == 1
