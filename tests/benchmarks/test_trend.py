"""The trend of the benchmarks: ratios out of what they print, compared with the nights before."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.command_line import PROJECT

if TYPE_CHECKING:
    from types import ModuleType

OUTPUTS = {
    "runs/pytest_items.py": (
        "10,000 bare items 2.00 s, 10,000 cases as items 2.40 s\nratio 1.20 (x)\n"
    ),
    "runs/recorded_trials.py": "parsing only   0.50 s     50.0 us a trial\nratio          6.1\n",
    "runs/engine_overhead.py": (
        "bare loop         20.0 us a trial\n"
        "isolation process, 1,000 cases 10 times each   100.0 us a trial over it\n"
        "isolation none       50.0 us\n2,000 trials of 50 ms, 100 at once: 1.10 s, 1.10 times the"
        " ideal\n"
    ),
    "dial/dial_lookup.py": (
        "a dictionary                     0.05 us\na class without a condition      1.00 us\n"
        "the second of two conditions     5.00 us (target 20)\n"
        "… by the runtime alone, with leases   6.00 us (target 20)\n"
        "… and everything in it       12.0 ms (target 20), 2.50 bare starts\n"
    ),
}


@pytest.fixture(scope="module")
def trend() -> ModuleType:
    """benchmarks/trend.py, which is a script and no package's module."""
    spec = importlib.util.spec_from_file_location("trend", PROJECT / "benchmarks/trend.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["trend"] = module
    spec.loader.exec_module(module)
    return module


def test_ratios_are_read_or_made(trend: ModuleType) -> None:
    assert list(trend.read_figures(OUTPUTS).values()) == [1.2, 6.1, 6.0, 1.1, 100.0, 120.0, 2.5]


def test_every_script_is_there(trend: ModuleType) -> None:
    assert all((PROJECT / "benchmarks" / item.script).is_file() for item in trend.FIGURES)


def test_a_benchmark_that_prints_something_else_is_an_error(trend: ModuleType) -> None:
    with pytest.raises(ValueError, match=r"pytest_items\.py printed nothing like"):
        trend.read_figures({**OUTPUTS, "runs/pytest_items.py": "faster than ever"})


@pytest.mark.parametrize(
    ("before", "now", "slower"),
    [
        ([1.0] * 5, 1.6, True),
        ([1.0] * 5, 1.5, False),
        ([1.0] * 4, 9.0, False),
        ([9.0] * 20 + [1.0] * 10, 1.6, True),
        ([1.0] * 9 + [9.0], 1.6, True),
    ],
    ids=["slower", "within", "too few nights", "old nights don't count", "an odd night"],
)
def test_what_is_half_over_the_usual_is_slower(
    before: list[float], now: float, slower: bool, trend: ModuleType
) -> None:
    nights: list[dict[str, Any]] = [{"ratio": value} for value in before]
    assert trend.compare({"ratio": now}, nights) == (["ratio"] if slower else [])
    assert ("| slower |" in trend.render({"ratio": now}, nights)) is slower
