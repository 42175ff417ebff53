"""What no user says is named; what users say is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.conversing.role import left_role, scripts_of

ASKED = "Which booking is it? Please tell me its id."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Hello! How may I assist you?", "spoke as the agent"),
        ("It's cancelled. Is there anything else I can do for you?", "spoke as the agent"),
        ("I'm a language model.", "spoke of itself as a model"),
        ("I am simulating the user here.", "spoke of itself as a model"),
        ("**User:** B-102", "wrote both sides of the dialogue"),
        (f"You ask: {ASKED.lower()}", "said the agent's own message back"),
        ("我不知道", "answered in a script that nobody used (chinese or japanese)"),
    ],
)
def test_what_no_user_says_is_named(text: str, why: str) -> None:
    assert left_role(text, ASKED, "You want to move B-102.") == why


@pytest.mark.parametrize(
    "text",
    [
        "B-102.",
        "Can you help me with my booking?",
        "I would be happy if you helped me: it is B-102",
        "The agent I spoke to said: call again.",
        "My user name: I don't know it.",
        "Which booking? The one of May.",
        "Zoë, naïve, Çelik.",
        "No. Is there anything else you need?",
    ],
)
def test_what_users_say_is_not(text: str) -> None:
    assert left_role(text, ASKED, "") is None


def test_a_script_that_the_facts_are_written_in_is_the_users() -> None:
    assert left_role("Меня зовут Анна.", ASKED, "Вас зовут Анна.") is None
    assert left_role("はい、そうです。", "予約番号は何ですか?", "") is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_is_said_there_is_an_answer_and_the_same_one(text: str, asked: str) -> None:
    assert left_role(text, asked, "") == left_role(text, asked, "")
    assert scripts_of(text) <= scripts_of(text + asked)
