"""A baseline that passes far less often than its record says lets nothing pass."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dialgate_gate.verdict.blocks.steering import group_cases
from dialgate_gate.verdict.sequential.rounds.outage import OutageCount
from dialgate_gate.verdict.sequential.screened_case import SUITE, Side

CASES = 60


def counted(*, known: int, failed: int, passes: float = 1.0) -> OutageCount:
    """One fresh baseline trial of every case beside `known` trials on record of each."""
    on_record = np.full(CASES, known, dtype=np.int64)
    groups = group_cases(np.floor(on_record * passes).astype(np.int64), on_record)
    lost = np.zeros(CASES, dtype=np.int64)
    lost[:failed] = 1
    block: Any = SimpleNamespace(
        trials={Side.BASELINE: np.ones(CASES, dtype=np.int64)},
        failed={Side.BASELINE: {SUITE: lost}},
    )
    count = OutageCount()
    count.take_in(block, groups)
    return count


@pytest.mark.parametrize("failed", [0, 30, 60])
def test_without_a_record_nothing_was_expected_and_nothing_is_low(failed: int) -> None:
    count = counted(known=0, failed=failed)
    assert (count.trials, count.expected, count.is_low) == (0, 0.0, False)


def test_a_baseline_that_does_as_it_did_is_not_low() -> None:
    assert not counted(known=4, failed=2).is_low


def test_a_baseline_that_fell_is_low() -> None:
    assert counted(known=4, failed=40).is_low


def test_a_baseline_that_does_better_than_its_record_is_not_low() -> None:
    assert not counted(known=4, failed=0, passes=0.5).is_low
