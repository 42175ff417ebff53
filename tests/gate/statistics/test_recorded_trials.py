"""The methods for recorded trials: exact where they say so, honest at the edges."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

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
from tests.needed.shared_data import SHARED, needs_shared

if TYPE_CHECKING:
    from random import Random

Rows = list[tuple[int, int, int, int]]


def counts(rows: Rows) -> PairedCounts:
    """Rows of baseline passed, baseline trials, candidate passed, candidate trials."""
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return PairedCounts(
        baseline_passed=columns[0],
        baseline_trials=columns[1],
        candidate_passed=columns[2],
        candidate_trials=columns[3],
    )


@st.composite
def some_counts(draw: st.DrawFn) -> PairedCounts:
    rows = []
    for _ in range(draw(st.integers(0, 8))):
        before, now = draw(st.integers(0, 4)), draw(st.integers(0, 4))
        rows.append((draw(st.integers(0, before)), before, draw(st.integers(0, now)), now))
    return counts(rows)


class TestStratifiedTest:
    """The p-value is exact given each case's successes on both sides together."""

    @pytest.mark.parametrize(("broken", "fixed"), [(5, 0), (12, 3), (3, 3), (0, 4), (1, 0)])
    def test_one_trial_a_side_is_the_sign_test(self, broken: int, fixed: int) -> None:
        rows = [(1, 1, 0, 1)] * broken + [(0, 1, 1, 1)] * fixed + [(1, 1, 1, 1)] * 7
        oracle = scipy.stats.binomtest(fixed, broken + fixed, 0.5, alternative="less").pvalue
        assert regression_p_value(counts(rows)).p_value == pytest.approx(oracle, rel=1e-12)

    @pytest.mark.parametrize(
        "table", [(9, 10, 4, 10), (3, 4, 1, 4), (10, 10, 10, 10), (2, 6, 5, 6)]
    )
    def test_one_case_is_the_fisher_test(self, table: tuple[int, int, int, int]) -> None:
        before, before_n, now, now_n = table
        cells = np.array([[now, now_n - now], [before, before_n - before]])
        oracle = scipy.stats.fisher_exact(cells, alternative="less").pvalue
        assert regression_p_value(counts([table])).p_value == pytest.approx(oracle, rel=1e-9)

    def test_cases_that_all_end_alike_say_nothing(self) -> None:
        found = regression_p_value(counts([(3, 3, 3, 3), (0, 2, 0, 2)]))
        assert (found.p_value, found.informative_cases, found.cases) == (1.0, 0, 2)

    def test_nothing_to_compare_gives_p_1(self) -> None:
        assert regression_p_value(counts([(3, 3, 0, 0)])).p_value == 1.0
        assert regression_p_value(counts([])).p_value == 1.0

    @given(some_counts(), st.randoms(use_true_random=False))
    def test_the_order_of_cases_is_irrelevant(self, some: PairedCounts, random: Random) -> None:
        order = list(range(len(some)))
        random.shuffle(order)
        shuffled = PairedCounts(
            baseline_passed=some.baseline_passed[order],
            baseline_trials=some.baseline_trials[order],
            candidate_passed=some.candidate_passed[order],
            candidate_trials=some.candidate_trials[order],
        )
        there, back = regression_p_value(some).p_value, regression_p_value(shuffled).p_value
        assert there == pytest.approx(back, rel=1e-12)

    @given(some_counts())
    def test_a_better_candidate_never_has_a_smaller_p_value(self, some: PairedCounts) -> None:
        better = PairedCounts(
            baseline_passed=some.baseline_passed,
            baseline_trials=some.baseline_trials,
            candidate_passed=some.candidate_trials,
            candidate_trials=some.candidate_trials,
        )
        assert regression_p_value(better).p_value >= regression_p_value(some).p_value - 1e-12

    def test_unchanged_releases_are_shown_worse_at_most_at_the_level(self) -> None:
        rng = np.random.default_rng(1)
        rates = np.repeat([1.0, 0.8, 0.3], [70, 20, 10])
        shown = 0
        for _ in range(1000):
            before, now = rng.binomial(2, rates), rng.binomial(2, rates)
            two = np.full(100, 2)
            sample = PairedCounts(
                baseline_passed=before, baseline_trials=two, candidate_passed=now,
                candidate_trials=two,
            )  # fmt: skip
            shown += regression_p_value(sample).p_value <= 0.05
        assert scipy.stats.binomtest(shown, 1000).proportion_ci(0.95).low <= 0.05


class TestClopperPearson:
    """The bounds are those of the beta distribution."""

    @given(st.integers(1, 2000), st.data(), st.sampled_from([0.9, 0.95, 0.975, 0.99, 0.999]))
    def test_they_agree_with_scipy(self, n: int, data: st.DataObject, level: float) -> None:
        successes = data.draw(st.integers(0, n))
        low, high = clopper_pearson(successes, n, level)
        beta = scipy.stats.beta
        expected_low = beta.ppf(1 - level, successes, n - successes + 1) if successes else 0
        expected_high = beta.ppf(level, successes + 1, n - successes) if successes < n else 1
        assert low == pytest.approx(expected_low, abs=1e-9)
        assert high == pytest.approx(expected_high, abs=1e-9)

    def test_no_failure_in_n_bounds_failures_at_about_3_in_n(self) -> None:
        low, _ = clopper_pearson(300, 300, 0.95)
        assert 1 - low == pytest.approx(3 / 300, rel=0.01)

    @pytest.mark.parametrize("bad", [(-1, 3, 0.9), (4, 3, 0.9), (0, 0, 0.9), (1, 3, 1.0)])
    def test_counts_that_cannot_be_are_refused(self, bad: tuple[float, float, float]) -> None:
        with pytest.raises(ValueError, match="found"):
            clopper_pearson(*bad)

    def test_a_case_with_five_trials_is_not_five_cases(self) -> None:
        once = clustered_success_bounds(np.ones(10, int), np.ones(10, int), 0.95)
        often = clustered_success_bounds(np.full(10, 5), np.full(10, 5), 0.95)
        assert once.low == often.low

    def test_no_trial_gives_no_bound(self) -> None:
        none = clustered_failure_bounds(np.zeros(3, int), np.zeros(3, int), 0.95)
        assert (none.estimate, none.low, none.high, none.n) == (None, None, None, 0)


class TestDifferenceInterval:
    """The interval holds at its level, at the edges too."""

    @given(some_counts())
    def test_exchanging_the_sides_turns_it_around(self, some: PairedCounts) -> None:
        there, back = difference_interval(some), difference_interval(some.swapped)
        if there.estimate is None:
            assert back.estimate is None
            return
        assert back.estimate is not None
        assert there.estimate == pytest.approx(-back.estimate)
        assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
        assert -1 <= there.low <= there.estimate <= there.high <= 1

    def test_30_cases_without_a_difference_do_not_prove_a_difference_of_zero(self) -> None:
        found = difference_interval(counts([(1, 1, 1, 1)] * 30))
        assert -4 / 30 < found.low < -3 / 30

    def test_a_deterministic_agent_leaves_no_doubt(self) -> None:
        found = difference_interval(counts([(1, 1, 0, 1)] + [(1, 1, 1, 1)] * 9), deterministic=True)
        assert (found.low, found.high) == (-0.1, -0.1)

    def test_nothing_to_compare_leaves_every_difference_open(self) -> None:
        found = difference_interval(counts([(1, 1, 0, 0)]))
        assert (found.estimate, found.low, found.high) == (None, -1.0, 1.0)

    @pytest.mark.parametrize("cases", [30, 100, 300])
    @pytest.mark.parametrize("trials", [1, 3])
    @pytest.mark.parametrize(
        "rate",
        [0.0, 0.02, 0.5, 0.98, 1.0, None],
        ids=lambda r: f"rate {r}" if r is not None else "mixture",
    )
    @pytest.mark.parametrize("loss", [0.0, 0.1], ids=["unchanged", "worse by a tenth"])
    def test_it_covers_the_true_difference_at_its_level(
        self, cases: int, trials: int, rate: float | None, loss: float
    ) -> None:
        rng = np.random.default_rng(7)
        before = (
            np.repeat([1.0, 0.8, 0.3], [cases * 7 // 10, cases * 2 // 10, cases // 10])
            if rate is None
            else np.full(cases, rate)
        )
        now = np.clip(before - loss, 0, 1)
        true = float(np.mean(now - before))
        n = np.full(cases, trials)
        repeats = 300
        covered = 0
        for _ in range(repeats):
            found = difference_interval(
                PairedCounts(
                    baseline_passed=rng.binomial(trials, before),
                    baseline_trials=n,
                    candidate_passed=rng.binomial(trials, now),
                    candidate_trials=n,
                )
            )
            covered += found.low - 1e-12 <= true <= found.high + 1e-12
        # A true coverage of 95 % gives fewer than 273 of 300 once in a thousand tries.
        assert covered >= 273


class TestWhatCouldBeSeen:
    """The figures that say what the evidence is good for."""

    def test_72_cases_without_a_loss_exclude_5_points(self) -> None:
        n = trials_for_margin(0.05, 0.95)
        assert n == 72
        assert difference_interval(counts([(1, 1, 1, 1)] * n)).low >= -0.05
        assert difference_interval(counts([(1, 1, 1, 1)] * (n - 1))).low < -0.05

    def test_no_number_of_trials_shows_a_margin_of_0(self) -> None:
        with pytest.raises(ValueError, match="margin 0"):
            trials_for_margin(0.0, 0.95)

    def test_more_cases_show_smaller_drops(self) -> None:
        drops = [
            detectable_drop(counts([(1, 1, 1, 1)] * n), 0.025).drop for n in (10, 30, 100, 500)
        ]
        assert all(drop is not None for drop in drops)
        assert drops == sorted(drops, key=lambda drop: -(drop or 0))

    def test_a_detectable_drop_is_detected_with_its_power(self) -> None:
        found = detectable_drop(counts([(1, 1, 1, 1)] * 60), 0.025)
        assert found.drop is not None
        rng = np.random.default_rng(3)
        one = np.ones(60, int)
        shown = 0
        for _ in range(400):
            now = rng.binomial(1, 1 - found.drop, 60)
            sample = PairedCounts(
                baseline_passed=one, baseline_trials=one, candidate_passed=now, candidate_trials=one
            )
            shown += regression_p_value(sample).p_value <= 0.025
        assert 0.74 <= shown / 400 <= 0.90

    def test_three_cases_could_not_show_any_drop(self) -> None:
        assert detectable_drop(counts([(1, 1, 1, 1)] * 3), 0.025).drop is None


class TestHolm:
    """The chance of any false alarm stays at alpha."""

    def test_known_values(self) -> None:
        found = holm([0.01, 0.04, 0.03, 0.005], alpha=0.05)
        assert found.adjusted == pytest.approx((0.03, 0.06, 0.06, 0.02))
        assert found.shown == (True, False, False, True)

    @given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
    def test_adjusted_values_keep_the_order_and_never_shrink(self, values: list[float]) -> None:
        adjusted = holm(values, alpha=0.05).adjusted
        assert all(a >= p for a, p in zip(adjusted, values, strict=True))
        order = sorted(range(len(values)), key=lambda i: values[i])
        assert [adjusted[i] for i in order] == sorted(adjusted)

    def test_what_is_no_probability_is_refused(self) -> None:
        with pytest.raises(ValueError, match="outside"):
            holm([0.5, 1.5], alpha=0.05)


class TestPassHat:
    """pass^k is unbiased."""

    def test_it_is_unbiased(self) -> None:
        rng = np.random.default_rng(5)
        rates = rng.uniform(0, 1, 20)
        found = [
            pass_hat_k(list(map(int, rng.binomial(5, rates))), [5] * 20, 3) for _ in range(4000)
        ]
        assert np.mean(found) == pytest.approx(np.mean(rates**3), abs=0.01)

    @pytest.mark.parametrize(("passed", "trials", "k"), [([], [], 1), ([1], [1], 2), ([1], [2], 0)])
    def test_too_few_trials_are_refused(self, passed: list[int], trials: list[int], k: int) -> None:
        with pytest.raises(ValueError, match="needs at least"):
            pass_hat_k(passed, trials, k)

    @needs_shared
    def test_it_gives_the_published_figures_of_tau_bench(self) -> None:
        rewards: dict[str, list[float]] = {}
        path = SHARED / "suites/tau-airline/transcripts/gpt-4o.jsonl"
        for line in path.read_text("utf-8").splitlines():
            trial = json.loads(line)
            rewards.setdefault(trial["case_id"], []).append(trial["labels"]["reward"])
        passed = [sum(reward == 1 for reward in each) for each in rewards.values()]
        found = [pass_hat_k(passed, [4] * 50, k) for k in (1, 2, 3, 4)]
        assert found == pytest.approx([0.420, 0.273, 0.220, 0.200], abs=0.0005)
