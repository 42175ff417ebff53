"""The figures of every method on kept inputs, to nine digits, whole results.

What the figures mean is held by the tests beside this one (exact values, oracles, simulations);
this one notices any change of any figure or word. `DIALGATE_RENEW=1` writes them anew.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dialgate_gate.statistics import (
    PairedCounts,
    clopper_pearson,
    clustered_failure_bounds,
    clustered_success_bounds,
    detectable_drop,
    difference_interval,
    holm,
    pass_hat_k,
    regression_p_value,
    trials_for_margin,
)
from dialgate_gate.statistics.ratio import ratio_of_means, ratio_of_p95

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEPT = Path(__file__).with_name("golden_figures.json")


def counts(cases: int, trials: tuple[int, int], rates: tuple[float, float]) -> PairedCounts:
    """Seeded counts; a tenth of the cases has no trial on one side."""
    rng = np.random.default_rng([cases, *trials])
    before, now = (np.full(cases, number) for number in trials)
    now[::10] = 0
    return PairedCounts(
        baseline_passed=rng.binomial(before, rates[0]),
        baseline_trials=before,
        candidate_passed=rng.binomial(now, rates[1]),
        candidate_trials=now,
    )


COUNTS = {
    f"{cases} cases, {trials}, {rates}": counts(cases, trials, rates)
    for cases in (6, 30, 150, 520)
    for trials in ((1, 1), (3, 1), (4, 4))
    for rates in ((0.9, 0.9), (0.9, 0.6), (0.5, 0.7))
} | {
    "nothing": PairedCounts(
        baseline_passed=np.zeros(3, int),
        baseline_trials=np.zeros(3, int),
        candidate_passed=np.ones(3, int),
        candidate_trials=np.ones(3, int),
    ),
    "all pass": counts(40, (1, 1), (1.0, 1.0)),
    "all fail": counts(40, (2, 2), (0.0, 0.0)),
    "all lost": counts(40, (1, 1), (1.0, 0.0)),
}


def results() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Every call by a name of its own."""
    for name, item in COUNTS.items():
        for level in (0.8, 0.95):
            yield f"difference {name} {level}", partial(difference_interval, item, level)
        certain = partial(difference_interval, item, 0.95, deterministic=True)
        yield f"certain difference {name}", certain
        yield f"test {name}", partial(regression_p_value, item)
        yield f"drop {name}", partial(detectable_drop, item, 0.025)
        yield f"drop at 0.5 {name}", partial(detectable_drop, item, 0.1, power=0.5)
        sides = (item.candidate_passed, item.candidate_trials)
        yield f"success {name}", partial(clustered_success_bounds, *sides, 0.9)
        yield f"failure {name}", partial(clustered_failure_bounds, *sides, 0.99)
    for successes, trials in ((0, 1), (1, 1), (3, 10), (9.5, 10), (299, 300), (0, 3000)):
        yield f"bounds {successes}/{trials}", partial(clopper_pearson, successes, trials, 0.95)
    yield "holm", partial(holm, [0.01, 0.04, 0.03, 0.5, 0.0], alpha=0.05)
    yield "holm, few", partial(holm, [0.01, 0.04, 0.025], alpha=0.05)
    for margin in (0.01, 0.05, 0.1, 0.5):
        yield f"margin {margin}", partial(trials_for_margin, margin, 0.95)
    for k in (1, 2, 3, 4):
        yield f"pass^{k}", partial(pass_hat_k, [4, 2, 0, 5], [4, 4, 4, 6], k)
    yield from ratios()


def ratios() -> Iterator[tuple[str, Callable[[], Any]]]:
    rng = np.random.default_rng(3)
    before, now = rng.gamma(2.0, size=40), rng.gamma(2.4, size=40)
    before[3] = 0.0
    for size in (0, 4, 5, 6, 40):
        for name, ratio in (("mean", ratio_of_means), ("p95", ratio_of_p95)):
            sides = (before[:size], now[:size])
            yield f"{name} ratio of {size}", partial(ratio, *sides)
            yield f"{name} ratio of {size} at 0.8", partial(ratio, *sides, 0.8, seed=5)
    sparse = np.where(np.arange(8) < 1, 1.0, 0.0)
    yield "ratio of mostly nothing", partial(ratio_of_means, sparse, np.ones(8))
    yield "ratio of nothing", partial(ratio_of_means, np.zeros(8), np.ones(8))


RESULTS = dict(results())


def plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        value = asdict(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return round(value, 9) + 0.0 if isinstance(value, float) else value


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    if os.environ.get("DIALGATE_RENEW"):
        found = {name: plain(call()) for name, call in RESULTS.items()}
        KEPT.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    document: dict[str, Any] = json.loads(KEPT.read_text("utf-8"))
    return document


@pytest.mark.parametrize("name", RESULTS)
def test_the_figure_is_what_it_was(name: str, kept: dict[str, Any]) -> None:
    assert plain(RESULTS[name]()) == kept[name]


def test_what_can_not_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^found arrays of different lengths$"):
        ratio_of_means(np.ones(8), np.ones(9))
    with pytest.raises(ValueError, match=r"^found the margin 0; no number of trials shows it$"):
        trials_for_margin(0, 0.95)
    with pytest.raises(ValueError, match=r"^found the confidence level 1$"):
        difference_interval(COUNTS["all pass"], 1)
    with pytest.raises(ValueError, match=r"^found 2 successes of 1 at confidence 0\.9$"):
        clopper_pearson(2, 1, 0.9)
    with pytest.raises(ValueError, match=r"^pass\^2 needs at least one case and 2 trials of every"):
        pass_hat_k([1], [1], 2)
    with pytest.raises(ValueError, match="at least one case"):
        pass_hat_k([], [], 1)
    with pytest.raises(ValueError, match="at least one case"):
        pass_hat_k([1], [1], 0)
