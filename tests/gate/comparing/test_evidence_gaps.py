"""Silence is never a pass: every row of the table of gaps leads to `invalid`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dialgate_evals.actions.outcomes import TrialStatus
from dialgate_evals.files.problems import Problem
from dialgate_gate.comparing.comparison import compare_runs
from dialgate_gate.comparing.gap import GAPS, EvidenceGap, Gap
from dialgate_gate.four_verdicts import Verdict
from dialgate_gate.settings.gate_policy import ClassPolicy, GatePolicy
from dialgate_gate.verdict.release_verdict import decide_verdict
from tests.gate.evidence import a_run, a_score, cases

if TYPE_CHECKING:
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_gate.comparing.judged_cases import CaseSet
    from dialgate_gate.comparing.run_evidence import RunEvidence
    from dialgate_gate.verdict.verdict import ReleaseVerdict

N = 80
GOOD = [a_score(f"c{i}") for i in range(N)]
PRICED = [a_score(f"c{i}", cost_usd=0.01) for i in range(N)]


def judge(
    baseline: RunEvidence, candidate: RunEvidence, case_set: CaseSet | None = None,
    policy: GatePolicy | None = None, limit: float = 0.02, deterministic: bool = False,
) -> ReleaseVerdict:  # fmt: skip
    comparison = compare_runs(
        baseline=baseline,
        candidate=candidate,
        case_set=case_set or cases(N),
        class_names=["refund"],
        deterministic=deterministic,
    )
    return decide_verdict(comparison, policy or GatePolicy(), max_infra_error_rate=limit)


def errored(number: int) -> list[TrialScore]:
    return [
        a_score(f"c{i}", None, status=TrialStatus.ERRORED, error="quota") for i in range(number)
    ]


def broken_off(text: str) -> list[TrialScore]:
    return [a_score(f"c{i}", status=TrialStatus.FAILED, failure=text) for i in range(N)]


UNREADABLE = Problem(file="t.jsonl", place="line 3", found="no JSON", expected="JSON")

ROWS: dict[Gap, ReleaseVerdict] = {
    Gap.EMPTY_SUITE: judge(a_run([]), a_run([]), cases(0)),
    Gap.EMPTY_CLASS: judge(
        a_run(GOOD), a_run(GOOD), policy=GatePolicy(classes={"mail": ClassPolicy()})
    ),
    Gap.UNREADABLE: judge(a_run(GOOD), a_run(GOOD, problems=(UNREADABLE,))),
    Gap.NOT_UNDERSTOOD: judge(
        a_run(GOOD), a_run([*GOOD[:-1], a_score(f"c{N - 1}", not_understood=("/messages/1: x",))])
    ),
    Gap.MISSING_TRIALS: judge(a_run(GOOD), a_run(GOOD[1:])),
    Gap.EXTRA_TRIALS: judge(a_run(GOOD), a_run([*GOOD, a_score("unknown")])),
    Gap.TOO_MANY_ERRORED: judge(a_run(GOOD), a_run([*errored(3), *GOOD[3:]])),
    Gap.NO_ACTION_ANYWHERE: judge(
        a_run(GOOD), a_run(a_score(f"c{i}", None, tool_calls=0) for i in range(N))
    ),
    Gap.IDENTICAL_FAILURES: judge(a_run(GOOD), a_run(broken_off("exit code 1"))),
    Gap.ONE_SIDED: judge(
        a_run(PRICED), a_run(GOOD), policy=GatePolicy(default=ClassPolicy(cost_ratio=1.25))
    ),
    Gap.NOT_DETERMINISTIC: judge(
        a_run([*GOOD, *(a_score(f"c{i}", trial=1) for i in range(N))], trials_per_case=2),
        a_run(
            [*GOOD, *(a_score(f"c{i}", None, 1, status=TrialStatus.FAILED) for i in range(N))],
            trials_per_case=2,
        ),
        deterministic=True,
    ),
    **{
        gap: judge(a_run(GOOD, gaps=(EvidenceGap(gap=gap, found="why"),)), a_run(GOOD))
        for gap in (Gap.OTHER_SUITE, Gap.INCOMPARABLE, Gap.OTHER_CODE, Gap.CLOCK, Gap.UNSEALED)
    },
}


def test_the_evidence_without_a_gap_passes() -> None:
    assert judge(a_run(GOOD), a_run(GOOD)).verdict is Verdict.PASS


def test_every_kind_of_gap_has_a_row() -> None:
    assert set(ROWS) == set(Gap) == set(GAPS)


@pytest.mark.parametrize("gap", list(Gap))
def test_a_gap_is_invalid_and_says_why(gap: Gap) -> None:
    verdict = ROWS[gap]
    assert verdict.verdict is Verdict.INVALID
    assert verdict.exit_code == 4
    assert gap in {found.gap for found in verdict.gaps}
    assert verdict.reasons


@pytest.mark.parametrize("side", ["baseline", "candidate"])
@pytest.mark.parametrize("lost", [0, N // 2, N - 1], ids=["first", "middle", "last"])
def test_one_missing_trial_on_either_side_is_invalid(side: str, lost: int) -> None:
    kept = a_run(score for i, score in enumerate(GOOD) if i != lost)
    sides = (kept, a_run(GOOD)) if side == "baseline" else (a_run(GOOD), kept)
    assert judge(*sides).verdict is Verdict.INVALID


def test_a_trial_on_record_twice_is_invalid() -> None:
    assert judge(a_run(GOOD), a_run([*GOOD, GOOD[0]])).verdict is Verdict.INVALID


def test_a_gap_in_the_trial_numbers_is_invalid() -> None:
    three = [a_score(f"c{i}", trial=t) for i in range(N) for t in range(3)]
    holed = [s for s in three if (s.case_id, s.trial) != ("c5", 1)]
    found = judge(a_run(three, trials_per_case=3), a_run(holed, trials_per_case=3))
    assert found.verdict is Verdict.INVALID


def test_errored_trials_under_the_limit_are_left_out_not_counted_as_passes() -> None:
    found = judge(a_run([*errored(1), *GOOD[1:]]), a_run([*errored(1), *GOOD[1:]]))
    assert found.verdict is Verdict.PASS
    assert found.classes[0].comparison.candidate.trials == N - 1


def test_a_case_that_one_side_only_could_not_run_is_open_and_at_its_worst() -> None:
    found = judge(a_run(GOOD), a_run([*errored(1), *GOOD[1:]]))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.classes[0].missing_one_sided == ("c0",)
    assert found.classes[0].comparison.success.candidate_trials.tolist() == [1] * N
    assert int(found.classes[0].comparison.success.candidate_passed.sum()) == N - 1


def test_a_critical_case_that_could_not_be_run_is_invalid() -> None:
    critical = cases(N, critical={"c0"})
    found = judge(a_run(GOOD), a_run([*errored(1), *GOOD[1:]]), critical)
    assert found.verdict is Verdict.INVALID
    assert "critical" in found.reasons[0]


def test_a_gap_outweighs_a_failure() -> None:
    critical = cases(N, critical={"c1"})
    bad = [*GOOD[:1], a_score("c1", None, status=TrialStatus.FAILED), *GOOD[3:]]
    assert judge(a_run(GOOD), a_run(bad), critical).verdict is Verdict.INVALID
