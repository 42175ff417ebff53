"""A scripted user: rules in order, each a number of times; what no rule answers is said so."""

from __future__ import annotations

from typing import Any

import pytest

from dialgate_evals.conversing.scripted import ScriptedAnswers
from dialgate_evals.conversing.users import ScriptedUser, parse_user
from dialgate_evals.conversing.words import END, AgentMessage, UserWord


def answers(*rules: dict[str, Any], otherwise: Any = None) -> ScriptedAnswers:
    document = {"kind": "scripted", "rules": list(rules)}
    user = parse_user(document if otherwise is None else {**document, "otherwise": otherwise})
    assert isinstance(user, ScriptedUser)
    return ScriptedAnswers(user)


def say(user: ScriptedAnswers, text: str, question: Any = None) -> UserWord:
    return user.answer(AgentMessage(text=text, question=question))


def test_the_first_rule_that_fits_answers() -> None:
    user = answers({"asks": "order", "answer": "A-7"}, {"asks": "amount", "answer": "25"})
    assert say(user, "What is the AMOUNT?").text == "25"
    assert say(user, "Which order?").text == "A-7"


def test_a_rule_answers_as_often_as_it_says() -> None:
    user = answers({"asks": "order", "answer": "A-7", "times": 2})
    assert [say(user, "Which order?").text for _ in range(3)] == ["A-7", "A-7", None]


def test_several_phrases_must_all_be_asked_for() -> None:
    user = answers({"asks": ["order", "date"], "answer": "A-7, on Monday"}, otherwise="end")
    assert say(user, "Which order?") == END
    assert say(user, "Which order and which date?").text == "A-7, on Monday"


def test_a_phrase_counts_where_it_is_asked_not_where_it_is_told() -> None:
    user = answers({"asks": "order", "answer": "A-7"}, otherwise={"answer": "I don't know."})
    assert say(user, "Your order is late. Which address?").text == "I don't know."
    assert say(user, "Your order is refunded.") == END


def test_a_pattern_fits_whatever_the_message_is() -> None:
    user = answers({"asks": {"matches": "(?i)one moment"}, "answer": "Take your time."})
    assert say(user, "One moment please.").text == "Take your time."


def test_of_rules_that_overlap_the_first_answers_until_it_is_used_up() -> None:
    user = answers(
        {"asks": "order", "answer": "A-7"}, {"asks": ["order", "refund"], "answer": "Yes"}
    )
    said = [say(user, "Which order is the refund for?") for _ in range(3)]
    assert [word.text for word in said] == ["A-7", "Yes", None]
    assert said[2].left == "no rule of the user answers: Which order is the refund for?"


def test_a_phrase_is_looked_for_in_a_structured_question_too() -> None:
    user = answers({"asks": "order", "answer": "A-7"})
    question = {"questions": [{"question": "Which order?", "options": [{"label": "A-7"}]}]}
    assert say(user, "", question).text == "A-7"
    assert say(user, "", {"question": "Which day?"}).left == (
        "no rule of the user answers: Which day?"
    )


def test_a_schema_fits_the_structured_question() -> None:
    schema = {"properties": {"field": {"const": "order"}}, "required": ["field"]}
    user = answers({"asks": {"schema": schema}, "answer": "A-7"})
    assert say(user, "", {"field": "order"}).text == "A-7"
    again = answers({"asks": {"schema": schema}, "answer": "A-7"})
    assert say(again, '{"field": "order", "hint": "A-…"}').text == "A-7"
    assert say(again, "", {"field": "date"}).left is not None


@pytest.mark.parametrize(
    ("otherwise", "expected"),
    [("end", END), ({"answer": "Whatever."}, UserWord(text="Whatever."))],
)
def test_what_no_rule_answers_is_as_the_case_says(otherwise: Any, expected: UserWord) -> None:
    assert say(answers(otherwise=otherwise), "Which order?") == expected


def test_by_default_a_question_that_no_rule_answers_leaves_the_script_and_is_named() -> None:
    left = say(answers(), "Which order is it?").left
    assert left == "no rule of the user answers: Which order is it?"


def test_a_message_that_asks_nothing_ends_the_conversation() -> None:
    assert say(answers(otherwise={"answer": "Go on."}), "The refund is made.") == END


def test_a_pattern_that_can_not_be_decided_leaves_the_script() -> None:
    user = answers({"asks": {"matches": "(a|a)*b$"}, "answer": "yes"})
    left = say(user, "Is it " + "a" * 40 + "?").left
    assert left is not None
    assert "can't be decided" in left
