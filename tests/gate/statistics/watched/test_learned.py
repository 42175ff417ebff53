"""A learned limit is too low with the stated chance at most, whatever the tails."""

from __future__ import annotations

import numpy as np
import pytest

from dialgate_gate.statistics.watched.learned import upper_mean, upper_quantile, upper_rate

ALPHA, SAMPLES = 0.05, 2_000


def samples(size: int) -> np.ndarray:
    return np.random.default_rng(20261129).lognormal(0.0, 1.5, (SAMPLES, size))


@pytest.mark.parametrize(("share", "size"), [(0.95, 100), (0.95, 300), (0.99, 500)])
def test_a_quantile_is_covered(share: float, size: int) -> None:
    true = float(np.exp(1.5 * {0.95: 1.6448536, 0.99: 2.3263479}[share]))
    found = [upper_quantile(row, share, ALPHA) for row in samples(size)]
    too_low = sum(limit is None or limit < true for limit in found) / SAMPLES
    assert 0.005 < too_low < ALPHA + 3 * (ALPHA / SAMPLES) ** 0.5


def test_too_few_values_teach_no_quantile() -> None:
    assert upper_quantile(np.ones(58), 0.95, ALPHA) is None
    assert upper_quantile(np.ones(59), 0.95, ALPHA) == 1.0
    assert upper_quantile(np.ones(0), 0.95, ALPHA) is None


@pytest.mark.parametrize("size", [40, 300])
def test_a_cut_mean_is_covered(size: int) -> None:
    rows = samples(size)
    reference = np.random.default_rng(7).lognormal(0.0, 1.5, 200_000)
    too_low = 0
    for row in rows[:500]:
        found = upper_mean(row, ALPHA)
        assert found is not None
        too_low += found.limit < np.minimum(reference, found.cut).mean()
    assert too_low / 500 <= ALPHA + 0.03


def test_nothing_over_zero_teaches_no_mean() -> None:
    assert upper_mean(np.zeros(100), ALPHA) is None
    assert upper_mean(np.ones(19), ALPHA) is None


def test_a_rate_is_bounded_by_clopper_and_pearson() -> None:
    assert upper_rate(0, 300, ALPHA) == pytest.approx(1 - ALPHA ** (1 / 300))
