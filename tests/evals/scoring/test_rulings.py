"""What rulings make of a trial: they take a pass away where they may decide, and never give one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dialgate_evals.actions.action_classes import ActionRegistry, parse_classes
from dialgate_evals.actions.argument_rules import parse_rules
from dialgate_evals.actions.outcomes import TrialScore, TrialStatus
from dialgate_evals.actions.rubrics.licence import NO_ACTION, decides
from dialgate_evals.actions.rubrics.votes import Answer, Ruling
from dialgate_evals.actions.trajectory import parse_trajectory
from dialgate_evals.scoring.rulings import Judged, with_rulings
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.case import parse_case
from dialgate_evals.suite.tools import ToolRegistry, parse_tools
from tests.evals.builders import ACTIONS
from tests.evals.running.judges.endpoints import Everywhere
from tests.workspaces import a_trial

MAIL = {"type": "object", "properties": {"to": {"type": "string"}, "body": {"type": "string"}}}


def mail(body: Any, to: str = "a@x.example") -> dict[str, Any]:
    return {"name": "mail", "arguments": {"to": to} | ({} if body is None else {"body": body})}


def scored(
    calls: list[dict[str, Any]],
    actions: list[dict[str, Any]],
    *,
    judged: Judged | None = None,
    reply: str = "Done.",
    rubric: Any = None,
) -> TrialScore:
    document = {
        "schema": 1, "id": "c", "origin": "golden",
        "messages": [{"role": "user", "content": "Mail it."}],
        "expect": {"actions": actions, **({"reply": {"rubric": rubric}} if rubric else {})},
    }  # fmt: skip
    trial = a_trial("c", calls)
    trial["messages"][-1]["content"] = reply
    registry = ToolRegistry(
        tools={t.name: t for t in parse_tools([{"name": "mail", "parameters": MAIL}])}
    )
    rules = {"mail": parse_rules({"/body": {"judge": "says the same as"}})}
    scorer = Scorer(
        tools=registry,
        actions=ActionRegistry(classes=parse_classes(ACTIONS), rules=rules),
        judged=judged,
    )
    return scorer.score(parse_case(document), parse_trajectory(trial))


def test_another_wording_is_no_wrong_argument_and_is_asked_about() -> None:
    found = scored([mail("Your 10 EUR are here.")], [mail("You got 10 EUR.")])
    assert found.status is TrialStatus.PASSED
    (ruling,) = found.rulings
    assert (ruling.criterion, ruling.of, ruling.answer) == ("mail/body", "mail/body", Answer.UNSURE)
    assert ruling.question.criterion.same_as == "You got 10 EUR."
    assert ruling.question.text == "Your 10 EUR are here."


@pytest.mark.parametrize(
    ("body", "answer"),
    [("you got 10 EUR", Answer.YES), ("You got 11 EUR.", Answer.NO), ("Hi.", Answer.UNSURE)],
)
def test_rules_compare_texts_first(body: str, answer: Answer) -> None:
    found = scored([mail(body)], [mail("You got 10 EUR.")])
    assert [ruling.answer for ruling in found.rulings] == [answer]
    assert found.status is TrialStatus.PASSED
    licensed = scored([mail(body)], [mail("You got 10 EUR.")], judged=Judged(licence=Everywhere()))
    assert licensed.passed is (answer is Answer.YES)


@pytest.mark.parametrize("body", [None, "", " \n", 7, ["You got 10 EUR."]])
def test_that_there_is_no_text_needs_no_judge(body: Any) -> None:
    found = scored([mail(body)], [mail("You got 10 EUR.")])
    assert found.status is TrialStatus.FAILED


def test_of_several_mails_each_is_compared_with_its_own_text() -> None:
    expected = [mail("One."), mail("Two.")]
    found = scored([mail("Two."), mail("One.")], expected, judged=Judged(licence=Everywhere()))
    assert [ruling.answer for ruling in found.rulings] == [Answer.YES, Answer.YES]
    assert found.status is TrialStatus.PASSED


def test_a_criterion_that_only_has_a_name_is_judge_tomls() -> None:
    from dialgate_evals.actions.rubrics.criterion import parse_criterion

    criteria = {"amount": parse_criterion("amount", {"must": {"numbers": [10]}})}
    judged = Judged(criteria=criteria, licence=Everywhere())
    for reply, passed in (("10 EUR", True), ("11 EUR", False)):
        found = scored([], [], judged=judged, reply=reply, rubric=[{"name": "amount"}])
        assert found.passed is passed


def test_a_criterion_decides_only_where_every_class_of_the_case_allows_it() -> None:
    class Mail:
        def licensed(self, criterion: str, action_class: str) -> bool:
            return (criterion, action_class) == ("polite", "mail")

    assert decides(Mail(), "polite", {"mail"})
    assert not decides(Mail(), "polite", {"mail", "refund"})
    assert not decides(Mail(), "short", {"mail"})
    assert not decides(Mail(), "polite", set())
    assert decides(Everywhere(), "polite", {NO_ACTION})


ANSWERS = st.lists(
    st.tuples(st.sampled_from(list(Answer)), st.booleans(), st.booleans()), max_size=4
)


@given(ANSWERS, st.booleans())
def test_no_ruling_makes_a_failed_trial_pass(
    answers: list[tuple[Answer, bool, bool]], is_right: bool
) -> None:
    start = scored([mail("Hi.", to="a@x.example" if is_right else "eve@x")], [mail("Hi.")])
    question = scored([mail("Hi.")], [mail("Hi.")]).rulings[0].question
    rulings = tuple(
        Ruling(criterion=f"c{n}", of="reply", answer=answer, decides=rules, question=question,
               is_open=is_open and answer is Answer.UNSURE)
        for n, (answer, rules, is_open) in enumerate(answers)
    )  # fmt: skip
    found = with_rulings(start, rulings)
    if not is_right:
        assert found.status is TrialStatus.FAILED
    elif found.passed:
        assert all(item.answer is Answer.YES for item in rulings if item.decides)
    else:
        assert any(item.decides and item.answer is not Answer.YES for item in rulings)
    assert with_rulings(found, ()).passed is is_right
    assert with_rulings(replace(found, rulings=()), rulings) == found
