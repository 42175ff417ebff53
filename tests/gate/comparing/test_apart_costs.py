"""What users and judges cost is no agent's, and what nobody tells is None."""

from __future__ import annotations

from dialgate_evals.actions.outcomes import TrialScore, TrialStatus
from dialgate_evals.actions.rubrics.criterion import Criterion
from dialgate_evals.actions.rubrics.votes import Answer, Question, Ruling, Vote
from dialgate_gate.comparing.apart_costs import ApartCosts, sum_apart


def a_score(*calls: int, user_calls: int = 0, user: float | None = None) -> TrialScore:
    question = Question(criterion=Criterion(name="c"), of="reply", text="x")
    votes = tuple(Vote(judge="j", answer=Answer.YES, reason="r", calls=count) for count in calls)
    ruling = Ruling(criterion="c", of="reply", answer=Answer.YES, votes=votes, question=question)
    return TrialScore(
        case_id="c", trial=0, status=TrialStatus.PASSED, rulings=(ruling,), cost_usd=5.0,
        user_calls=user_calls, user_cost_usd=user, judge_cost_usd=0.25 if calls else None,
    )  # fmt: skip


def test_nobody_asked_costs_nothing_and_has_no_price() -> None:
    assert sum_apart([]) == ApartCosts() == sum_apart([a_score()])


def test_calls_and_dollars_add_up_apart_from_the_agents() -> None:
    found = sum_apart([a_score(1, 2, user_calls=3, user=0.5), a_score(4), a_score()])
    assert found.as_json() == {
        "user_calls": 3, "user_cost_usd": 0.5, "judge_calls": 7, "judge_cost_usd": 0.5,
    }  # fmt: skip
    assert (found + found).judge_calls == 14
    assert (found + ApartCosts()) == found
