"""The benchmark of the fleet at a hundredth of its size: every event counted once, in its suite."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING

from tests.integration.command_line import PROJECT, dialgate
from tests.needed.extras import need

if TYPE_CHECKING:
    from pathlib import Path

need("psycopg", "the generator's module measures PostgreSQL too")


def test_every_event_is_counted_once_and_in_its_suite(tmp_path: Path) -> None:
    found = importlib.util.spec_from_file_location("fleet", PROJECT / "benchmarks/dial/fleet.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    module.write_fleet(tmp_path, 4, 40_001, signals=True)
    done = dialgate(
        "fleet", "suites", "--events", "events/{name}.parquet", "--now", module.NOW,
        "--json", "fleet.json", folder=tmp_path,
    )  # fmt: skip
    assert done.code == 0, done.err
    suites = json.loads((tmp_path / "fleet.json").read_text("utf-8"))["suites"]
    counted = {item["suite"]: item["events"]["counted"] for item in suites}
    assert sum(counted.values()) == 40_001
    assert sorted(counted.values()) == [10_000, 10_000, 10_000, 10_001]
    assert all(len(item["classes"]) == 12 for item in suites)
    # Two classes of one tool are told apart by its amount; all are reviewed in the loop.
    assert all(kind["live"]["reviews"] > 20 for kind in suites[0]["classes"])
