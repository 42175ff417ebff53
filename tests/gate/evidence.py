"""Evidence for tests of the gate: scored trials, spelled out only where it matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.outcomes import Decision, Outcome, TrialScore, TrialStatus
from dialgate_gate.comparing.comparison import RunComparison, compare_runs
from dialgate_gate.comparing.judged_cases import CaseSet, JudgedCase
from dialgate_gate.comparing.run_evidence import RunEvidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

RELEASE = {
    "name": "agent", "version": "1", "fingerprint": "sha256:0",
    "components": {"prompts": "p", "tools": "t", "model": "m", "code": "c"},
}  # fmt: skip


def a_score(
    case_id: str, outcome: Outcome | None = Outcome.CORRECT, trial: int = 0, **more: Any
) -> TrialScore:
    """One trial of one action of the class "refund"; no outcome means that it took none."""
    outcomes = [] if outcome is None else [outcome]
    decisions = tuple(
        Decision(action_class=more.pop("action_class", "refund"), outcome=item, tool="refund")
        for item in outcomes
    )
    passed = all(item is Outcome.CORRECT for item in outcomes)
    values: dict[str, Any] = {
        "status": TrialStatus.PASSED if passed else TrialStatus.FAILED,
        "decisions": decisions,
        "tool_calls": 1,
        **more,
    }
    return TrialScore(case_id=case_id, trial=trial, **values)


def a_run(scores: Iterable[TrialScore], **more: Any) -> RunEvidence:
    return RunEvidence(release=RELEASE, scores=tuple(scores), **more)


def cases(number: int, **more: Any) -> CaseSet:
    """Cases c0, c1, … of the class "refund"."""
    critical = more.pop("critical", ())
    judged = tuple(
        JudgedCase(id=f"c{i}", classes=frozenset({"refund"}), critical=f"c{i}" in critical)
        for i in range(number)
    )
    return CaseSet(cases=judged, by_id={case.id: case for case in judged}, **more)


def a_comparison(
    before: Sequence[Outcome], now: Sequence[Outcome], *, deterministic: bool = False, **more: Any
) -> RunComparison:
    """One trial a side of each case, in order."""
    return compare_runs(
        baseline=a_run(a_score(f"c{i}", outcome) for i, outcome in enumerate(before)),
        candidate=a_run(a_score(f"c{i}", outcome) for i, outcome in enumerate(now)),
        case_set=cases(len(before), **more),
        class_names=["refund"],
        deterministic=deterministic,
    )
