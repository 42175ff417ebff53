"""Instructions to a simulated user become facts, and nothing is stated that they don't hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dialgate.cases.imported_suite import ImportRequest, import_suite
from dialgate_evals.conversing.facts import FactsAnswers
from dialgate_evals.conversing.made_up import made_up_values
from dialgate_evals.conversing.words import AgentMessage
from dialgate_evals.importing.user_facts import facts_of, in_the_first_person
from tests.evals.importing.imports import (
    a_call,
    answer,
    calls,
    checked,
    lines,
    user,
    whole,
)
from tests.needed.shared_data import SHARED, needs_shared


def test_sentences_in_the_second_person_become_facts_and_a_wish() -> None:
    user = facts_of(
        {
            "reason_for_call": "You want to move reservation AB12CD to May 3. It is urgent to you.",
            "known_info": "You are Ada Byron.\nYour user id is ada_7. You live in Turin.",
            "unknown_info": "You do not know the price.",
            "task_instructions": "If the agent refuses, insist.",
        }
    )
    assert user.wants == {
        "do": "move reservation AB12CD to May 3",
        "reason": "It is urgent to me.",
    }
    assert user.knows == {
        "name": "Ada Byron",
        "user id": "ada_7",
        "address": "Turin",
        "reservation": "AB12CD",
    }


def test_several_ids_of_one_kind_make_a_list() -> None:
    user = facts_of({"reason_for_call": "You want to cancel reservations (AB12CD and QWERTZ)."})
    assert user.knows == {"reservation": ["AB12CD", "QWERTZ"]}


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", '{"reason_for_call": 7}', "Do it."])
def test_anything_else_holds_no_fact(text: str) -> None:
    assert facts_of(text).knows == {}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("You want your money back.", "I want my money back."),
        ("They told you that you're late.", "They told me that I'm late."),
        ("Do it yourself.", "Do it myself."),
    ],
)
def test_what_is_told_is_said_in_the_first_person(told: str, said: str) -> None:
    assert in_the_first_person(told) == said


if TYPE_CHECKING:
    from pathlib import Path

TALK = [
    user("I want my money back."),
    {"role": "assistant", "content": "Which order is it?"},
    user("It is A-7, and my mail is ada.byron@shop.example."),
    calls(a_call("refund_order", {"order": "A-7"})),
    answer('{"status": "ok"}'),
    {"role": "assistant", "content": "Done. Anything else?"},
    user("No, thanks."),
]


def test_a_conversation_becomes_one_case_whose_user_says_what_its_own_said(
    tmp_path: Path,
) -> None:
    source = lines(tmp_path / "log.jsonl", {"messages": TALK})
    out = tmp_path / "suites" / "made"
    import_suite(ImportRequest(sources=(source,), format=None, out=out, are_conversations=True))
    [case] = checked(out)
    assert [message["content"] for message in case["messages"]] == ["I want my money back."]
    assert case["expect"]["actions"] == [{"name": "refund_order", "arguments": {"order": "A-7"}}]
    answers = [rule["answer"] for rule in case["user"]["rules"]]
    assert answers[0].startswith("It is A-7")
    assert "ada.byron" not in answers[0]
    assert answers[1] == "No, thanks."


def test_a_tau2_task_brings_its_users_facts(tmp_path: Path) -> None:
    instructions = {"reason_for_call": "You want a refund.", "known_info": "Your order is A-7."}
    results = {
        "tasks": [{"id": "3", "user_scenario": {"instructions": instructions}}],
        "simulations": [
            {"task_id": "3", "trial": 0, "reward_info": {"reward": 1}, "messages": TALK}
        ],
    }
    source = whole(tmp_path / "results.json", results)
    out = tmp_path / "suites" / "made"
    import_suite(ImportRequest(sources=(source,), format=None, out=out, are_conversations=True))
    [case] = checked(out)
    assert case["user"] == {
        "kind": "facts",
        "wants": {"reason": "I want a refund."},
        "knows": {"order": "A-7"},
    }


@needs_shared
def test_the_real_instructions_hold_facts_and_answers_to_real_agents_state_nothing_else() -> None:
    suite = SHARED / "suites/tau2-airline"
    told, answered = {}, 0
    for line in (suite / "cases.jsonl").read_text().splitlines():
        case = json.loads(line)
        told[case["id"]] = case["messages"][0]["content"]
    assert len(told) == 50
    users = {name: facts_of(text) for name, text in told.items()}
    assert all(user.wants and user.knows for user in users.values())
    for path in sorted(suite.glob("transcripts/*.jsonl")):
        for line in path.read_text().splitlines():
            trial = json.loads(line)
            name = trial["case_id"]
            answers = FactsAnswers(users[name])
            for message in trial["messages"]:
                if message["role"] != "assistant" or not message.get("content"):
                    continue
                said = answers.answer(AgentMessage(text=message["content"])).text or ""
                assert made_up_values(said, told[name]) == ()
                answered += bool(said)
    assert answered > 200
