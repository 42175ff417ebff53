"""Suspects are confirmed by fresh trials only, and one may look after every block."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from scipy import stats

from gate.confirmation import Confirmation, EProcess, SuspectState, make_families


def simulate(
    seed: int, before: np.ndarray, now: np.ndarray, *, classes: int = 1, alpha: float = 0.05
) -> tuple[bool, int]:
    """One whole gate on simulated agents: is a regression shown, and how many calls it took."""
    rng = np.random.default_rng(seed)
    n = len(before)
    recorded = rng.binomial(3, before)
    screened = rng.random(n) < now
    suspects = [i for i in range(n) if not screened[i] and recorded[i] > 0]
    confirmation = Confirmation(
        families=make_families(
            suite=[str(i) for i in suspects],
            endpoints={
                (k, endpoint): [str(i) for i in suspects if i % classes == k]
                if endpoint == "success"
                else []
                for k in range(classes)
                for endpoint in ("success", "silence")
            },
            alpha=alpha,
        ),
        most_blocks=8,
        calls_left=2000 - n,
    )
    calls = n
    while block := confirmation.next_block():
        for case_id in block:
            i = int(case_id)
            baseline, candidate = rng.random() < before[i], rng.random() < now[i]
            calls += 2
            keys = [family.key for family in confirmation.families]
            confirmation.observe(
                case_id,
                baseline=dict.fromkeys(keys, bool(baseline)),
                candidate=dict.fromkeys(keys, bool(candidate)),
            )
    return bool(confirmation.shown), calls


def mixture(cases: int) -> np.ndarray:
    """70 % of the cases always pass, 20 % pass 8 times in 10, 10 % 3 times in 10."""
    counts = [cases * 7 // 10, cases * 2 // 10]
    return np.repeat([1.0, 0.8, 0.3], [*counts, cases - sum(counts)])


def gates(cases: int, broken: float, classes: int = 1) -> tuple[float, float]:
    """Share of 500 gates that show a regression, and calls on average."""
    found = []
    for seed in range(500):
        before = mixture(cases)
        now = before.copy()
        now[np.random.default_rng([seed, 1]).random(cases) < broken] = 0.0
        found.append(simulate(seed, before, now, classes=classes))
    return float(np.mean([f for f, _ in found])), float(np.mean([c for _, c in found]))


class TestOperatingCharacteristics:
    """What the procedure does on the reference suites, 500 simulated gates each."""

    @pytest.mark.parametrize(("cases", "classes"), [(30, 1), (100, 1), (300, 12)])
    def test_an_unchanged_release_is_rarely_blocked(self, cases: int, classes: int) -> None:
        shown, _ = gates(cases, 0.0, classes)
        assert shown <= 0.05
        assert stats.binomtest(round(500 * shown), 500).proportion_ci(0.95).high < 0.07

    @pytest.mark.parametrize(
        ("cases", "broken", "caught", "calls"),
        [(30, 0.10, 0.92, 75), (100, 0.10, 0.99, 175), (100, 0.03, 0.88, 230)],
    )
    def test_broken_cases_are_caught_with_few_calls(
        self, cases: int, broken: float, caught: float, calls: float
    ) -> None:
        shown, spent = gates(cases, broken)
        assert shown >= caught
        assert spent <= calls


class TestEProcess:
    """Its expectation never grows while the candidate is no worse."""

    @pytest.mark.parametrize("rate", [0.0, 0.02, 0.3, 0.5, 0.8, 0.98, 1.0])
    @pytest.mark.parametrize("better", [0.0, 0.1, 0.5])
    def test_one_block_has_an_expectation_of_at_most_one(self, rate: float, better: float) -> None:
        now = min(1.0, rate + better)
        expectation = 0.0
        for baseline in (True, False):
            for candidate in (True, False):
                process = EProcess()
                process.observe(baseline_passed=baseline, candidate_passed=candidate)
                chance = (rate if baseline else 1 - rate) * (now if candidate else 1 - now)
                expectation += chance * process.value
        assert expectation <= 1 + 1e-12

    def test_peeking_after_every_block_shows_an_equal_case_at_most_at_the_level(self) -> None:
        rng = np.random.default_rng(4)
        shown = 0
        for _ in range(2000):
            process = EProcess()
            for _ in range(50):
                process.observe(
                    baseline_passed=bool(rng.random() < 0.7),
                    candidate_passed=bool(rng.random() < 0.7),
                )
                if process.value >= 20:
                    shown += 1
                    break
        assert shown / 2000 <= 0.05

    def test_a_case_that_broke_fully_grows_with_every_block(self) -> None:
        process = EProcess()
        values = []
        for _ in range(5):
            process.observe(baseline_passed=True, candidate_passed=False)
            values.append(process.value)
        assert values == sorted(values)
        assert values[-1] > 200


class TestUnsoundUse:
    """Choosing evidence by hand is impossible by construction."""

    def start(self, suspects: tuple[str, ...] = ("a", "b"), calls: int = 100) -> Confirmation:
        families = make_families(suite=suspects, endpoints={"x": suspects}, alpha=0.05)
        return Confirmation(families=families, most_blocks=3, calls_left=calls)

    GOOD: ClassVar = {"suite": True, "x": True}
    BAD: ClassVar = {"suite": False, "x": False}

    def test_an_observation_that_was_not_asked_for_is_refused(self) -> None:
        confirmation = self.start()
        with pytest.raises(ValueError, match="not asked for"):
            confirmation.observe("a", baseline=self.GOOD, candidate=self.BAD)

    def test_a_block_is_observed_once(self) -> None:
        confirmation = self.start()
        confirmation.next_block()
        confirmation.observe("a", baseline=self.GOOD, candidate=self.BAD)
        with pytest.raises(ValueError, match="not asked for"):
            confirmation.observe("a", baseline=self.GOOD, candidate=self.BAD)

    def test_the_next_block_waits_for_all_of_the_last(self) -> None:
        confirmation = self.start()
        confirmation.next_block()
        confirmation.observe("a", baseline=self.GOOD, candidate=self.GOOD)
        with pytest.raises(ValueError, match="no observation of b"):
            confirmation.next_block()

    def test_the_budget_is_kept(self) -> None:
        confirmation = self.start(calls=3)
        assert confirmation.next_block() == ("a",)
        confirmation.observe("a", baseline=self.GOOD, candidate=self.BAD)
        assert confirmation.next_block() == ()
        assert "b" in confirmation.suspects_in(SuspectState.OPEN)

    def test_a_block_that_could_not_be_run_uses_up_its_turn_and_says_nothing(self) -> None:
        confirmation = self.start(("a",))
        blocks = 0
        while confirmation.next_block():
            confirmation.skip("a")
            blocks += 1
        assert blocks == 3
        assert confirmation.suspects_in(SuspectState.OPEN) == ("a",)

    def test_a_suspect_that_passes_again_is_cleared(self) -> None:
        confirmation = self.start(("a",))
        confirmation.next_block()
        confirmation.observe("a", baseline=self.GOOD, candidate=self.GOOD)
        assert confirmation.suspects_in(SuspectState.CLEARED) == ("a",)
        assert confirmation.next_block() == ()

    def test_no_suspect_needs_no_block(self) -> None:
        families = make_families(suite=(), endpoints={"x": ()}, alpha=0.05)
        assert Confirmation(families=families, most_blocks=3, calls_left=9).next_block() == ()
