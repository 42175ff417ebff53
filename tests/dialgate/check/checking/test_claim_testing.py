"""`deterministic = true` is a claim: it is tested before a verdict relies on it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from dialgate.check.checking.claim_testing import ClaimedSide, run_claimed_again
from dialgate.runs.recorded_run import RecordedRun, RunOptions
from dialgate_evals.actions.outcomes import Outcome
from dialgate_evals.suite.suite import AgentKind
from dialgate_gate.comparing.comparison import compare_runs
from dialgate_gate.comparing.evidence_gaps import determinism_gaps
from dialgate_gate.comparing.gap import Gap
from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.gate_policy import GatePolicy
from dialgate_gate.verdict.release_verdict import decide_verdict
from tests.gate.evidence import a_run, a_score, cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dialgate.check.checking.fresh_trials import RunnableSide
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.suite.case import Case
    from dialgate_gate.comparing.run_evidence import RunEvidence

GOOD, BAD = Outcome.CORRECT, Outcome.MISSED
MANY = 40


@dataclass
class Agents:
    """Both releases' agents: what each case comes to when it is run again, and what was asked."""

    again: Callable[[str, str], Outcome]
    # of a side and a case
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)

    def gather(self, workspace: Any, _: object, *, cases: Iterable[Case], **__: Any) -> RecordedRun:
        ids = [case.id for case in cases]
        self.asked.update((workspace.side, case_id) for case_id in ids)
        scores = [self.score(workspace.side, case_id) for case_id in ids]
        return RecordedRun(folder=Path(), evidence=a_run(scores))

    def score(self, side: str, case_id: str) -> TrialScore:
        outcome = self.again(side, case_id)
        return a_score(case_id, None if outcome is BAD else outcome)


def a_side(
    name: str, outcomes: list[Outcome], *, kind: AgentKind = AgentKind.PYTHON
) -> ClaimedSide:
    scores = [a_score(f"c{i}", None if o is BAD else o) for i, o in enumerate(outcomes)]
    workspace = SimpleNamespace(side=name, suite=SimpleNamespace(agent=SimpleNamespace(kind=kind)))
    listed = [SimpleNamespace(id=score.case_id) for score in scores]
    runnable = SimpleNamespace(workspace=workspace, release=None, cases=listed, other=None)
    return ClaimedSide(evidence=a_run(scores), runnable=cast("RunnableSide", runnable))


def run_again(
    agents: Agents, before: ClaimedSide | None, now: ClaimedSide, policy: GatePolicy | None = None
) -> tuple[RunEvidence | None, RunEvidence]:
    return run_claimed_again(
        baseline=before,
        candidate=now,
        policy=policy or GatePolicy(),
        actions=cast("Any", None),
        options=RunOptions(out=Path("out")),
        gather=agents.gather,
    )


def steady(side: str, case_id: str) -> Outcome:
    return BAD if (side, case_id) == ("now", "c3") else GOOD


def c3_fails(count: int = MANY) -> list[Outcome]:
    return [BAD if i == 3 else GOOD for i in range(count)]


def test_a_changed_case_is_run_three_times_and_a_sample_once_on_both_sides() -> None:
    agents = Agents(steady)
    found = run_again(agents, a_side("before", [GOOD] * MANY), a_side("now", c3_fails()))
    assert agents.asked["before", "c3"] == agents.asked["now", "c3"] == 3
    others = {case_id for _, case_id in agents.asked} - {"c3"}
    assert len(others) == 10
    assert all(agents.asked[side, c] == 1 for side in ("before", "now") for c in others)
    assert determinism_gaps(found) == []


def test_the_same_cases_are_sampled_at_every_run() -> None:
    asked = []
    for _ in range(2):
        agents = Agents(steady)
        run_again(agents, a_side("before", [GOOD] * MANY), a_side("now", [GOOD] * MANY))
        asked.append(agents.asked)
    assert asked[0] == asked[1]


def test_a_case_that_comes_out_otherwise_ends_in_not_deterministic_and_nothing_is_certain() -> None:
    agents = Agents(lambda _, __: GOOD)
    found = run_again(agents, a_side("before", [GOOD] * MANY), a_side("now", c3_fails()))
    comparison = compare_runs(
        baseline=found[0],
        candidate=found[1],
        case_set=cases(MANY),
        class_names=["refund"],
        deterministic=True,
    )
    verdict = decide_verdict(comparison, GatePolicy())
    assert verdict.verdict is Verdict.INVALID
    assert [gap.gap for gap in verdict.gaps] == [Gap.NOT_DETERMINISTIC]
    assert "c3" in verdict.reasons[0]
    assert not any("certain" in reason for reason in verdict.reasons)


def test_the_first_difference_ends_the_test() -> None:
    agents = Agents(lambda _, __: GOOD)
    run_again(agents, a_side("before", [GOOD] * MANY), a_side("now", c3_fails()))
    assert agents.asked["now", "c3"] == 1


def test_an_unchanged_case_of_the_sample_refutes_the_claim_too() -> None:
    agents = Agents(lambda side, _: BAD if side == "before" else GOOD)
    found = run_again(agents, a_side("before", [GOOD] * 4), a_side("now", [GOOD] * 4))
    assert [gap.gap for gap in determinism_gaps(found)] == [Gap.NOT_DETERMINISTIC]


def test_another_outcome_of_a_trial_that_fails_as_before_is_a_difference() -> None:
    agents = Agents(lambda _, __: Outcome.WRONG_ARGUMENTS)
    before = a_side("before", [Outcome.UNEXPECTED] * 4)
    (gap,) = determinism_gaps(run_again(agents, before, a_side("now", [Outcome.UNEXPECTED] * 4)))
    assert "came out in two ways" in gap.reason


def test_repeats_cost_calls_and_count_nowhere_else() -> None:
    agents = Agents(steady)
    _, now = run_again(agents, a_side("before", [GOOD] * MANY), a_side("now", c3_fails()))
    assert len(now.scores) == MANY
    assert len(now.repeats) == 3 + 10


class TestBudget:
    """A claim for whose test nothing is left is relied upon by no verdict."""

    def test_none_left_is_a_gap(self) -> None:
        agents = Agents(steady)
        policy = GatePolicy(max_agent_calls=2 * MANY + 1)
        found = run_again(
            agents, a_side("before", [GOOD] * MANY), a_side("now", c3_fails()), policy
        )
        assert [gap.gap for gap in found[1].gaps] == [Gap.NOT_DETERMINISTIC]
        assert "max_agent_calls" in found[1].gaps[0].reason
        assert not agents.asked

    def test_a_few_left_go_to_what_changed(self) -> None:
        agents = Agents(steady)
        policy = GatePolicy(max_agent_calls=2 * MANY + 4)
        found = run_again(
            agents, a_side("before", [GOOD] * MANY), a_side("now", c3_fails()), policy
        )
        assert sum(agents.asked.values()) == 4
        assert agents.asked["now", "c3"] == 1
        assert found[1].gaps == ()


class TestWhatCannotBeRunAgain:
    """Recorded trials stay as they are; a first release is tested alone."""

    def test_recordings_are_taken_as_they_are(self) -> None:
        agents = Agents(steady)
        recorded = AgentKind.TRANSCRIPT
        before, now = a_side("b", [GOOD] * 4, kind=recorded), a_side("n", [BAD] * 4, kind=recorded)
        assert run_again(agents, before, now) == (before.evidence, now.evidence)
        assert not agents.asked

    def test_a_first_release_is_sampled(self) -> None:
        agents = Agents(lambda _, __: BAD)
        found = run_again(agents, None, a_side("now", [GOOD] * 4))
        assert found[0] is None
        assert len(agents.asked) == 4
        assert determinism_gaps(found)

    def test_a_record_as_the_baseline_leaves_the_candidate_to_be_tested(self) -> None:
        agents = Agents(steady)
        record = ClaimedSide(evidence=a_side("before", [GOOD] * 4).evidence, runnable=None)
        run_again(agents, record, a_side("now", c3_fails(4)))
        assert agents.asked == {("now", "c3"): 3, **{("now", f"c{i}"): 1 for i in (0, 1, 2)}}
