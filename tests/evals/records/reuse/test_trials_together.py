"""Trials that are asked for together: what one by one gives, in their order."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.evals.records.reuse.test_trial_cache import KEY, ODD_ROWS, Opened, trajectory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    found = Opened(tmp_path / "cache")
    yield found
    found.cache.close()


class TestTogether:
    def test_they_come_in_the_order_of_their_keys(self, opened: Opened) -> None:
        kept = [(f"key-{number}", trajectory(cost_usd=number)) for number in range(1_100)]
        opened.cache.put_all(kept)
        keys = [key for key, _ in kept]
        assert opened.cache.get_all([*keys[::-1], "unknown"]) == [
            *(item for _, item in kept[::-1]), None,
        ]  # fmt: skip
        assert opened.said == []

    @pytest.mark.parametrize("way", [*ODD_ROWS, "a text that is no UTF-8"])
    def test_an_odd_row_costs_no_other_that_is_asked_for_with_it(
        self, way: str, opened: Opened, tmp_path: Path
    ) -> None:
        mark = tmp_path / "mark"
        if way in ODD_ROWS:
            opened.plant_odd(way, mark)
        else:
            opened.plant(value="")
            with closing(sqlite3.connect(opened.folder / "cache.db")) as database, database:
                database.execute("UPDATE Cache SET value = CAST(x'ff' AS TEXT)")
        opened.cache.put("other", trajectory())
        assert opened.cache.get_all([KEY, "other"]) == [None, trajectory()]
        (said,) = opened.said
        assert "an entry is no recorded trial" in said
        assert not mark.exists()

    def test_a_row_that_is_over_its_time_is_a_miss(self, opened: Opened) -> None:
        opened.cache.put(KEY, trajectory())
        with closing(sqlite3.connect(opened.folder / "cache.db")) as database, database:
            database.execute("UPDATE Cache SET expire_time = 1.0")
        assert opened.cache.get_all([KEY]) == [opened.cache.get(KEY)] == [None]
