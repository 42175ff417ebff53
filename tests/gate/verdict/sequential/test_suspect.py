"""A suspect's e-value never grows on average while the candidate is no worse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_gate.verdict.sequential.combined import EndpointTests, combine
from dialgate_gate.verdict.sequential.screened_case import SUITE, Endpoint
from dialgate_gate.verdict.sequential.suspect import Suspect, pair_e_value

rates = st.floats(0.01, 0.99)


def mean_e_value(*, expected: tuple[float, float], baseline: float, candidate: float) -> float:
    """The exact mean of one pair's e-value where these are the true rates."""
    before, now = max(expected), min(expected)

    def value(passed: bool | None) -> float:
        return pair_e_value(baseline_rate=before, candidate_rate=now, baseline_passed=passed)

    on_failure = baseline * value(True) + (1 - baseline) * value(False)
    return candidate * value(None) + (1 - candidate) * on_failure


class TestPairEValue:
    """One pair is a fair game or a losing one under "no worse", whatever was bet."""

    @given(rates, rates, st.floats(0, 1), st.floats(0, 1))
    def test_its_mean_is_at_most_1_while_the_candidate_is_no_worse(
        self, one: float, other: float, baseline: float, better: float
    ) -> None:
        candidate = baseline + better * (1 - baseline)
        found = mean_e_value(expected=(one, other), baseline=baseline, candidate=candidate)
        assert found <= 1 + 1e-9

    @given(rates, rates)
    def test_it_grows_where_the_bet_is_right(self, one: float, other: float) -> None:
        before, now = max(one, other), min(one, other)
        found = mean_e_value(expected=(one, other), baseline=before, candidate=now)
        assert found >= 1 - 1e-9

    def test_known_values(self) -> None:
        bet = {"baseline_rate": 0.95, "candidate_rate": 0.05}
        common = (0.05 + 0.95 * 0.95) / 1.95
        assert pair_e_value(**bet, baseline_passed=None) == pytest.approx(0.05 / common)
        assert pair_e_value(**bet, baseline_passed=True) == pytest.approx(
            0.95 * 0.95 / ((1 - common) * common)
        )
        assert pair_e_value(**bet, baseline_passed=False) == pytest.approx(
            0.95 * 0.05 / (1 - common) ** 2
        )

    @pytest.mark.parametrize("bet", [(0.4, 0.5), (1.0, 0.5), (0.5, 0.0)])
    def test_a_bet_on_a_better_candidate_is_refused(self, bet: tuple[float, float]) -> None:
        with pytest.raises(ValueError, match="found a bet"):
            pair_e_value(baseline_rate=bet[0], candidate_rate=bet[1], baseline_passed=True)


class TestSuspect:
    """Looking after every pair errs no more often than the level says."""

    @pytest.mark.parametrize("rate", [0.0, 0.02, 0.3, 0.5, 0.8, 0.98, 1.0])
    def test_peeking_at_an_unchanged_case_shows_it_at_most_at_the_level(self, rate: float) -> None:
        rng = np.random.default_rng(11)
        shown = 0
        for _ in range(1000):
            suspect = Suspect(recorded_passes=3, recorded_trials=3)
            for _ in range(40):
                suspect.observe(
                    baseline_passed=None if rng.random() < rate else rng.random() < rate
                )
                if suspect.e_value >= 20:
                    shown += 1
                    break
        assert shown <= 50

    def test_a_case_that_broke_fully_is_shown_within_4_pairs(self) -> None:
        suspect = Suspect(recorded_passes=3, recorded_trials=3)
        values = []
        for _ in range(4):
            suspect.observe(baseline_passed=True)
            values.append(suspect.e_value)
        assert values == sorted(values)
        assert values[-1] > 150

    def test_a_case_that_is_failed_alike_says_nothing_against_the_candidate(self) -> None:
        suspect = Suspect(recorded_passes=1, recorded_trials=3)
        for _ in range(8):
            suspect.observe(baseline_passed=False)
        assert suspect.e_value < 1


class TestCombination:
    """Suspects of one endpoint are a mixture of bets, endpoints share alpha."""

    def suspects(self, *values: float) -> list[Suspect]:
        return [Suspect(recorded_passes=3, recorded_trials=3, e_value=value) for value in values]

    def worth(self, combined: float) -> list[Suspect]:
        """One suspect whose combined e-value is this."""
        return self.suspects((combined - 0.25) / 0.75)

    def test_no_suspect_says_nothing(self) -> None:
        assert combine([]) == 1.0

    def test_it_is_half_the_average_and_half_the_staked_product(self) -> None:
        expected = ((8 + 0.5) / 2 + (0.5 + 4) * (0.5 + 0.25)) / 2
        assert combine(self.suspects(8, 0.5)) == pytest.approx(expected)

    def test_a_suspect_whose_baseline_often_fails_weighs_less(self) -> None:
        strong = [*self.suspects(50), Suspect(recorded_passes=1, recorded_trials=3)]
        weak = [*self.suspects(1), Suspect(recorded_passes=1, recorded_trials=3, e_value=50)]
        assert combine(strong) > combine(weak)

    def test_the_highest_value_counts_and_alpha_is_halved(self) -> None:
        one = Endpoint(action_class="a")
        tests = EndpointTests(alpha=0.05, suite=SUITE, endpoints=(SUITE, one))
        tests.update({SUITE: self.worth(39.9), one: self.worth(40.1)})
        assert tests.shown() == {one}
        tests.update({SUITE: self.suspects(1), one: self.suspects(1)})
        assert tests.shown() == {one}

    def test_class_endpoints_are_judged_by_holm(self) -> None:
        listed = tuple(Endpoint(action_class=name) for name in "abcd")
        tests = EndpointTests(alpha=0.05, suite=SUITE, endpoints=(SUITE, *listed))
        values = dict(zip(listed, [161.0, 121.0, 79.0, 41.0], strict=True))
        tests.update({SUITE: [], **{e: self.worth(v) for e, v in values.items()}})
        assert tests.shown() == set(listed[:2])

    @given(
        recorded=st.lists(st.integers(1, 3), min_size=1, max_size=6),
        pairs=st.lists(
            st.tuples(st.integers(0, 5), st.sampled_from([True, False, None])), max_size=80
        ),
    )
    def test_what_is_taken_in_suspect_by_suspect_is_what_all_of_them_say(
        self, recorded: list[int], pairs: list[tuple[int, bool | None]]
    ) -> None:
        suspects = [Suspect(recorded_passes=number, recorded_trials=3) for number in recorded]
        one_by_one, all_together = (
            EndpointTests(alpha=0.05, suite=SUITE, endpoints=(SUITE,)) for _ in range(2)
        )
        for place, baseline_passed in pairs:
            changed = suspects[place % len(suspects)]
            before = changed.e_value
            changed.observe(baseline_passed=baseline_passed)
            one_by_one.take_in(SUITE, suspects, changed, before)
            all_together.update({SUITE: suspects})
        assert one_by_one.highest.get(SUITE, 1.0) == all_together.highest.get(SUITE, 1.0)
