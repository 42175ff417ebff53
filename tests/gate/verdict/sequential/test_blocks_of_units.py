"""In which order suite and classes get their blocks, and what suspects cost before any block."""

from __future__ import annotations

import numpy as np
import pytest

from dialgate_gate.settings.gate_policy import ClassPolicy, GatePolicy, RecordUse
from dialgate_gate.verdict.sequential import (
    SUITE,
    Endpoint,
    ScreenedCase,
    SequentialGate,
    Side,
    start_gate,
)
from tests.gate.verdict.sequential.agents import SUCCESS, screened

PASSED: frozenset[Endpoint] = frozenset()


def suite(cases: int, *, failed: int = 0, classes: int = 1) -> list[ScreenedCase]:
    found = []
    for place in range(cases):
        name = f"class {place % classes}"
        bad = {SUITE: 1, Endpoint(action_class=name): 1} if place < failed else {}
        found.append(
            ScreenedCase(
                id=f"{place:03}",
                classes=(name,),
                baseline_trials=3,
                candidate_trials=1,
                candidate_failed=bad,
            )
        )
    return found


def answer(gate: SequentialGate, broken: set[str]) -> int:
    """Answers until it is decided: these cases are broken; how many trials that took."""
    trials = 0
    while requests := gate.next_requests():
        for request in requests:
            fails = request.case_id in broken and request.side is Side.CANDIDATE
            failed = PASSED
            if fails:
                failed = frozenset({SUITE, *map(Endpoint, gate.cases[request.case_id].classes)})
            for _ in range(request.count):
                gate.observe(request.case_id, request.side, failed)
                trials += 1
    return trials


class TestEarlyPairs:
    """A case that always passed and broke is shown before a block is paid for."""

    def test_one_broken_case_of_a_hundred_takes_few_trials(self) -> None:
        gate = start_gate(suite(100, failed=1), GatePolicy())
        trials = answer(gate, {"000"})
        assert gate.decide().verdict == "fail"
        assert trials <= 16
        assert gate.rounds.done == 0

    def test_a_case_that_failed_before_waits_for_its_block(self) -> None:
        cases = [
            screened("000", failed=True, passes=2),
            *(screened(f"{i:03}") for i in range(1, 60)),
        ]
        gate = start_gate(cases, GatePolicy())
        gate.next_requests()
        assert gate.running
        assert not list(gate.confirmation.early_to_try())

    def test_who_passes_again_is_no_suspect_of_the_second_block(self) -> None:
        gate = start_gate(suite(40, failed=1), GatePolicy(margin=0.04))
        (request,) = gate.next_requests()
        assert (request.case_id, request.side) == ("000", Side.CANDIDATE)
        gate.observe("000", Side.CANDIDATE, PASSED)
        answer(gate, set())
        assert not gate.confirmation.cases["000"].shares


class TestOrder:
    """The suite's blocks count for every class at the class's own stake."""

    def test_small_classes_are_through_with_the_suites_blocks(self) -> None:
        policy = GatePolicy(margin=0.05, default=ClassPolicy(margin=0.2))
        gate = start_gate(suite(120, classes=6), policy)
        answer(gate, set())
        decision = gate.decide()
        assert decision.verdict == "pass"
        assert all(item.figures.is_passed for item in decision.classes)
        assert decision.agent_calls < 2 * 120

    def test_a_class_that_is_still_open_gets_blocks_of_its_own(self) -> None:
        policy = GatePolicy(margin=0.3, default=ClassPolicy(margin=0.1))
        gate = start_gate(suite(60, classes=6), policy)
        answer(gate, set())
        decision = gate.decide()
        assert decision.verdict == "pass"
        assert max(item.figures.blocks for item in decision.classes) > decision.suite_figures.blocks


class TestRecordAsEvidence:
    """`record = "evidence"`: recorded trials come before fresh ones."""

    @pytest.mark.parametrize("seed", range(5))
    def test_a_class_of_all_cases_sees_of_the_record_what_the_suite_sees(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        cases = [screened(f"{place:03}", passes=int(rng.integers(0, 4))) for place in range(50)]
        gate = start_gate(cases, GatePolicy(record=RecordUse.EVIDENCE), seed=seed)
        assert gate.current is not None
        drawn = gate.current.block.failed[Side.BASELINE]
        assert (drawn[SUITE] == drawn[SUCCESS]).all()

    def test_failures_are_drawn_as_often_as_the_record_has_them(self) -> None:
        found = []
        for seed in range(400):
            cases = [screened(f"{place:03}", passes=2) for place in range(10)]
            gate = start_gate(cases, GatePolicy(record=RecordUse.EVIDENCE), seed=seed)
            assert gate.current is not None
            found.append(gate.current.block.failed[Side.BASELINE][SUITE].sum())
        # two of three trials are drawn, one of the three failed
        assert np.mean(found) / 10 == pytest.approx(2 / 3, abs=0.03)

    def test_recorded_trials_never_show_a_loss(self) -> None:
        policy = GatePolicy(record=RecordUse.EVIDENCE, max_agent_calls=60)
        gate = start_gate([screened(f"{place:03}", failed=True) for place in range(30)], policy)
        assert all(not unit.loss.blocks for unit in gate.rounds.units)
        assert gate.current is not None
        assert not gate.current.full

    def test_by_default_the_record_is_no_evidence(self) -> None:
        gate = start_gate([screened(f"{place:03}") for place in range(30)], GatePolicy())
        assert GatePolicy().record is RecordUse.STEERS
        assert not gate.rounds.known.left.any()
