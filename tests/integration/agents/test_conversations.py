"""Conversations: the user answers, the agent acts, and the end state is what counts."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

import dialgate as package
from tests.integration.agents.dresses.servers import serving
from tests.integration.command_line import PROJECT, Finished, dialgate

if TYPE_CHECKING:
    from pathlib import Path

DESK = PROJECT / "examples/booking-desk"


def a_desk(folder: Path) -> Path:
    copy = folder / "desk"
    shutil.copytree(DESK, copy, ignore=shutil.ignore_patterns("__pycache__", ".dialgate"))
    return copy


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return a_desk(tmp_path)


def run(desk: Path, *more: str) -> tuple[Finished, Any]:
    done = dialgate("run", desk, "--no-cache", *more, folder=desk)
    found = sorted(desk.glob(".dialgate/run-*"), key=lambda path: path.stat().st_mtime)
    return done, package.load(found[-1]) if found else None


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def keep_cases(desk: Path, *ids: str, **user: Any) -> None:
    """Only these cases, with another user where one is given."""
    path = desk / "cases.jsonl"
    cases = [json.loads(line) for line in path.read_text().splitlines()]
    kept = [{**case, **user} for case in cases if case["id"] in ids]
    path.write_text("".join(json.dumps(case) + "\n" for case in kept))


def test_the_desk_has_no_error_that_a_person_would_have_to_mend(desk: Path) -> None:
    done = dialgate("lint", desk, folder=desk)
    assert done.code == 0, done.out
    assert "0 errors" in done.out


def test_twenty_tasks_end_as_expected_with_users_who_know_facts_and_no_model(desk: Path) -> None:
    done, record = run(desk)
    assert done.code == 0, done.err
    assert "20 of 20 trials passed" in done.out
    assert record.trials["turns"].tolist() == [3, 3, 3, 2] * 5
    assert record.trials["questions"].tolist() == [2, 2, 2, 1] * 5
    assert record.trials["user_cost_usd"].isna().all()


def test_an_agent_that_acts_without_asking_where_a_yes_is_needed_fails(desk: Path) -> None:
    change(desk / "desk.py", "and not agreed(messages)", "and False")
    done, record = run(desk)
    assert "10 of 20 trials passed" in done.out
    assert "cancel_booking was called before the user agreed to it" in done.out
    assert "refund_deposit was called before the user agreed to it" in done.out
    assert not record.trials["passed"].tolist()[0]


def test_an_agent_that_never_stops_asking_fails(desk: Path) -> None:
    keep_cases(desk, "bd-01")
    change(desk / "desk.py", "That is done already.", "Why?")
    change(desk / "desk.py", "It is done. Is there anything else I can help you with?", "Why?")
    done, _ = run(desk)
    assert "0 of 1 trial passed" in done.out
    assert "the agent still asks after 6 turns ([user] max_turns)" in " ".join(done.out.split())


OVER_JSON_RPC = """
import asyncio, json, sys
from desk import respond

class ToolError(Exception):
    pass

def send(**message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)

class Tools:
    ToolError = ToolError
    def __init__(self, trial):
        self.trial = trial
    async def call(self, name, arguments):
        params = {"trial_id": self.trial, "name": name, "arguments": arguments}
        send(id="c", method="tools/call", params=params)
        answer = json.loads(sys.stdin.readline())
        if "error" in answer:
            raise ToolError(answer["error"]["message"])
        return answer["result"]["content"]

turns = {}
for line in sys.stdin:
    message = json.loads(line)
    if message["method"] == "initialize":
        continue
    params = message["params"]
    trial = params["trial_id"]
    turns[trial] = turns.get(trial, 0) + 1
    if params["turn"] != turns[trial]:
        sys.exit("another process had the turn before")
    reply = asyncio.run(respond(params["messages"], Tools(trial), params["release"]))
    send(id=message["id"], result={"reply": reply})
"""


def test_a_command_gets_every_turn_of_a_trial_in_the_same_process(desk: Path) -> None:
    (desk / "serve.py").write_text(OVER_JSON_RPC)
    command = json.dumps([sys.executable, "serve.py"])
    agent = f'kind = "command"\ncommand = {command}\nworkers = 2\n'
    change(desk / "suite.toml", 'kind = "python"\ntarget = "desk:respond"\n', agent)
    done, _ = run(desk)
    assert "20 of 20 trials passed" in done.out, done.err


def scripted_model(document: Any) -> Any:
    """A model behind a chat endpoint that plays the desk: asks once, then moves the booking."""
    messages = document["messages"]
    message: dict[str, Any]
    if messages[-1]["role"] == "tool":
        message = {"content": "It is done."}
    elif len([m for m in messages if m["role"] == "user"]) == 1:
        message = {"content": "Which booking, and to which date?"}
    else:
        said = messages[-1]["content"]
        arguments = {"booking": said.split("id is ")[1][:5], "date": said.split("date is ")[1][:10]}
        function = {"name": "change_date", "arguments": json.dumps(arguments)}
        message = {"content": None, "tool_calls": [{"type": "function", "function": function}]}
    return {
        "choices": [{"message": {"role": "assistant", **message}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }


def test_the_built_in_loop_goes_on_after_the_users_answer(desk: Path) -> None:
    pytest.importorskip("openai", reason='the extra "chat" is not installed')
    keep_cases(desk, "bd-02", "bd-06")
    with serving(scripted_model) as url:
        change(
            desk / "suite.toml",
            'kind = "python"\ntarget = "desk:respond"\n',
            f'kind = "chat"\nbase_url = "{url}/v1"\n',
        )
        done, record = run(desk)
    assert "2 of 2 trials passed" in done.out, done.out + done.err
    assert record.trials["input_tokens"].tolist() == [30, 30]


def test_http_agents_are_asked_again_with_the_turn_and_the_grown_messages(desk: Path) -> None:
    asked: list[Any] = []

    def answer(document: Any) -> Any:
        asked.append((document["trial_id"], document["turn"], len(document["messages"])))
        return {"reply": "Which booking is it?" if document["turn"] < 3 else "I can't help."}

    keep_cases(desk, "bd-01")
    with serving(answer) as url:
        change(
            desk / "suite.toml",
            'kind = "python"\ntarget = "desk:respond"\n',
            f'kind = "http"\nurl = "{url}"\n',
        )
        run(desk)
    trial = asked[0][0]
    assert asked == [(trial, 1, 1), (trial, 2, 3), (trial, 3, 5)]


OVER_MCP = """
import json
import mcp
from mcp.client.streamable_http import streamable_http_client
import desk

class ToolError(Exception):
    pass

class Tools:
    ToolError = ToolError
    def __init__(self, url):
        self.url = url
    async def call(self, name, arguments):
        async with streamable_http_client(self.url) as streams:
            async with mcp.ClientSession(streams[0], streams[1]) as session:
                await session.initialize()
                answer = await session.call_tool(name, arguments)
        text = answer.content[0].text
        if getattr(answer, "is_error", None) or getattr(answer, "isError", None):
            raise ToolError(text)
        return json.loads(text)

async def respond(messages, tools, release):
    return await desk.respond(messages, Tools(tools.mcp_url), release)
"""


def test_the_tools_over_mcp_are_one_world_for_all_turns_of_a_trial(desk: Path) -> None:
    pytest.importorskip("mcp", reason='the extra "mcp" is not installed')
    (desk / "over_mcp.py").write_text(OVER_MCP)
    change(
        desk / "suite.toml", 'target = "desk:respond"', 'target = "over_mcp:respond"\nmcp = true'
    )
    keep_cases(desk, "bd-01", "bd-02", "bd-03", "bd-04")
    done, record = run(desk)
    assert "4 of 4 trials passed" in done.out, done.out + done.err
    assert record.trials["turns"].tolist() == [3, 3, 3, 2]


def test_a_question_that_no_rule_answers_is_named_and_proves_nothing(desk: Path) -> None:
    rules = [{"asks": "date", "answer": "2027-05-02"}]
    keep_cases(desk, "bd-02", user={"kind": "scripted", "rules": rules})
    done, record = run(desk)
    assert done.code == 4
    assert record.trials["error"].tolist() == [
        "left_script: no rule of the user answers: Which booking is it? Please tell me its id."
    ]


def test_the_suites_user_answers_where_a_case_has_none(desk: Path) -> None:
    path = desk / "cases.jsonl"
    case = json.loads(path.read_text().splitlines()[1])
    case.pop("user")
    path.write_text(json.dumps(case) + "\n")
    text = 'kind = "facts"\nknows = { booking_id = "B-102", date = "2027-05-02" }\nmax_turns = 6'
    change(desk / "suite.toml", "max_turns = 6", text)
    done, _ = run(desk)
    assert "1 of 1 trial passed" in done.out, done.out + done.err


def as_user(text: str, *then: str) -> Any:
    """A model that says this as the user, and then the rest; the last again and again."""
    words = [text, *then]

    def answer(_document: Any) -> Any:
        message = {"role": "assistant", "content": words.pop(0) if len(words) > 1 else words[0]}
        return {
            "choices": [{"message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
        }

    return answer


PLAYED = {
    "kind": "model",
    "instructions": "You want to move booking B-102 to 2027-05-02.",
    "knows": {"booking": "B-102", "date": "2027-05-02"},
}


def with_model(desk: Path, url: str, *more: str) -> None:
    keep_cases(desk, "bd-02", user=PLAYED)
    lines = "\n".join([f'base_url = "{url}/v1"', 'model = "user-1"', "max_turns = 6", *more])
    change(desk / "suite.toml", "max_turns = 6", lines)


def test_a_model_plays_the_user_and_its_cost_is_counted_apart(desk: Path) -> None:
    pytest.importorskip("openai", reason='the extra "chat" is not installed')
    with serving(as_user("Booking B-102, to 2027-05-02 please.", "[END]")) as url:
        with_model(desk, url, "prices = { input = 1.0, output = 4.0 }")
        done, record = run(desk)
    assert "1 of 1 trial passed" in done.out, done.out + done.err
    assert record.trials["user_cost_usd"].tolist() == [pytest.approx(280e-6)]
    (trajectory,) = record.trajectories()
    assert trajectory.user_calls == 2
    assert record.trials["cost_usd"].isna().all()


def test_a_model_without_an_endpoint_is_refused_before_anything_is_run(desk: Path) -> None:
    keep_cases(desk, "bd-02", user={"kind": "model", "instructions": "Be brief."})
    done = dialgate("run", desk, folder=desk)
    assert done.code == 2
    assert "set base_url and model under [user]" in done.err


def test_an_unknown_word_in_a_user_is_an_error_with_its_place(desk: Path) -> None:
    keep_cases(desk, "bd-02", user={"kind": "facts", "knows": {}, "rules": []})
    done = dialgate("run", desk, folder=desk)
    assert done.code == 2
    assert "cases.jsonl: line 1" in done.err


ASKS_AS_DATA = """
import re

def respond(messages, tools, release):
    said = " ".join(m["content"] for m in messages if m["role"] == "user")
    booking = re.search(r"B-1[0-9]{2}", said)
    if booking is None:
        return {"reply": "", "question": {"question": "Which booking id?"}}
    if "Yes." not in said:
        text = f"Cancel booking {booking[0]}?"
        return {"reply": "", "question": {"type": "confirm", "message": text}}
    tools.call("cancel_booking", {"booking": booking[0]})
    return {"reply": "It is cancelled; enjoy your day."}
"""


def test_questions_asked_as_data_are_answered_shown_and_a_yes_to_them_counts(desk: Path) -> None:
    (desk / "desk_agent.py").write_text(ASKS_AS_DATA)
    suite = desk / "suite.toml"
    text = suite.read_text("utf-8")
    start = text.index("target")
    end = text.index("\n", start)
    suite.write_text(f'{text[:start]}target = "desk_agent:respond"{text[end:]}', "utf-8")
    done = dialgate("run", desk, "--case", "bd-01", folder=desk)
    assert "1 of 1 trial passed" in done.out, done.out + done.err
    told = " ".join(done.out.split())
    assert "Which booking id?" in told
    assert "Cancel booking B-101 (yes / no)?" in told
