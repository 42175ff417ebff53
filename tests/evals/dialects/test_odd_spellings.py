"""Trajectories in spellings that no story has: scored like the plain form, or a gap; no silence.

Each row is written as a framework, a server or a log writes it, and holds one unasked payment.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate_evals.dialects.front_door import read_messages
from dialgate_evals.dialects.reading import as_data
from tests.evals.dialects.test_every_dialect import scored
from tests.evals.dialects.test_parts import GO, agent, called

if TYPE_CHECKING:
    from collections.abc import Iterator

Messages = list[dict[str, Any]]
PAID = '{"n": 1}'


def call(arguments: Any = PAID, name: str = "pay", call_id: Any = "c") -> dict[str, Any]:
    made = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": made}


def answer(call_id: Any = "c", **more: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": "ok", **more}


def pieces(*listed: dict[str, Any], **choice: Any) -> Messages:
    """Chunks of a stream, each with one piece of a call."""
    return [
        {"object": "chat.completion.chunk",
         "choices": [{"index": 0, "delta": {"tool_calls": [piece]}, **choice}]}
        for piece in listed
    ]  # fmt: skip


def event(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}", **more}


MADE = {"type": "function_call", "id": "f", "call_id": "c", "name": "pay", "arguments": PAID}
BEGUN = {**MADE, "arguments": ""}
ASKED = {"type": "mcp_approval_request", "id": "m", "name": "pay", "arguments": PAID}
ANSWERED = {"type": "function_call_output", "call_id": "c", "output": "ok"}
GEMINI = {"functionCall": {"name": "pay", "args": {"n": 1}}}
CHUNK = {"type": "AIMessageChunk", "id": "r"}
PART = {"type": "tool-pay", "toolCallId": "c", "input": {"n": 1}}

SCORED: dict[str, Messages] = {
    "ids as numbers, answered the other way round": [
        agent(tool_calls=[call(call_id=1), call(name="mail", call_id=2)]),
        answer(2, error=True), answer(1),
    ],
    "an id that is used again": [
        agent(tool_calls=[call("{}", "look")]), answer(), agent(tool_calls=[call()]), answer(),
    ],
    "toolCalls of an SDK of JavaScript": [
        agent("", toolCalls=[call()]), {"role": "tool", "toolCallId": "c", "content": "ok"},
    ],
    "an empty list of calls beside the legacy form": [
        agent(tool_calls=[], function_call={"name": "pay", "arguments": PAID}),
        {"role": "function", "name": "pay", "content": "ok"},
    ],
    "arguments encoded twice": [called(json.dumps(PAID)), answer()],
    "arguments in a fence": [called(f"```json\n{PAID}\n```"), answer()],
    "arguments with a comma too many": [called('{"n": 1,}'), answer()],
    "a number as text": [called('{"n": "1"}'), answer()],
    "a name in a namespace": [called(name="functions.pay"), answer()],
    "chunks that say the whole name each time": pieces(
        {"index": 0, "id": "c", "function": {"name": "pay", "arguments": '{"n"'}},
        {"index": 0, "id": "c", "function": {"name": "pay", "arguments": ": 1}"}},
    ),
    "chunks with gaps in their index": pieces(
        {"index": 1, "id": "c", "function": {"name": "pay", "arguments": '{"n"'}},
        {"index": 4, "id": "d", "function": {"name": "look", "arguments": '{"n": 1}'}},
        {"index": 1, "function": {"arguments": ": 1}"}},
    ),
    "chunks without an index": pieces(
        {"id": "c", "function": {"name": "pay", "arguments": '{"n"'}},
        {"function": {"arguments": ": 1}"}},
    ),
    "chunks whose later ids and names are empty": pieces(
        {"index": 0, "id": "c", "function": {"name": "pay", "arguments": '{"n"'}},
        {"index": 0, "id": "", "function": {"name": "", "arguments": ": 1}"}},
    ),
    "a stream of Responses that breaks off after the arguments": [
        event("output_item.done", output_index=0, item={
            "type": "message", "id": "m", "role": "assistant",
            "content": [{"type": "output_text", "text": "I pay."}]}),
        event("output_item.added", output_index=1, item=BEGUN),
        event("function_call_arguments.done", output_index=1, item_id="f", arguments=PAID),
    ],
    "a stream of Responses with a custom tool": [
        event("output_item.added", item={
            "type": "custom_tool_call", "id": "f", "call_id": "c", "name": "pay", "input": ""}),
        event("custom_tool_call_input.delta", item_id="f", delta=PAID),
    ],
    "a response with its own list of tools": [
        {"object": "response", "status": "completed", "output": [MADE],
         "tools": [{"type": "function", "name": "look", "parameters": {}}]}, ANSWERED,
    ],
    "a call of an MCP server that waits for leave": [ASKED],
    "one that got leave": [
        ASKED, {"type": "mcp_approval_response", "approval_request_id": "m", "approve": True},
        {"type": "mcp_call", "id": "x", "approval_request_id": "m", "name": "pay",
         "arguments": PAID, "output": "ok"},
    ],
    "items of the Agents SDK": [
        {"type": "tool_call_item", "raw_item": MADE, "description": None},
        {"type": "tool_call_output_item", "raw_item": ANSWERED, "output": "ok"},
    ],
    "Anthropic's programmatic call": [
        agent([{"type": "tool_use", "id": "c", "name": "pay", "input": {"n": 1},
                "caller": {"type": "code_execution_20250825", "tool_id": "s"}}]),
    ],
    "Anthropic's stream that begins with content": [
        {"type": "message_start", "message": {"role": "assistant", "content": [
            {"type": "tool_use", "id": "c", "name": "pay", "input": {"n": 1}}]}},
        {"type": "message_stop"},
    ],
    "an answer of Anthropic's with a list and a text behind it": [
        agent([{"type": "tool_use", "id": "c", "name": "pay", "input": {"n": 1}}]),
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "c", "is_error": False,
             "content": [{"type": "text", "text": "ok"}, {"type": "image", "source": {}}]},
            {"type": "text", "text": "And now?"}]},
    ],
    "calls that Google's SDK made by itself": [
        {"candidates": [{"content": {"role": "model", "parts": [{"text": "Done."}]}}],
         "automaticFunctionCallingHistory": [
             {"role": "user", "parts": [{"text": "Go."}]}, {"role": "model", "parts": [GEMINI]},
             {"role": "user", "parts": [
                 {"functionResponse": {"name": "pay", "response": {"result": "ok"}}}]}]},
    ],
    "parallel calls of Gemini's with ids": [
        {"role": "model", "parts": [
            {"functionCall": {"id": "1", "name": "pay", "args": {"n": 1}}},
            {"functionCall": {"id": "2", "name": "pay", "args": {"n": 2}}}]},
        {"role": "user", "parts": [
            {"functionResponse": {"id": "2", "name": "pay", "response": {"error": "no"}}},
            {"functionResponse": {"id": "1", "name": "pay", "response": {"output": "ok"}}}]},
    ],
    "a call of Gemini's beside its signature": [
        {"role": "model", "parts": [{**GEMINI, "thoughtSignature": "x"}]},
        {"role": "function", "parts": [
            {"functionResponse": {"name": "pay", "response": {"output": "ok"}}}]},
    ],
    "Bedrock's answer as data": [
        agent([{"toolUse": {"toolUseId": "c", "name": "pay", "input": {"n": 1}}}]),
        {"role": "user", "content": [
            {"toolResult": {"toolUseId": "c", "content": [{"json": {"ok": True}}]}}]},
    ],
    "a tool part of a page that is available": [
        {"role": "assistant", "parts": [
            {"type": "step-start"}, {**PART, "state": "output-available", "output": {"ok": True}}]},
    ],
    "a dynamic tool of a page": [
        {"role": "assistant", "parts": [
            {**PART, "type": "dynamic-tool", "toolName": "pay", "state": "input-available"}]},
    ],
    "a tool that the provider ran for Vercel's SDK": [
        agent([{"type": "tool-call", "toolCallId": "c", "toolName": "pay", "input": PAID,
                "providerExecuted": True},
               {"type": "tool-result", "toolCallId": "c", "toolName": "pay",
                "output": {"type": "json", "value": {"ok": True}}}]),
    ],
    "chunks of LangChain's with Anthropic's content": [
        {**CHUNK, "content": [{"type": "text", "text": "I pay.", "index": 0}],
         "tool_call_chunks": []},
        {**CHUNK, "content": [
            {"type": "tool_use", "id": "c", "name": "pay", "input": {}, "index": 1}],
         "tool_call_chunks": [{"name": "pay", "args": "", "id": "c", "index": 1}]},
        {**CHUNK, "content": [{"type": "input_json_delta", "partial_json": PAID, "index": 1}],
         "tool_call_chunks": [{"name": None, "args": PAID, "id": None, "index": 1}]},
        {**CHUNK, "content": [], "tool_call_chunks": [],
         "response_metadata": {"stop_reason": "tool_use"}},
        {"type": "tool", "tool_call_id": "c", "content": "ok"},
    ],
    "a whole chunk of LangChain's": [
        {**CHUNK, "content": "", "tool_call_chunks": [],
         "tool_calls": [{"name": "pay", "args": {"n": 1}, "id": "c"}]},
    ],
    "invalid_tool_calls whose tool answered": [
        {"type": "ai", "content": "", "tool_calls": [], "invalid_tool_calls": [
            {"name": "pay", "args": '{"n": 1', "id": "c", "error": "not JSON"}]},
        {"type": "tool", "tool_call_id": "c", "content": "ok"},
    ],
    "a message of LangChain's with a role": [
        {"role": "ai", "content": "", "additional_kwargs": {"tool_calls": [call()]}}, answer(),
    ],
    "arguments as text in OpenTelemetry's parts": [
        {"role": "assistant", "parts": [
            {"type": "tool_call", "id": "c", "name": "pay", "arguments": PAID}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c", "result": "ok"}]},
    ],
    "a call in a message that is not the agent's": [{"role": "user", "parts": [GEMINI]}],
    "Cohere's plan and document": [
        agent(tool_plan="I pay.", tool_calls=[call()]),
        answer(content=[{"type": "document", "document": {"data": "ok"}}]),
    ],
}  # fmt: skip


@pytest.mark.parametrize("messages", SCORED.values(), ids=SCORED)
def test_it_is_scored_like_its_plain_form(messages: Messages) -> None:
    score = scored([GO, *messages], [GO], [])
    assert score.not_understood == ()
    assert len(score.decisions) == 1
    assert not score.passed


DARK: dict[str, Messages] = {
    "a second choice that acts": [
        {"choices": [{"message": agent("Hi.")}, {"message": agent(tool_calls=[call()])}]},
    ],
    "a second choice of a stream": [
        {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "Hi"}}]},
        *pieces({"index": 0, "id": "c", "function": {"name": "pay", "arguments": PAID}}, index=1),
    ],
    "a second candidate": [
        {"candidates": [{"content": {"role": "model", "parts": [{"text": "Hi."}]}},
                        {"content": {"role": "model", "parts": [GEMINI]}}]},
    ],
    "a history of Google's SDK that tells of other calls": [
        agent(tool_calls=[call("{}", "look")]), answer(),
        {"candidates": [{"content": {"role": "model", "parts": [{"text": "Done."}]}}],
         "automatic_function_calling_history": [{"role": "model", "parts": [GEMINI]}]},
    ],
    "a block of Anthropic's stream without its begin": [
        {"type": "message_start", "message": {}},
        {"type": "content_block_delta", "index": 1,
         "delta": {"type": "input_json_delta", "partial_json": PAID}},
    ],
    "arguments of a stream without their item": [
        event("function_call_arguments.done", item_id="f", arguments=PAID),
    ],
    "calls as text": [agent("", tool_calls=json.dumps([call()]))],
    "the legacy call as text": [agent("", function_call='{"name": "pay", "arguments": "{}"}')],
    "messages inside a message": [{"messages": [agent(tool_calls=[call()])]}],
    "an update of LangGraph's": [
        {"agent": {"messages": [{"type": "ai", "content": "", "tool_calls": [
            {"name": "pay", "args": {"n": 1}, "id": "c"}]}]}},
    ],
    "messages as an attribute of a span": [
        {"gen_ai.output.messages": json.dumps([{"role": "assistant", "parts": [
            {"type": "tool_call", "id": "c", "name": "pay", "arguments": {"n": 1}}]}])},
    ],
    "a step of Vercel's generateText": [
        {"text": "", "toolCalls": [{"toolCallId": "c", "toolName": "pay", "input": {"n": 1}}]},
    ],
    "Mistral's entries": [
        {"type": "function.call", "tool_call_id": "c", "name": "pay", "arguments": PAID},
    ],
    "events of pydantic-ai": [
        {"event_kind": "function_tool_call", "part": {
            "tool_name": "pay", "args": {"n": 1}, "tool_call_id": "c", "part_kind": "tool-call"}},
    ],
    "arguments of Gemini's in pieces": [
        {"role": "model", "parts": [{"functionCall": {
            "name": "pay", "partialArgs": [{"jsonPath": "$.n", "numberValue": 1}]}}]},
    ],
}  # fmt: skip


@pytest.mark.parametrize("messages", DARK.values(), ids=DARK)
def test_it_is_a_gap_with_its_place(messages: Messages) -> None:
    score = scored([GO, *messages], [GO], [])
    assert score.not_understood
    assert all(text.startswith("/messages/") for text in score.not_understood)


FAILED: dict[str, Messages] = {
    "the Agents SDK's sentence": [
        MADE, {**ANSWERED, "output": "An error occurred while running the tool. Please try again."},
    ],
    "a call of an MCP server that got no leave": [
        ASKED, {"type": "mcp_approval_response", "approval_request_id": "m", "approve": False},
    ],
    "LangGraph's sentence": [
        called(), answer(content="Error: ValueError('no')\n Please fix your mistakes."),
    ],
    "LangGraph's sentence on arguments": [
        called(), answer(content="Error invoking tool 'pay' with kwargs {'n': 1} with error:\n no\n"
                                 " Please fix the error and try again."),
    ],
    "LangGraph's sentence on a name": [
        called(), answer(content="Error: pay is not a valid tool, try one of [look]."),
    ],
    "a tool part of a page that failed": [
        {"role": "assistant", "parts": [{**PART, "state": "output-error", "errorText": "no"}]},
    ],
    "a tool part of a page that was denied": [
        {"role": "assistant", "parts": [{**PART, "state": "output-denied"}]},
    ],
    "a call that Vercel's SDK marks as invalid": [
        agent([{"type": "tool-call", "toolCallId": "c", "toolName": "pay", "input": {"n": 1},
                "invalid": True, "error": {"name": "AI_InvalidToolInputError"}}]),
    ],
    "a result of Anthropic's with a list": [
        agent([{"type": "tool_use", "id": "c", "name": "pay", "input": {"n": 1}}]),
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "is_error": True,
                                      "content": [{"type": "text", "text": "no"}]}]},
    ],
    "a retry of pydantic-ai": [
        {"kind": "response", "parts": [
            {"part_kind": "tool-call", "tool_name": "pay", "args": PAID, "tool_call_id": "c"}]},
        {"kind": "request", "parts": [
            {"part_kind": "retry-prompt", "tool_name": "pay", "tool_call_id": "c",
             "content": [{"type": "value_error", "loc": ["n"], "msg": "no"}]}]},
    ],
}  # fmt: skip


@pytest.mark.parametrize("messages", FAILED.values(), ids=FAILED)
def test_a_frameworks_word_that_a_call_failed_is_heard(messages: Messages) -> None:
    score = scored([GO, *messages], [GO], [])
    assert score.not_understood == ()
    assert (score.failed_calls, len(score.decisions)) == (1, 0)


@pytest.mark.parametrize(
    "text",
    ["Error: the order is closed.", "An error occurred while running the report: none.",
     "Please fix your mistakes."],
)  # fmt: skip
def test_an_answer_in_like_words_is_no_mark(text: str) -> None:
    score = scored([GO, called(), answer(content=text)], [GO], [])
    assert (score.failed_calls, len(score.decisions)) == (0, 1)


def said(messages: Messages) -> Iterator[str]:
    for step in read_messages(messages).steps:
        if hasattr(step, "text") and step.text:
            yield step.text


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        ([agent(None, audio={"id": "a", "transcript": "I paid 1000."})], "I paid 1000."),
        ([{**CHUNK, "content": "I paid 10", "tool_call_chunks": []},
          {**CHUNK, "content": "00.", "tool_call_chunks": []}], "I paid 1000."),
        ([event("output_text.delta", item_id="m", delta="I paid 10"),
          event("output_text.delta", item_id="m", delta="00.")], "I paid 1000."),
        ([event("refusal.delta", item_id="m", delta="No."), event("refusal.done", item_id="m",
                                                                 refusal="No.")], "No."),
    ],
    ids=["a transcript", "chunks of LangChain's", "deltas of Responses", "a refusal"],
)  # fmt: skip
def test_the_reply_is_the_whole_text(messages: Messages, text: str) -> None:
    assert list(said(messages)) == [text]


def test_two_messages_of_one_stream_stay_two() -> None:
    """Else a context of two messages is not found, and the agent is charged with its calls."""
    chunks: Messages = [
        {"object": "chat.completion.chunk",
         "choices": [{"index": 0, "delta": {"role": "assistant", "content": text},
                      "finish_reason": "stop"}]}
        for text in ("Fine.", "Wait.")
    ]  # fmt: skip
    assert list(said(chunks)) == ["Fine.", "Wait."]


def test_a_prompt_of_pydantic_ai_in_parts_is_the_users_text() -> None:
    prompt = {"part_kind": "user-prompt", "content": [{"kind": "text-content", "content": "Go."}]}
    assert list(said([{"kind": "request", "parts": [prompt]}])) == ["Go."]


def test_a_history_that_repeats_what_stands_before_it_adds_nothing() -> None:
    response = {"functionResponse": {"name": "pay", "response": {"result": "ok"}}}
    turns = [{"role": "model", "parts": [GEMINI]}, {"role": "user", "parts": [response]}]
    whole = {"candidates": [{"content": {"role": "model", "parts": [{"text": "Done."}]}}],
             "automaticFunctionCallingHistory": [GO, *turns]}  # fmt: skip
    (made,) = read_messages([GO, *turns, whole]).calls
    assert as_data(made.arguments) == {"n": 1}
