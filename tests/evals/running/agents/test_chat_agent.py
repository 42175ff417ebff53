"""The built-in loop on a chat endpoint: what it sends, what it records, what goes wrong."""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib.util
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgate_evals.errors import UsageError
from dialgate_evals.running.agent_protocol import AgentError, InfrastructureError
from dialgate_evals.running.agents.chat import ChatAgent
from dialgate_evals.running.agents.chat_messages import parse_turn
from dialgate_evals.running.agents.registry import open_agent
from dialgate_evals.suite.workspace import load_workspace
from tests.evals.http_servers import (
    FakeServer,
    Received,
    Run,
    an_answer,
    live_suite,
    run_suite,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from dialgate_evals.suite.workspace import Workspace

needs_openai = pytest.mark.skipif(
    importlib.util.find_spec("openai") is None, reason='the extra "chat" is not installed'
)
NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
POISONED = "refund-001"
USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
KEY = "sk-a-very-secret-key"


def completion(message: Any, usage: Any = USAGE, finish_reason: str = "stop", **more: Any) -> bytes:
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    return an_answer({"id": "x", "choices": [choice], "usage": usage, **more})


def says(text: str, **more: Any) -> bytes:
    return completion({"role": "assistant", "content": text}, **more)


def calls(*wanted: tuple[str, Any], content: str | None = None, **more: Any) -> bytes:
    """The model asks for these calls; arguments that are no text are written as JSON."""
    listed = [
        {
            "id": f"call-{index}",
            "type": "function",
            "function": {
                "name": name,
                "arguments": given if isinstance(given, str) else json.dumps(given),
            },
        }
        for index, (name, given) in enumerate(wanted)
    ]
    return completion({"role": "assistant", "content": content, "tool_calls": listed}, **more)


def case_of(received: Received) -> str:
    asked = [m for m in received.document["messages"] if m["role"] == "user"]
    text: str = asked[-1]["content"]
    return text.rsplit(maxsplit=1)[-1].rstrip(".")


def tool_messages(received: Received) -> list[dict[str, Any]]:
    return [m for m in received.document["messages"] if m["role"] == "tool"]


async def refund(received: Received) -> bytes:
    """A model that does what its prompt says: one call, then a reply."""
    if tool_messages(received):
        return says("Done.")
    return calls(("refund", {"id": case_of(received), "amount": 10}))


def chat_suite(folder: Path, url: str, *, agent: str = "", **more: Any) -> Workspace:
    return live_suite(folder, f'kind = "chat"\nbase_url = "{url}/v1"\n{agent}', **more)


def run_chat(
    folder: Path,
    answer: Callable[[Received], Awaitable[bytes | None]],
    environment: dict[str, str] | None = None,
    *,
    hangs: bool = False,
    **more: Any,
) -> tuple[Run, FakeServer]:
    async def main() -> tuple[Run, FakeServer]:
        async with FakeServer(answer).running() as server:
            workspace = chat_suite(folder, server.url, **more)
            agent = ChatAgent(
                workspace.suite,
                release=workspace.release(),
                environment=environment or {},
                now=lambda: NOON,
            )
            return await run_suite(workspace, agent, hangs=hangs), server

    return asyncio.run(main())


def run_one(
    folder: Path, answer: Callable[[Received], Awaitable[bytes | None]], **more: Any
) -> tuple[Run, FakeServer]:
    return run_chat(folder, answer, refunds=1, **more)


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


def giving(raw: bytes | None) -> Callable[[Received], Awaitable[bytes | None]]:
    async def answer(_: Received) -> bytes | None:
        return raw

    return answer


async def hang(_: Received) -> bytes | None:
    await asyncio.Event().wait()
    return None


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
ENDLESS = CHUNKED + (b"100000\r\n" + b"x" * 2**20 + b"\r\n") * 17
NO_COMPLETION = "no chat completion"

# What the endpoint does in one of the trials, how that trial ends, and what the record says.
MISBEHAVIOUR = {
    "answers 500": (giving(an_answer(status=500, body=b"boom")), "errored", "500"),
    "answers 429": (giving(an_answer(status=429, body=b"")), "errored", "429"),
    "answers 401": (
        giving(an_answer({"error": {"message": "who?"}}, status=401)),
        "errored",
        "who?",
    ),
    "answers 404": (giving(an_answer(status=404, body=b"")), "errored", "404"),
    "answers 400": (
        giving(an_answer({"error": {"message": "long"}}, status=400)),
        "failed",
        "long",
    ),
    "answers 422": (giving(an_answer(status=422, body=b"")), "failed", "422"),
    "redirects": (
        giving(an_answer(status=307, body=b"", location="http://192.0.2.1/")),
        "errored",
        "307",
    ),
    "closes without an answer": (giving(None), "errored", "can't be reached"),
    "closes in the middle": (
        giving(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n{"),
        "errored",
        "can't be reached",
    ),
    "writes garbage": (giving(b"garbage\r\n\r\n"), "errored", "can't be reached"),
    "hangs": (hang, "failed", "no reply within 60 s"),
    "sends more than 16 MiB": (giving(ENDLESS), "failed", "over 16 MiB"),
    "answers what is no gzip": (
        giving(an_answer(body=b"{}", content_encoding="gzip")),
        "errored",
        "can't be reached",
    ),
    "breaks off between chunks": (
        giving(CHUNKED + b"1\r\n{\r\n"),
        "errored",
        "can't be reached",
    ),
    "answers a stream that nobody asked for": (
        giving(an_answer(body=b'data: {"choices": []}\n\ndata: [DONE]\n\n')),
        "errored",
        "data: {",
    ),
    "answers a page": (
        giving(an_answer(body=b"<html>Bad gateway")),
        "errored",
        "not JSON (Expecting value) at",
    ),
    "answers nothing": (giving(an_answer(body=b"")), "errored", "an empty body"),
    "answers bytes that are no text": (giving(an_answer(body=b"\xff")), "errored", "not UTF-8"),
    "answers a list": (giving(an_answer([1])), "errored", "without a message: [1]"),
    "answers without a choice": (
        giving(an_answer({"choices": []})),
        "errored",
        "without a message",
    ),
    "answers null for the choices": (
        giving(an_answer({"choices": None, "detail": "busy"})),
        "errored",
        "busy",
    ),
    "answers an error inside 200": (
        giving(an_answer({"error": {"code": 429, "message": "slow down"}})),
        "errored",
        "429: slow down",
    ),
    "answers an error inside a choice": (
        giving(an_answer({"choices": [{"error": {"code": 502, "message": "upstream"}}]})),
        "errored",
        "502: upstream",
    ),
    "ends with the reason error": (
        giving(completion({"content": ""}, finish_reason="error")),
        "errored",
        "reason error",
    ),
    "is cut off": (
        giving(completion({"content": None}, finish_reason="length")),
        "failed",
        "cut_off",
    ),
    "is cut off in a call": (
        giving(calls(("refund", '{"id": "'), finish_reason="length")),
        "failed",
        "cut_off",
    ),
    "ends with another vendor's word for an error": (
        giving(completion({"content": ""}, finish_reason="network_error")),
        "errored",
        "reason network_error",
    ),
    "is cut off in another vendor's word": (
        giving(completion({"content": ""}, finish_reason="MAX_TOKENS")),
        "failed",
        "cut_off",
    ),
    "could not read the model's call": (
        giving(completion({}, finish_reason="function_call_filter: MALFORMED_FUNCTION_CALL")),
        "failed",
        "malformed_call",
    ),
    "is filtered": (
        giving(completion({"content": ""}, finish_reason="content_filter")),
        "failed",
        "content_filter",
    ),
    "answers a message that is text": (giving(completion("hello")), "errored", "without a message"),
    "answers a content that is a number": (
        giving(completion({"content": 42})),
        "failed",
        "a content that is no text",
    ),
    "asks for calls that are none": (
        giving(completion({"content": None, "tool_calls": [42]})),
        "failed",
        NO_COMPLETION,
    ),
    "asks for a call without a function": (
        giving(completion({"content": None, "tool_calls": [{"id": "x", "type": "custom"}]})),
        "failed",
        NO_COMPLETION,
    ),
    "asks for a call of no name": (
        giving(completion({"tool_calls": [{"function": {"name": 4, "arguments": "{}"}}]})),
        "failed",
        NO_COMPLETION,
    ),
    "calls without end": (giving(calls(("look_up", {"id": "x"}))), "failed", "max_turns"),
    "asks for too many calls at once": (
        giving(calls(*[("look_up", {"id": "x"})] * 100)),
        "failed",
        "max_turns",
    ),
}


@needs_openai
@pytest.mark.parametrize(("poison", "ends", "words"), MISBEHAVIOUR.values(), ids=MISBEHAVIOUR)
def test_it_costs_its_own_trial_only(
    poison: Callable[[Received], Awaitable[bytes | None]], ends: str, words: str, tmp_path: Path
) -> None:
    async def answer(received: Received) -> bytes | None:
        return await (poison if case_of(received) == POISONED else refund)(received)

    run, _ = run_chat(tmp_path, answer, hangs="no reply within" in words)
    assert run.ends(POISONED) == ends
    assert words in run.said(POISONED)
    assert len(run.scores) == 6
    assert {run.ends(case) for case in run.scores if case != POISONED} == {"passed"}


@needs_openai
class TestRetries:
    def test_are_the_engines_alone(self, tmp_path: Path) -> None:
        """The SDK's own would hide from the record how often a provider failed."""
        run, server = run_one(tmp_path, giving(an_answer(status=503, body=b"")))
        assert len(server.received) == 2  # one try and one retry
        assert len(run.waited) == 1

    def test_wait_as_long_as_the_endpoint_asks(self, tmp_path: Path) -> None:
        raw = an_answer(status=429, body=b"", retry_after="Mon, 23 Nov 2026 12:00:20 GMT")
        run, _ = run_one(tmp_path, giving(raw))
        assert run.waited[0] == 20

    def test_too_many_calls_end_the_loop_at_once(self, tmp_path: Path) -> None:
        """Turns whose calls nobody makes any more would only cost."""
        _, server = run_one(tmp_path, giving(calls(*[("look_up", {"id": "x"})] * 100)))
        assert len(server.received) == 1


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


class TestReadingATurn:
    @given(st.binary())
    def test_any_bytes_are_a_turn_or_an_agents_error(self, raw: bytes) -> None:
        try:
            turn = parse_turn(raw, number=0)
        except (AgentError, InfrastructureError):
            return
        assert turn.message["role"] == "assistant"

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["role", "content", "tool_calls", "function", "name", "arguments", "id"]
                    ),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=20,
        )
    )
    def test_any_message_is_a_turn_or_an_agents_error(self, message: Any) -> None:
        raw = json.dumps({"choices": [{"message": message}]}).encode()
        try:
            turn = parse_turn(raw, number=3)
        except (AgentError, InfrastructureError):
            return
        assert turn.message["role"] == "assistant"
        assert all(call.id for call in turn.calls)

    def test_a_call_without_an_id_gets_one(self) -> None:
        call = {"function": {"name": "x", "arguments": "{}"}}
        document = {"choices": [{"message": {"content": None, "tool_calls": [call, call]}}]}
        turn = parse_turn(json.dumps(document).encode(), number=3)
        assert [call.id for call in turn.calls] == ["call_3_0", "call_3_1"]
        assert [call["id"] for call in turn.message["tool_calls"]] == ["call_3_0", "call_3_1"]

    @pytest.mark.parametrize(
        "message",
        [
            {"content": None, "function_call": {"name": "x", "arguments": '{"n": 1}'}},
            {"content": [{"type": "tool_use", "id": "t", "name": "x", "input": {"n": 1}}]},
            {"content": "", "tool_calls": [{"function": {"name": "x", "arguments": '{"n": 1}'}}]},
        ],
        ids=["legacy", "Anthropic", "OpenAI"],
    )
    def test_a_call_in_another_form_is_made(self, message: Any) -> None:
        document = {"choices": [{"message": message}]}
        turn = parse_turn(json.dumps(document).encode(), number=0)
        assert [(call.name, call.arguments) for call in turn.calls] == [("x", {"n": 1})]
        assert "function_call" not in turn.message

    @pytest.mark.parametrize("written", [{}, {"arguments": None}, {"arguments": "null"}])
    def test_a_call_without_arguments_has_none(self, written: Any) -> None:
        message = {"tool_calls": [{"function": {"name": "x", **written}}]}
        turn = parse_turn(json.dumps({"choices": [{"message": message}]}).encode(), number=0)
        assert turn.calls[0].arguments == {}

    def test_keys_of_the_provider_stay(self) -> None:
        """Signatures that a provider wants back with the next turn."""
        message = {"content": "x", "reasoning": {"signature": "abc"}, "refusal": None}
        document = {"choices": [{"message": message}]}
        turn = parse_turn(json.dumps(document).encode(), number=0)
        assert turn.message["reasoning"] == {"signature": "abc"}
        assert "refusal" not in turn.message

    @pytest.mark.parametrize(
        "key", ["error", "unmatched", "fault", "at_ms", "tool_call_id", "finish_reason"]
    )
    def test_marks_of_the_harness_are_not_the_models_to_set(self, key: str) -> None:
        document = {"choices": [{"message": {"content": "x", key: True}}]}
        turn = parse_turn(json.dumps(document).encode(), number=0)
        assert key not in turn.message

    @pytest.mark.parametrize(
        "usage",
        [None, 3, {}, {"prompt_tokens": 1}, {"prompt_tokens": -1, "completion_tokens": 1},
         {"prompt_tokens": True, "completion_tokens": 1}],
        ids=repr,
    )  # fmt: skip
    def test_usage_that_is_none_is_unknown_not_zero(self, usage: Any) -> None:
        document = {"choices": [{"message": {"content": "x"}}], "usage": usage}
        assert parse_turn(json.dumps(document).encode(), number=0).usage is None

    def test_cached_tokens_are_read(self) -> None:
        usage = {**USAGE, "prompt_tokens_details": {"cached_tokens": 64}}
        document = {"choices": [{"message": {"content": "x"}}], "usage": usage}
        found = parse_turn(json.dumps(document).encode(), number=0).usage
        assert found is not None
        assert found.cached_tokens == 64
