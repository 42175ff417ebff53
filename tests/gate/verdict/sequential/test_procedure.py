"""The sequential gate asks, takes in what it asked for, and decides; nothing else gets in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.gate_policy import ClassPolicy, FailOn, GatePolicy, OpenSuspects
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
WIDE = GatePolicy(margin=0.2, default=ClassPolicy(margin=0.2))
# 100 cases pass by their first trials


def drive(
    gate: SequentialGate, *, candidate: frozenset[Endpoint], baseline: frozenset[Endpoint]
) -> int:
    """Answers every request alike; how many trials were asked for."""
    trials = 0
    while requests := gate.next_requests():
        for request in requests:
            trials += request.count
            failed = baseline if request.side is Side.BASELINE else candidate
            for _ in range(request.count):
                gate.observe(request.case_id, request.side, failed)
    return trials


def drive_broken(gate: SequentialGate, broken: set[str]) -> None:
    """Answers every request: these cases always fail on the candidate's side, all else passes."""
    while requests := gate.next_requests():
        for request in requests:
            failed = FAILED if request.case_id in broken else PASSED
            for _ in range(request.count):
                is_candidate = request.side is Side.CANDIDATE
                gate.observe(request.case_id, request.side, failed if is_candidate else PASSED)


def suite_of(cases: int, *, suspects: int = 0) -> list[ScreenedCase]:
    return [screened(f"{index:03}", failed=index < suspects) for index in range(cases)]


class TestWidth:
    """A cluster is filled by rounds that grow, so that an early look costs no more than here."""

    def test_rounds_of_pairs_that_decide_nothing_double_up_to_the_widest(self) -> None:
        gate = start_gate(suite_of(100, suspects=90), WIDE, widest=40)
        asked: list[int] = []
        while len(asked) < 4 and (requests := gate.next_requests()):
            asked.append(sum(item.side is Side.CANDIDATE for item in requests))
            for item in requests:
                gate.observe(item.case_id, item.side, PASSED)
        assert asked == [8, 16, 32, 34]

    def test_on_one_machine_they_stay_as_they_are(self) -> None:
        gate = start_gate(suite_of(100, suspects=30), WIDE)
        first = gate.next_requests()
        for item in first:
            gate.observe(item.case_id, item.side, PASSED)
        assert len(first) == len(gate.next_requests()) == 8


class TestUnsoundUse:
    """Choosing evidence by hand is impossible by construction."""

    def test_a_trial_that_was_not_asked_for_is_refused(self) -> None:
        gate = start_gate(suite_of(100, suspects=2), WIDE)
        with pytest.raises(ValueError, match="not asked for"):
            gate.observe("000", Side.CANDIDATE, FAILED)

    def test_a_trial_of_the_wrong_side_is_refused(self) -> None:
        gate = start_gate(suite_of(100, suspects=1), WIDE)
        gate.next_requests()
        with pytest.raises(ValueError, match="not asked for"):
            gate.observe("000", Side.BASELINE, PASSED)

    def test_a_trial_is_observed_once(self) -> None:
        gate = start_gate(suite_of(100, suspects=1), WIDE)
        gate.next_requests()
        gate.observe("000", Side.CANDIDATE, FAILED)
        with pytest.raises(ValueError, match="not asked for"):
            gate.observe("000", Side.CANDIDATE, FAILED)

    def test_nothing_new_is_asked_for_while_an_answer_is_missing(self) -> None:
        gate = start_gate(suite_of(100, suspects=2), WIDE)
        gate.next_requests()
        gate.observe("000", Side.CANDIDATE, FAILED)
        with pytest.raises(ValueError, match="no observation of 001"):
            gate.next_requests()

    def test_screening_alone_shows_nothing_however_bad_it_looks(self) -> None:
        gate = start_gate(suite_of(40, suspects=40), GatePolicy())
        assert gate.decide().verdict is Verdict.INCONCLUSIVE
        assert gate.decide().suite.p_adjusted == 1.0

    def test_a_case_without_evidence_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no trial on either side"):
            ScreenedCase(id="1", baseline_trials=0, candidate_trials=0)

    def test_no_case_and_a_case_twice_are_refused(self) -> None:
        with pytest.raises(ValueError, match="no case"):
            start_gate([], GatePolicy())
        with pytest.raises(ValueError, match="twice"):
            start_gate([screened("1"), screened("1")], GatePolicy())


class TestConfirmation:
    """Suspects get fresh pairs, the first two of which are their part of a block."""

    def test_a_candidate_that_passes_again_is_cleared(self) -> None:
        gate = start_gate(suite_of(100, suspects=1), GatePolicy())
        drive(gate, candidate=PASSED, baseline=PASSED)
        decision = gate.decide()
        assert decision.classes[0].success.answered == ("000",)
        assert decision.verdict is Verdict.PASS

    def test_where_no_block_follows_the_baseline_runs_only_where_the_candidate_failed(self) -> None:
        gate = start_gate(suite_of(100, suspects=1), WIDE)
        requests = gate.next_requests()
        assert [(r.case_id, r.side) for r in requests] == [("000", Side.CANDIDATE)]
        gate.observe("000", Side.CANDIDATE, PASSED)
        assert gate.next_requests() == ()

    def test_broken_cases_fail_the_release_and_are_named(self) -> None:
        gate = start_gate(suite_of(100, suspects=3), GatePolicy())
        drive(gate, candidate=FAILED, baseline=PASSED)
        decision = gate.decide()
        assert decision.verdict is Verdict.FAIL
        reasons = " ".join((*decision.reasons, *decision.classes[0].reasons))
        assert "in fresh trials" in reasons
        assert "000, 001 and 002" in reasons

    def test_one_broken_case_alone_is_confirmed(self) -> None:
        gate = start_gate(suite_of(30, suspects=1), GatePolicy())
        drive_broken(gate, {"000"})
        assert gate.decide().suite.confirmed == ("000",)
        assert gate.decide().verdict is Verdict.FAIL

    def test_a_case_the_baseline_never_passed_is_no_suspect(self) -> None:
        gate = start_gate([screened("1", failed=True, passes=0)], GatePolicy())
        assert gate.confirmation.cases == {}

    def test_both_sides_failing_shows_no_regression(self) -> None:
        gate = start_gate(suite_of(30, suspects=5), GatePolicy())
        drive(gate, candidate=FAILED, baseline=FAILED)
        decision = gate.decide()
        assert decision.verdict is Verdict.INCONCLUSIVE
        assert not decision.suite.shown

    def test_confirm_trials_bounds_the_pairs_of_a_suspect(self) -> None:
        policy = replace(WIDE, confirm_trials=2)
        gate = start_gate(suite_of(100, suspects=1), policy)
        assert drive(gate, candidate=FAILED, baseline=PASSED) == 4
        assert gate.decide().classes[0].success.open_cases == ("000",)

    def test_an_open_suspect_counts_as_it_is_unless_the_policy_blocks_on_it(self) -> None:
        policy = replace(WIDE, confirm_trials=2)
        told = {OpenSuspects.COUNT: Verdict.PASS, OpenSuspects.BLOCK: Verdict.INCONCLUSIVE}
        for suspects, verdict in told.items():
            default = replace(policy.default, open_suspects=suspects)
            gate = start_gate(suite_of(100, suspects=1), replace(policy, default=default))
            drive(gate, candidate=FAILED, baseline=PASSED)
            assert gate.decide().classes[0].verdict is verdict

    def test_a_trial_that_could_not_be_run_leaves_the_suspect_open(self) -> None:
        gate = start_gate(suite_of(100, suspects=1), WIDE)
        gate.next_requests()
        gate.give_up("000", Side.CANDIDATE)
        assert gate.next_requests() == ()
        assert gate.decide().classes[0].success.open_cases == ("000",)

    def test_a_broken_case_of_a_class_that_fails_on_a_loss_is_no_suspect(self) -> None:
        policy = GatePolicy(default=ClassPolicy(fail_on=FailOn.LOSS))
        gate = start_gate(suite_of(100, suspects=1), policy)
        assert gate.confirmation.cases == {}


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
    """A class passes only where the evidence of its blocks excludes the loss, at every look."""

    def test_100_cases_alike_pass_soon(self) -> None:
        gate = start_gate(suite_of(100), GatePolicy())
        assert drive(gate, candidate=PASSED, baseline=PASSED) <= 60
        assert gate.decide().verdict is Verdict.PASS
        assert gate.decide().suite_figures.interval[0] > -0.05

    def test_the_interval_is_one_with_the_decision(self) -> None:
        gate = start_gate(suite_of(60), GatePolicy())
        drive(gate, candidate=PASSED, baseline=PASSED)
        decision = gate.decide()
        for figures in (decision.suite_figures, decision.classes[0].figures):
            assert figures.is_passed == (figures.interval[0] >= -figures.margin)

    def test_a_margin_of_0_never_passes(self) -> None:
        policy = GatePolicy(default=ClassPolicy(margin=0.0))
        gate = start_gate(suite_of(60), policy)
        drive(gate, candidate=PASSED, baseline=PASSED)
        decision = gate.decide()
        assert decision.verdict is Verdict.INCONCLUSIVE
        assert "margin of 0" in decision.classes[0].reasons[0]

    def test_too_few_cases_never_pass(self) -> None:
        policy = GatePolicy(margin=0.9, default=ClassPolicy(margin=0.9, min_cases=5))
        for cases, verdict in ((4, Verdict.INCONCLUSIVE), (5, Verdict.PASS)):
            gate = start_gate(suite_of(cases), policy)
            drive(gate, candidate=PASSED, baseline=PASSED)
            assert gate.decide().verdict is verdict

    def test_a_trial_of_a_block_that_could_not_be_run_counts_at_its_worst(self) -> None:
        def low(*, lost: bool) -> float:
            gate = start_gate(suite_of(60), GatePolicy())
            for index, request in enumerate(gate.next_requests()):
                for _ in range(request.count):
                    if lost and index < 3:
                        gate.give_up(request.case_id, request.side)
                    else:
                        gate.observe(request.case_id, request.side, PASSED)
            gate.next_requests()
            return gate.decide().suite_figures.p_margin

        assert low(lost=True) > low(lost=False)


class TestOutage:
    """Where the baseline itself fails far more often than on record, nothing passes."""

    def test_a_provider_that_takes_both_sides_down_lets_nothing_pass(self) -> None:
        gate = start_gate(suite_of(100, suspects=100), GatePolicy())
        drive(gate, candidate=FAILED, baseline=FAILED)
        assert gate.decide().verdict is not Verdict.PASS


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

    def test_a_failure_in_a_later_block_counts(self) -> None:
        cases = [*suite_of(60), screened("critical", critical=True)]
        gate = start_gate(cases, GatePolicy())
        for request in gate.next_requests():
            broken = request.case_id == "critical" and request.side is Side.CANDIDATE
            gate.observe(request.case_id, request.side, FAILED if broken else PASSED)
        assert gate.decide().verdict is Verdict.FAIL


class TestCasesOutsideClasses:
    """A reply or end state that breaks belongs to no class and is not lost."""

    def test_a_broken_one_fails_the_release(self) -> None:
        loose = ScreenedCase(
            id="loose", baseline_trials=3, candidate_trials=1, candidate_failed={SUITE: 1}
        )
        gate = start_gate([*suite_of(100), loose], GatePolicy(confirm_trials=32))
        drive_broken(gate, {"loose"})
        decision = gate.decide()
        assert decision.verdict is Verdict.FAIL
        assert "loose" in decision.reasons[0]


class TestEveryFindingCounts:
    """Each reason alone keeps a class from passing; 200 cases alike exclude the loss."""

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

    def test_a_block_that_costs_more_than_is_left_is_not_begun(self) -> None:
        gate = start_gate(suite_of(60), GatePolicy(max_agent_calls=61))
        assert gate.next_requests() == ()
        assert gate.decide().budget_spent
