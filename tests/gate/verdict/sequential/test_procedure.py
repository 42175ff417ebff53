"""The sequential gate asks, takes in what it asked for, and decides; nothing else gets in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.policy import ClassPolicy, GatePolicy
from dialgate_gate.verdict.sequential import (
    SUITE,
    Endpoint,
    Kind,
    ScreenedCase,
    SequentialGate,
    Side,
    start_gate,
)

from tests.gate.verdict.sequential.agents import FAILED, screened

PASSED: frozenset[Endpoint] = frozenset()


def drive(
    gate: SequentialGate, *, candidate: frozenset[Endpoint], baseline: frozenset[Endpoint]
) -> int:
    """Answers every request alike; how many trials were asked for."""
    trials = 0
    while requests := gate.next_requests():
        for request in requests:
            trials += 1
            failed = baseline if request.side is Side.BASELINE else candidate
            gate.observe(request.case_id, request.side, failed)
    return trials


def suite_of(cases: int, *, suspects: int = 0) -> list[ScreenedCase]:
    return [screened(f"{index:03}", failed=index < suspects) for index in range(cases)]


class TestUnsoundUse:
    """Choosing evidence by hand is impossible by construction."""

    def test_a_trial_that_was_not_asked_for_is_refused(self) -> None:
        gate = start_gate(suite_of(10, suspects=2), GatePolicy())
        with pytest.raises(ValueError, match="not asked for"):
            gate.observe("000", Side.CANDIDATE, FAILED)

    def test_a_trial_of_the_wrong_side_is_refused(self) -> None:
        gate = start_gate(suite_of(10, suspects=1), GatePolicy())
        gate.next_requests()
        with pytest.raises(ValueError, match="not asked for"):
            gate.observe("000", Side.BASELINE, PASSED)

    def test_a_trial_is_observed_once(self) -> None:
        gate = start_gate(suite_of(10, suspects=1), GatePolicy())
        gate.next_requests()
        gate.observe("000", Side.CANDIDATE, FAILED)
        with pytest.raises(ValueError, match="not asked for"):
            gate.observe("000", Side.CANDIDATE, FAILED)

    def test_nothing_new_is_asked_for_while_an_answer_is_missing(self) -> None:
        gate = start_gate(suite_of(10, suspects=2), GatePolicy())
        gate.next_requests()
        gate.observe("000", Side.CANDIDATE, FAILED)
        with pytest.raises(ValueError, match="no observation of 001"):
            gate.next_requests()

    def test_screening_alone_shows_nothing_however_bad_it_looks(self) -> None:
        gate = start_gate(suite_of(40, suspects=40), GatePolicy())
        assert gate.decide().verdict is Verdict.INCONCLUSIVE
        assert gate.decide().suite.p_adjusted == 1.0

    def test_a_case_without_evidence_is_refused(self) -> None:
        with pytest.raises(ValueError, match="side without a trial"):
            ScreenedCase(id="1", baseline_trials=0, candidate_trials=1)

    def test_no_case_and_a_case_twice_are_refused(self) -> None:
        with pytest.raises(ValueError, match="no case"):
            start_gate([], GatePolicy())
        with pytest.raises(ValueError, match="twice"):
            start_gate([screened("1"), screened("1")], GatePolicy())


class TestConfirmation:
    """Suspects get fresh pairs; the baseline runs only where the candidate failed again."""

    def test_a_candidate_that_passes_again_needs_no_baseline_trial(self) -> None:
        gate = start_gate(suite_of(100, suspects=1), GatePolicy(), most_rounds=0)
        assert drive(gate, candidate=PASSED, baseline=PASSED) == 1
        assert gate.decide().classes[0].success.open_cases == ()

    def test_broken_cases_fail_the_class_and_are_named(self) -> None:
        gate = start_gate(suite_of(100, suspects=3), GatePolicy())
        drive(gate, candidate=FAILED, baseline=PASSED)
        decision = gate.decide()
        assert decision.verdict is Verdict.FAIL
        assert "Success fell over the suite as a whole in fresh trials" in decision.reasons[0]
        assert "000, 001 and 002" in decision.reasons[0]

    def test_one_broken_case_alone_is_confirmed(self) -> None:
        gate = start_gate(suite_of(30, suspects=1), GatePolicy())
        drive(gate, candidate=FAILED, baseline=PASSED)
        assert gate.decide().suite.confirmed == ("000",)

    def test_a_case_the_baseline_never_passed_is_no_suspect(self) -> None:
        gate = start_gate([screened("1", failed=True, passes=0)], GatePolicy())
        assert gate.next_requests() == ()

    def test_both_sides_failing_shows_no_regression(self) -> None:
        gate = start_gate(suite_of(30, suspects=5), GatePolicy())
        drive(gate, candidate=FAILED, baseline=FAILED)
        decision = gate.decide()
        assert decision.verdict is Verdict.INCONCLUSIVE
        assert not decision.suite.shown

    def test_confirm_trials_bounds_the_pairs_of_a_suspect(self) -> None:
        gate = start_gate(suite_of(30, suspects=1), GatePolicy(confirm_trials=2), most_rounds=0)
        assert drive(gate, candidate=FAILED, baseline=PASSED) == 4
        assert gate.decide().classes[0].success.open_cases == ("000",)
        assert gate.decide().verdict is Verdict.INCONCLUSIVE

    def test_a_trial_that_could_not_be_run_leaves_the_suspect_open(self) -> None:
        gate = start_gate(suite_of(100, suspects=1), GatePolicy())
        gate.next_requests()
        gate.give_up("000", Side.CANDIDATE)
        assert gate.next_requests() == ()
        assert gate.decide().classes[0].success.open_cases == ("000",)
        assert gate.decide().verdict is Verdict.INCONCLUSIVE


class TestBudget:
    """max_agent_calls holds screening and everything after it."""

    @pytest.mark.parametrize("budget", [30, 31, 32, 35, 60])
    def test_it_is_never_exceeded(self, budget: int) -> None:
        gate = start_gate(suite_of(30, suspects=9), GatePolicy(max_agent_calls=budget))
        trials = drive(gate, candidate=FAILED, baseline=FAILED)
        assert 30 + trials <= budget
        assert gate.decide().agent_calls == 30 + trials

    def test_an_undecided_release_without_budget_is_inconclusive_and_says_so(self) -> None:
        gate = start_gate(suite_of(100, suspects=1), GatePolicy(max_agent_calls=100))
        assert gate.next_requests() == ()
        decision = gate.decide()
        assert (decision.verdict, decision.budget_spent) == (Verdict.INCONCLUSIVE, True)
        assert any("max_agent_calls" in reason for reason in decision.reasons)


class TestMargin:
    """A class passes only where an interval that allows for all looks excludes the loss."""

    def test_100_cases_alike_pass_without_another_trial(self) -> None:
        gate = start_gate(suite_of(100), GatePolicy())
        assert gate.next_requests() == ()
        assert gate.decide().verdict is Verdict.PASS

    def test_60_cases_alike_pass_after_further_rounds(self) -> None:
        gate = start_gate(suite_of(60), GatePolicy())
        assert gate.decide().verdict is Verdict.INCONCLUSIVE
        assert drive(gate, candidate=PASSED, baseline=PASSED) % 120 == 0
        decision = gate.decide()
        assert decision.verdict is Verdict.PASS
        assert decision.classes[0].rounds >= 1
        assert decision.classes[0].success_difference.confidence_level > 0.95

    def test_rounds_that_cannot_be_enough_are_not_paid_for(self) -> None:
        gate = start_gate(suite_of(6), GatePolicy())
        assert gate.next_requests() == ()
        assert gate.decide().verdict is Verdict.INCONCLUSIVE

    def test_a_margin_of_0_never_passes_by_rounds(self) -> None:
        policy = GatePolicy(default=ClassPolicy(margin=0.0))
        gate = start_gate(suite_of(60), policy)
        assert gate.next_requests() == ()
        assert gate.decide().verdict is Verdict.INCONCLUSIVE

    def test_too_few_cases_never_pass(self) -> None:
        policy = GatePolicy(default=ClassPolicy(margin=0.9, min_cases=5))
        assert start_gate(suite_of(4), policy).decide().verdict is Verdict.INCONCLUSIVE
        assert start_gate(suite_of(5), policy).decide().verdict is Verdict.PASS

    def test_a_round_that_could_not_be_run_in_full_is_no_look(self) -> None:
        gate = start_gate(suite_of(60), GatePolicy())
        for index, request in enumerate(gate.next_requests()):
            if index == 0:
                gate.give_up(request.case_id, request.side)
            else:
                gate.observe(request.case_id, request.side, PASSED)
        assert gate.next_requests() == ()
        assert gate.decide().classes[0].rounds == 0
        assert gate.decide().verdict is Verdict.INCONCLUSIVE


class TestCriticalCases:
    """A critical case that the baseline holds must pass in every candidate trial."""

    def test_one_failed_trial_fails_the_release(self) -> None:
        cases = [*suite_of(20), screened("critical", failed=True, critical=True)]
        gate = start_gate(cases, GatePolicy())
        assert gate.next_requests() == ()
        decision = gate.decide()
        assert (decision.verdict, decision.broken_critical) == (Verdict.FAIL, ("critical",))

    def test_a_baseline_that_fails_it_too_does_not_hold_it(self) -> None:
        cases = [*suite_of(20), screened("critical", failed=True, critical=True, passes=2)]
        assert start_gate(cases, GatePolicy()).decide().broken_critical == ()

    def test_a_failure_in_a_further_round_counts(self) -> None:
        cases = [*suite_of(60), screened("critical", critical=True)]
        gate = start_gate(cases, GatePolicy())
        for request in gate.next_requests():
            broken = request.case_id == "critical" and request.side is Side.CANDIDATE
            gate.observe(request.case_id, request.side, FAILED if broken else PASSED)
        assert gate.decide().verdict is Verdict.FAIL


class TestCasesOutsideClasses:
    """A reply or end state that breaks belongs to no class and is not lost."""

    def test_an_undecided_one_keeps_the_release_from_passing(self) -> None:
        loose = ScreenedCase(
            id="loose", baseline_trials=3, candidate_trials=1, candidate_failed={SUITE: 1}
        )
        gate = start_gate([*suite_of(100), loose], GatePolicy(confirm_trials=1))
        drive(gate, candidate=frozenset({SUITE}), baseline=PASSED)
        decision = gate.decide()
        assert decision.verdict is Verdict.INCONCLUSIVE
        assert "loose" in decision.reasons[0]

    def test_a_suite_without_any_class_is_never_passed(self) -> None:
        loose = ScreenedCase(id="loose", baseline_trials=3, candidate_trials=1)
        assert start_gate([loose], GatePolicy()).decide().verdict is Verdict.INVALID


class TestEveryFindingCounts:
    """Each reason alone keeps a class from passing; 200 cases alike exclude the loss."""

    def test_an_open_suspect_alone(self) -> None:
        gate = start_gate(suite_of(200, suspects=1), GatePolicy(confirm_trials=1), most_rounds=0)
        drive(gate, candidate=FAILED, baseline=FAILED)
        found = gate.decide().classes[0]
        assert found.success_difference.low >= -found.margin
        assert found.verdict is Verdict.INCONCLUSIVE
        assert "1 suspect not decided: 000" in found.reasons[0]

    def test_silence_alone(self) -> None:
        silent = Endpoint(action_class="a", kind=Kind.SILENCE)
        cases = [
            replace(case, candidate_failed={silent: int(case.id < "003")}) for case in suite_of(200)
        ]
        gate = start_gate(cases, GatePolicy())
        drive(gate, candidate=frozenset({silent}), baseline=PASSED)
        found = gate.decide().classes[0]
        assert (found.silence.shown, found.success.shown) == (True, False)
        assert found.verdict is Verdict.FAIL

    def test_a_critical_case_that_the_baseline_fails_in_a_pair_is_not_held(self) -> None:
        cases = [*suite_of(60), screened("critical", critical=True)]
        gate = start_gate(cases, GatePolicy())
        for request in gate.next_requests():
            broken = request.case_id == "critical"
            gate.observe(request.case_id, request.side, FAILED if broken else PASSED)
        assert gate.decide().broken_critical == ()

    def test_a_round_that_costs_more_than_is_left_is_not_begun(self) -> None:
        gate = start_gate(suite_of(60), GatePolicy(max_agent_calls=60 + 119))
        assert gate.next_requests() == ()
        assert gate.decide().budget_spent
