"""A model that plays the user badly, or can't be reached, is named; its trial proves nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.agents.dresses.servers import serving
from tests.integration.agents.test_conversations import (
    PLAYED,
    a_desk,
    as_user,
    change,
    run,
    with_model,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

pytest.importorskip("openai", reason='the extra "chat" is not installed')


def run_all(folder: Path, ways: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """One run with a case for each way, told apart by what its user is told: trials by way."""

    def answer(asked: Any) -> Any:
        told = json.dumps(asked["messages"])
        (way,) = (way for way in ways if f"({way})" in told)
        return ways[way](asked)

    desk = a_desk(folder)
    with serving(answer) as url:
        with_model(desk, url)
        change(desk / "suite.toml", "trials = 1", "trials = 1\nretries = 0")
        case = json.loads((desk / "cases.jsonl").read_text())
        cases = [
            {**case, "id": f"bd-{number}",
             "user": {**PLAYED, "instructions": f"{PLAYED['instructions']} ({way})"}}
            for number, way in enumerate(ways)
        ]  # fmt: skip
        (desk / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
        done, record = run(desk)
    assert done.code == 4, done.err
    assert record.document["counts"]["passed"] == 0
    trials = {trial["case_id"]: trial for trial in record.trials.to_dict("records")}
    return {way: trials[f"bd-{number}"] for number, way in enumerate(ways)}


BAD_USERS = {
    "makes up facts": ("My booking is B-103.", "made up 'b-103'"),
    "makes up an address": ("Ask me at eve@x.example", "made up 'eve@x.example'"),
    "ends at once": ("[END]", "ended the conversation while the agent still asked"),
    "says nothing": ("  ", "said nothing"),
    "says far too much": ("please " * 2000, "more than 8,000 characters"),
    "never ends": ("Why do you ask?", "didn't end within 6 turns"),
    "answers in another language": ("Je ne sais pas.", "didn't end within 6 turns"),
    "answers in another script": ("Я не знаю.", "a script that nobody used (cyrillic)"),
    "makes up a date": ("To 2027-06-09, please.", "made up '2027-06-09'"),
    "leaves its role": ("How can I help you today?", "it spoke as the agent"),
    "thanks for the contact": ("Thank you for contacting us.", "it spoke as the agent"),
    "says what it is": ("As an AI, I have no booking.", "it spoke of itself as a model"),
    "plays both sides": (
        "It is B-102.\nAgent: Done!\nUser: Thanks.", "it wrote both sides of the dialogue",
    ),
    "says back what it hears": (
        "Which booking is it? Please tell me its id.", "said the agent's own message back",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def bad_users(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    ways = {way: as_user(says) for way, (says, _) in BAD_USERS.items()}
    return run_all(tmp_path_factory.mktemp("users"), ways)


@pytest.mark.parametrize("way", BAD_USERS)
def test_a_model_that_plays_the_user_badly_is_named_and_passes_nothing(
    way: str, bad_users: dict[str, Any]
) -> None:
    assert BAD_USERS[way][1] in bad_users[way]["error"]


LIMITS = {
    "spends its tokens": ("Why?", ["max_tokens = 250"], "had 250 tokens in this trial"),
    "spends its money": (
        "Why?", ["prices = { input = 1.0, output = 4.0 }", "max_cost_usd = 0.0003"],
        "has cost 0.0003 USD in this run",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", LIMITS)
def test_a_model_that_spends_too_much_as_the_user_is_named_and_passes_nothing(
    way: str, tmp_path: Path
) -> None:
    says, settings, expected = LIMITS[way]
    desk = a_desk(tmp_path)
    with serving(as_user(says)) as url:
        with_model(desk, url, *settings)
        done, record = run(desk)
    assert done.code == 4
    assert expected in record.trials.iloc[0]["error"]


BAD_ENDPOINTS = {
    "calls a tool": (
        {"choices": [{"message": {"role": "assistant", "content": None, "tool_calls": [
            {"id": "x", "type": "function", "function": {"name": "refund", "arguments": "{}"}}
        ]}}]}, "called a tool",
    ),
    "answers with no completion": ({"hello": "world"}, "the user's model"),
    "answers with an error": ({"error": {"message": "out of credit"}}, "out of credit"),
    "is cut off": (
        {"choices": [{"message": {"role": "assistant", "content": "My booking is"},
                      "finish_reason": "length"}]}, "the user's model was cut off",
    ),
    "is stopped by a filter": (
        {"choices": [{"message": {"role": "assistant", "content": ""},
                      "finish_reason": "content_filter"}]}, "ran into a content filter",
    ),
    "has no choices": ({"choices": []}, "the user's model"),
    "answers with a list of nothing": ([], "the user's model"),
}  # fmt: skip


@pytest.fixture(scope="module")
def bad_endpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    def says(document: Any) -> Callable[[Any], Any]:
        return lambda _asked: document

    ways = {way: says(document) for way, (document, _) in BAD_ENDPOINTS.items()}
    return run_all(tmp_path_factory.mktemp("endpoints"), ways)


@pytest.mark.parametrize("way", BAD_ENDPOINTS)
def test_an_endpoint_of_the_user_that_fails_is_no_fault_of_the_agent(
    way: str, bad_endpoints: dict[str, Any]
) -> None:
    assert BAD_ENDPOINTS[way][1] in bad_endpoints[way]["error"]
