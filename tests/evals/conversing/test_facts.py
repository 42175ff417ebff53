"""A user with facts answers what is asked, in plain sentences, and states nothing else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.conversing.facts import UNKNOWN, FactsAnswers
from dialgate_evals.conversing.users import FactsUser
from dialgate_evals.conversing.words import END, AgentMessage

WANTS = {"do": "refund my order", "amount": 25}
KNOWS = {
    "order_id": "A-7",
    "email": "ada@shop.example",
    "customer": {"name": "Ada", "zip": "10115"},
    "gift": True,
}


EMAIL = "The email is ada@shop.example."


def answer(text: str, *, wants: Any = WANTS, knows: Any = KNOWS) -> str | None:
    return FactsAnswers(FactsUser(wants=wants, knows=knows)).answer(AgentMessage(text=text)).text


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("Which order is it?", "The order id is A-7."),
        ("Could you give me your order number?", "The order id is A-7."),
        ("Please give:\n- an order number\n- an e-mail", f"The order id is A-7. {EMAIL}"),
        ("What is your postcode?", "The customer zip is 10115."),
        ("What is your name?", "The customer name is Ada."),
        ("Which customer are you?", "The customer name is Ada. The customer zip is 10115."),
        ("What is the total?", "The amount is 25."),
        ("Tell me whether it is a gift.", "The gift is yes."),
        ("How can I help you today?", "I want to refund my order. The amount is 25."),
        ("What is your passport number?", UNKNOWN),
    ],
)  # fmt: skip
def test_what_is_asked_is_told(asked: str, told: str) -> None:
    assert answer(asked) == told


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("Shall I refund 25 EUR for order A-7?", "Yes."),
        ("I will refund order A-7. Is that correct?", "Yes."),
        ("Do you confirm (yes/no)?", "Yes."),
        ("Shall I refund order A-8?", "No. The order id is A-7."),
        ("I refund an amount of 30.00 EUR. Shall I proceed?", "No. The amount is 25."),
        ("The amount is 25.00 EUR. Shall I proceed?", "Yes."),
        ("Would you like to add an insurance?", "No, I don't want that."),
        ("Shall I reimburse you?", "Yes."),
        ("Shall I not refund you?", "I want to refund my order. The amount is 25."),
        ("Are you sure you don't want a refund?", "I want to refund my order. The amount is 25."),
        ("Shall I take order A-7 or order A-8?", "The order id is A-7."),
        ("Would you like a refund or an exchange?", "I want to refund my order. The amount is 25."),
        ("Shall I go ahead with the refund, or not?", "Yes."),
    ],
)
def test_a_yes_is_given_to_what_is_wanted_and_contradicts_no_fact(asked: str, told: str) -> None:
    assert answer(asked) == told


@pytest.mark.parametrize(
    ("fact", "told"),
    [("", "not known"), (None, "not known"), ([], "none"), ({}, "none"), (["a", 1.5], "a, 1.5")],
)
def test_an_empty_fact_is_said_to_be_empty(fact: object, told: str) -> None:
    assert answer("What is the note?", knows={"note": fact}) == f"The note is {told}."


def test_an_amount_with_a_decimal_comma_is_contradicted_and_met() -> None:
    knows = {"amount": "EUR 1.234,50"}
    told = [
        answer(
            f"I refund an amount of {amount} EUR. Shall I proceed?",
            knows=knows,
            wants={"do": "get my money back"},
        )
        for amount in ("1,234.50", "1234.5", "30.00")
    ]
    assert told == ["Yes.", "Yes.", "No. The amount is EUR 1.234,50."]


QUESTIONS: list[tuple[Any, str]] = [
    ({"question": "Which order?"}, "The order id is A-7."),
    ({"questions": [{"question": "Which order?", "header": "Order", "options": [{"label": "A-7"}],
                     "multiSelect": False}]}, "The order id is A-7."),
    ({"type": "confirm", "message": "Refund order A-7?"}, "Yes."),
    ({"question": "Refund order A-8?", "options": ["Yes", "No"]}, "No. The order id is A-7."),
    ({"field": "order_id"}, "The order id is A-7."),
    ({"prompt": {"text": "Which order and e-mail"}}, f"The order id is A-7. {EMAIL}"),
]  # fmt: skip
"""As frameworks have them: an ask-user tool, a form, an interrupt."""


@pytest.mark.parametrize(("question", "told"), QUESTIONS)
def test_a_structured_question_is_answered_as_its_words_would_be(question: Any, told: str) -> None:
    facts = FactsAnswers(FactsUser(wants=WANTS, knows=KNOWS))
    assert facts.answer(AgentMessage(text="", question=question)).text == told


def test_a_message_that_asks_nothing_ends_the_conversation() -> None:
    facts = FactsAnswers(FactsUser(wants=WANTS, knows=KNOWS))
    assert facts.answer(AgentMessage(text="The refund is made.")) == END


def test_a_message_without_end_and_facts_without_number_are_answered_at_once() -> None:
    knows = {f"fact {number}": f"A-{number}" for number in range(5_000)}
    assert answer("Is it 1?\n" * 500_000 + "Shall I go ahead?", knows=knows) is not None


def test_a_user_who_knows_nothing_says_so() -> None:
    assert answer("Which order is it?", wants={}, knows={}) == UNKNOWN


_WORDS = st.text("abcdefgh ", min_size=1, max_size=12).filter(str.strip)
_VALUES = st.one_of(st.integers(100, 10**6), st.from_regex(r"[A-Z]{2}-[0-9]{4}", fullmatch=True))
_FACTS = st.dictionaries(_WORDS, st.one_of(_VALUES, st.dictionaries(_WORDS, _VALUES)), max_size=5)


@given(
    wants=_FACTS,
    knows=_FACTS,
    asked=st.lists(st.one_of(_WORDS, _VALUES.map(str)), max_size=12),
    opening=st.sampled_from(
        ["Please provide", "Which", "Shall I proceed with", "Is that correct:"]
    ),
)
def test_nothing_is_stated_that_the_facts_do_not_hold(
    wants: Any, knows: Any, asked: list[str], opening: str
) -> None:
    told = answer(f"{opening} {' '.join(asked)}?", wants=wants, knows=knows) or ""
    held = repr(wants) + repr(knows)
    for value in re.findall(r"[A-Z]{2}-[0-9]{4}|[0-9]{3,}", told):
        assert value in held


@given(st.text(max_size=200))
def test_the_same_message_gets_the_same_answer(text: str) -> None:
    assert answer(text) == answer(text)
