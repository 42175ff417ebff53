"""One simulated gate on recorded trials: the real comparison and verdict on made-up scores.

Knows how a rate becomes scored trials; leaves scenarios to `planning.plan_input`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.outcomes import Decision, Outcome, TrialScore, TrialStatus
from dialgate_gate.comparing.comparison import compare_runs
from dialgate_gate.comparing.judged_cases import CaseSet
from dialgate_gate.comparing.run_evidence import RunEvidence
from dialgate_gate.verdict.release_verdict import decide_verdict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dialgate_gate.comparing.judged_cases import JudgedCase
    from dialgate_gate.settings.gate_policy import GatePolicy
    from dialgate_gate.verdict.verdict import ReleaseVerdict

_RELEASE: dict[str, Any] = {"name": "simulated", "version": "", "fingerprint": "", "components": {}}


def simulate_recorded(
    cases: tuple[JudgedCase, ...],
    policy: GatePolicy,
    rates: tuple[NDArray[np.float64], NDArray[np.float64]],
    *,
    trials: int,
    deterministic: bool,
    rng: np.random.Generator,
) -> ReleaseVerdict:
    """The verdict on `trials` simulated trials of each case; rates are baseline, candidate."""
    baseline, candidate = (_run(cases, side, trials, rng) for side in rates)
    comparison = compare_runs(
        baseline=baseline,
        candidate=candidate,
        case_set=CaseSet(cases=cases, by_id={case.id: case for case in cases}),
        class_names=sorted({name for case in cases for name in case.classes}),
        deterministic=deterministic,
    )
    return decide_verdict(comparison, policy)


def _run(
    cases: tuple[JudgedCase, ...],
    rates: NDArray[np.float64],
    trials: int,
    rng: np.random.Generator,
) -> RunEvidence:
    passed = rng.random((len(cases), trials)) < rates[:, None]
    scores = [
        _score(case, trial, is_passed=bool(passed[index, trial]))
        for index, case in enumerate(cases)
        for trial in range(trials)
    ]
    return RunEvidence(release=_RELEASE, scores=tuple(scores), trials_per_case=trials)


def _score(case: JudgedCase, trial: int, *, is_passed: bool) -> TrialScore:
    """A trial that fails misses every action: loudly, so that no rule on silence helps."""
    outcome = Outcome.CORRECT if is_passed else Outcome.MISSED
    decisions = tuple(
        Decision(action_class=name, outcome=outcome, tool="simulated") for name in case.classes
    )
    return TrialScore(
        case_id=case.id,
        trial=trial,
        status=TrialStatus.PASSED if is_passed else TrialStatus.FAILED,
        decisions=decisions,
        tool_calls=1,
    )
