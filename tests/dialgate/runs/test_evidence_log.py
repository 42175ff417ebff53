"""A check goes on from its own trials, and from nobody else's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialgate.runs.evidence_log import EvidenceLog, open_log
from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.gate_policy import ClassPolicy, GatePolicy
from dialgate_gate.verdict.sequential import Endpoint, ScreenedCase, SequentialGate, start_gate

if TYPE_CHECKING:
    from pathlib import Path

POLICY = GatePolicy(max_agent_calls=60, default=ClassPolicy(margin=0.2))
CASES = [
    ScreenedCase(id=f"c{i:02}", classes=("a",), baseline_trials=3, candidate_trials=1)
    for i in range(30)
]
PASSED: frozenset[Endpoint] = frozenset()


def log_of(folder: Path, *, policy: GatePolicy = POLICY, resume: bool = False) -> EvidenceLog:
    return open_log(folder, CASES, policy, releases=["1", "2"], is_fresh=False, resume=resume)


def run(gate: SequentialGate, log: EvidenceLog) -> None:
    """All trials pass, from where the log's earlier ones end."""
    requests = log.replay(gate) if log.earlier else gate.next_requests()
    while requests:
        for request in requests:
            for _ in range(request.count):
                gate.observe(request.case_id, request.side, PASSED)
                log.add(request.case_id, request.side, PASSED)
        requests = gate.next_requests()
    log.save()


def test_it_goes_on_with_a_new_budget_and_decides(tmp_path: Path) -> None:
    first, log = start_gate(CASES, POLICY), log_of(tmp_path)
    run(first, log)
    assert (first.decide().verdict, first.budget_spent) == (Verdict.INCONCLUSIVE, True)
    again, resumed = start_gate(CASES, POLICY), log_of(tmp_path, resume=True)
    assert resumed.earlier == log.entries
    run(again, resumed)
    assert again.decide().suite_figures.blocks > first.decide().suite_figures.blocks
    assert again.decide().verdict is Verdict.PASS


def test_what_is_replayed_gives_the_same_state(tmp_path: Path) -> None:
    first, log = start_gate(CASES, POLICY), log_of(tmp_path)
    run(first, log)
    again, resumed = start_gate(CASES, POLICY), log_of(tmp_path, resume=True)
    resumed.replay(again)
    assert again.decide().suite_figures == first.decide().suite_figures


def test_another_policy_or_no_wish_to_go_on_starts_anew(tmp_path: Path) -> None:
    run(start_gate(CASES, POLICY), log_of(tmp_path))
    other = replace(POLICY, margin=0.1)
    assert log_of(tmp_path, policy=other, resume=True).earlier == []
    assert log_of(tmp_path).earlier == []


def test_a_check_goes_on_as_wide_as_it_began(tmp_path: Path) -> None:
    log = open_log(tmp_path, CASES, POLICY, releases=["1"], is_fresh=False, resume=False, widest=64)
    run(start_gate(CASES, POLICY, widest=log.widest), log)
    on_one_machine = open_log(tmp_path, CASES, POLICY, releases=["1"], is_fresh=False, resume=True)
    assert on_one_machine.widest == 64
