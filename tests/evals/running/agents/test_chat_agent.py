"""The built-in loop on a chat endpoint: what it sends, what it records, what goes wrong."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.errors import UsageError
from dialgate_evals.running.agents.chat import ChatAgent
from dialgate_evals.running.agents.registry import open_agent
from dialgate_evals.suite.workspace import load_workspace
from tests.evals.running.agents.chat_runs import (
    KEY,
    calls,
    case_of,
    chat_suite,
    needs_openai,
    refund,
    run_chat,
    run_one,
    says,
    tool_messages,
)
from tests.evals.running.agents.test_misbehaving_endpoints import giving
from tests.evals.running.http_servers import (
    FakeServer,
    Received,
    Run,
    an_answer,
    run_suite,
)

if TYPE_CHECKING:
    from pathlib import Path


@needs_openai
class TestAWellBehavedModel:
    def test_passes(self, tmp_path: Path) -> None:
        run, _ = run_chat(tmp_path, refund)
        assert {score.status.value for score in run.scores.values()} == {"passed"}

    def test_is_opened_by_the_registry(self, tmp_path: Path) -> None:
        workspace = chat_suite(tmp_path, "http://127.0.0.1:1")
        agent = open_agent(
            workspace.suite,
            release=workspace.release(),
            suite_folder=workspace.folder,
            root=workspace.root,
        )
        assert isinstance(agent, ChatAgent)

    def test_is_sent_prompt_tools_and_model_of_the_release(self, tmp_path: Path) -> None:
        _, server = run_one(tmp_path, refund)
        sent = server.received[0]
        assert sent.line == "POST /v1/chat/completions HTTP/1.1"
        assert sent.document["model"] == "model-2-2026-01-01"
        system, asked = sent.document["messages"]
        assert system == {"role": "system", "content": "Refund what is asked for.\n"}
        assert asked["role"] == "user"
        tool = sent.document["tools"][0]
        assert tool["type"] == "function"
        assert set(tool["function"]) == {"name", "description", "parameters"}

    def test_the_suite_may_name_another_model(self, tmp_path: Path) -> None:
        _, server = run_one(tmp_path, refund, agent='model = "local"')
        assert server.received[0].document["model"] == "local"

    def test_the_releases_parameters_are_passed_on(self, tmp_path: Path) -> None:
        async def main() -> Any:
            async with FakeServer(refund).running() as server:
                workspace = chat_suite(tmp_path, server.url, refunds=1)
                path = workspace.folder / "release.toml"
                path.write_text(
                    path.read_text()
                    + "[model.parameters]\ntemperature = 0.0\nseed = 7\nodd = 'x'\n"
                )
                agent = ChatAgent(workspace.suite, release=workspace.release(), environment={})
                await run_suite(workspace, agent)
                return server.received[0].document

        sent = asyncio.run(main())
        assert (sent["temperature"], sent["seed"], sent["odd"]) == (0.0, 7, "x")

    def test_several_calls_of_a_turn_are_made_in_order(self, tmp_path: Path) -> None:
        async def answer(received: Received) -> bytes:
            if tool_messages(received):
                return says("Done.")
            case = case_of(received)
            return calls(("look_up", {"id": "1"}), ("refund", {"id": case, "amount": 10}))

        run, server = run_one(tmp_path, answer)
        answered = tool_messages(server.received[1])
        assert [message["tool_call_id"] for message in answered] == ["call-0", "call-1"]
        assert run.ends("refund-000") == "passed"

    def test_its_messages_are_recorded_as_they_were(self, tmp_path: Path) -> None:
        async def answer(received: Received) -> bytes:
            if tool_messages(received):
                return says("Done.")
            case = case_of(received)
            return calls(("refund", {"id": case, "amount": 10}), content="I will refund it.")

        run, _ = run_one(tmp_path, answer)
        asked, act, answered, said = run.trajectories["refund-000"].messages
        assert asked["role"] == "user"
        assert act["content"] == "I will refund it."
        assert act["tool_calls"][0]["id"] == "call-0"
        assert answered["tool_call_id"] == "call-0"
        assert "at_ms" in answered
        assert said == {"role": "assistant", "content": "Done.", "finish_reason": "stop"}

    def test_the_harness_keeps_its_own_marks_to_itself(self, tmp_path: Path) -> None:
        """Some endpoints refuse a message with an unknown key."""

        async def answer(received: Received) -> bytes:
            if tool_messages(received):
                return says("Done.")
            return calls(("look_up", {"id": "1"}))

        run, server = run_one(tmp_path, answer)
        assert set(tool_messages(server.received[1])[0]) == {"role", "tool_call_id", "content"}
        recorded = run.trajectories["refund-000"].messages[2]
        assert recorded["unmatched"] is True
        assert run.scores["refund-000"].unmatched_reads == 1

    def test_usage_is_summed_over_turns(self, tmp_path: Path) -> None:
        run, _ = run_one(tmp_path, refund)
        found = run.trajectories["refund-000"]
        assert (found.input_tokens, found.output_tokens) == (200, 20)

    def test_cost_comes_from_the_suites_prices(self, tmp_path: Path) -> None:
        prices = "[prices]\ninput = 1.0\noutput = 10.0"
        run, _ = run_one(tmp_path, refund, settings=prices)
        assert run.trajectories["refund-000"].cost_usd == pytest.approx(400e-6)

    def test_an_unknown_model_is_unpriced_not_free(self, tmp_path: Path) -> None:
        run, _ = run_one(tmp_path, refund)
        assert run.trajectories["refund-000"].cost_usd is None

    def test_one_turn_that_is_not_counted_leaves_all_uncounted(self, tmp_path: Path) -> None:
        """A partial sum would look like a cheaper release."""

        async def answer(received: Received) -> bytes:
            if tool_messages(received):
                return says("Done.", usage=None)
            return calls(("refund", {"id": case_of(received), "amount": 10}))

        run, _ = run_one(tmp_path, answer, settings="[prices]\ninput = 1.0\noutput = 10.0")
        found = run.trajectories["refund-000"]
        assert (found.input_tokens, found.output_tokens, found.cost_usd) == (None, None, None)

    def test_context_with_calls_is_sent_as_the_endpoint_takes_it(self, tmp_path: Path) -> None:
        """A case may hold arguments as data, and marks of a recorded trajectory."""
        context = [
            {"role": "user", "content": "Please look."},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c", "function": {"name": "x", "arguments": {"a": 1}}}],
            },
            {"role": "tool", "tool_call_id": "c", "content": "no", "error": True, "at_ms": 3},
            {"role": "user", "content": "Please handle refund-000."},
        ]

        async def main() -> Any:
            async with FakeServer(refund).running() as server:
                workspace = chat_suite(tmp_path, server.url, refunds=1)
                path = workspace.folder / "cases.jsonl"
                case = {**json.loads(path.read_text()), "messages": context}
                path.write_text(json.dumps(case))
                workspace = load_workspace(workspace.folder)
                agent = ChatAgent(workspace.suite, release=workspace.release(), environment={})
                await run_suite(workspace, agent)
                return server.received[0].document["messages"]

        _, _, act, answered, _ = asyncio.run(main())
        assert act["tool_calls"][0]["function"]["arguments"] == '{"a": 1}'
        assert act["tool_calls"][0]["type"] == "function"
        assert set(answered) == {"role", "tool_call_id", "content"}


@needs_openai
class TestBadCalls:
    def after(self, tmp_path: Path, *wanted: tuple[str, Any]) -> tuple[Run, str]:
        """The run, and what the tool said to the first call."""
        said: list[str] = []

        async def answer(received: Received) -> bytes:
            answered = tool_messages(received)
            if not answered:
                return calls(*wanted)
            said.append(answered[0]["content"])
            return says("Done.")

        run, _ = run_one(tmp_path, answer)
        return run, said[0]

    @pytest.mark.parametrize("text", ["{", "[1]", '"x"', '{"id": "a", "id": "b"}', "NaN"])
    def test_arguments_that_are_no_object_get_a_tool_error(self, text: str, tmp_path: Path) -> None:
        run, said = self.after(tmp_path, ("refund", text))
        assert said == "the arguments must be a JSON object"
        assert run.scores["refund-000"].invalid_calls == 1
        recorded = run.trajectories["refund-000"].messages[1]["tool_calls"][0]
        assert recorded["function"]["arguments"] == text

    @pytest.mark.parametrize("text", ["", " ", "null"])
    def test_empty_arguments_are_an_empty_object(self, text: str, tmp_path: Path) -> None:
        _, said = self.after(tmp_path, ("refund", text))
        assert said.startswith("invalid arguments: arguments: 'id' is a required property")

    def test_an_unknown_tool_gets_a_tool_error(self, tmp_path: Path) -> None:
        _, said = self.after(tmp_path, ("no_such_tool", {}))
        assert said == "there is no tool 'no_such_tool'"


@needs_openai
class TestTheKey:
    def test_is_sent_to_the_endpoint(self, tmp_path: Path) -> None:
        _, server = run_one(
            tmp_path, refund, agent='api_key_env = "MODEL_KEY"', environment={"MODEL_KEY": KEY}
        )
        assert server.received[0].headers["authorization"] == f"Bearer {KEY}"

    def test_of_the_environment_is_not_sent_unasked(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        _, server = run_one(tmp_path, refund)
        assert KEY not in str(server.received[0].headers)

    @pytest.mark.parametrize(
        "raw",
        [
            pytest.param(says(f"Your key is {KEY}."), id="in a reply"),
            pytest.param(calls(("refund", {"id": KEY})), id="in a call"),
            pytest.param(an_answer({"error": {"message": KEY}}, status=401), id="in an error"),
            pytest.param(an_answer({"error": {"message": KEY}}, status=400), id="in a refusal"),
        ],
    )
    def test_never_reaches_a_record(self, raw: bytes, tmp_path: Path) -> None:
        run, _ = run_one(
            tmp_path,
            giving(raw),
            agent='api_key_env = "MODEL_KEY"',
            environment={"MODEL_KEY": KEY},
        )
        recorded = json.dumps(run.trajectories["refund-000"].as_json())
        assert KEY not in recorded
        assert "[secret MODEL_KEY]" in recorded

    def test_that_is_named_but_not_set_is_a_usage_error(self, tmp_path: Path) -> None:
        workspace = chat_suite(tmp_path, "http://x", agent='api_key_env = "MODEL_KEY"')
        with pytest.raises(UsageError, match="MODEL_KEY is not set"):
            ChatAgent(workspace.suite, release=workspace.release(), environment={})


@needs_openai
def test_proxies_of_the_environment_are_not_used_for_loopback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    run, _ = run_one(tmp_path, refund)
    assert run.ends("refund-000") == "passed"


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    workspace = chat_suite(tmp_path, "http://x")
    with pytest.raises(UsageError, match=r'the extra "chat": pip install "dialgate\[chat\]"'):
        ChatAgent(workspace.suite, release=workspace.release(), environment={})


@needs_openai
@pytest.mark.parametrize("name", ["model", "messages", "tools", "stream", "n"])
def test_parameters_that_the_loop_decides_are_refused(name: str, tmp_path: Path) -> None:
    workspace = chat_suite(tmp_path, "http://x")
    path = workspace.folder / "release.toml"
    path.write_text(path.read_text() + f"[model.parameters]\n{name} = true\n")
    with pytest.raises(UsageError, match=rf"\[model.parameters\] must not set {name}:"):
        ChatAgent(workspace.suite, release=workspace.release(), environment={})
