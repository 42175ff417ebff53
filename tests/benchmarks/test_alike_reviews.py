"""The simulation of reviews that are alike says what the dial's bounds promise."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import numpy as np

from dialgate_gate.statistics.upper_rate import upper_rate_bound
from tests.integration.command_line import PROJECT

if TYPE_CHECKING:
    from types import ModuleType


def benchmark() -> ModuleType:
    found = importlib.util.spec_from_file_location(
        "alike_reviews", PROJECT / "benchmarks/dial/alike_reviews.py"
    )
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_most_interventions_are_those_whose_bound_is_under_the_limit() -> None:
    module = benchmark()
    for reviews in (20, 200, 2_000):
        most = module.most_interventions(reviews)
        if most >= 0:
            assert upper_rate_bound(most, reviews, module.CONFIDENCE) <= module.LIMIT + 1e-9
        assert upper_rate_bound(most + 1, reviews, module.CONFIDENCE) > module.LIMIT


def test_by_task_the_bound_holds_and_by_review_it_breaks() -> None:
    module = benchmark()
    tasks = module.streams()
    assert module.ever_promoted(tasks, 1) <= 1 - module.CONFIDENCE
    assert module.ever_promoted(tasks, 5) > 0.3
    assert np.mean(tasks) < module.LIMIT + 0.001
