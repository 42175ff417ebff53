"""docs/reference/dialects.md, row by row: what each part of a message leads to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dialgate_evals.dialects.front_door import read_messages
from dialgate_evals.dialects.texts.endings import WORDS, reason_of
from tests.evals.dialects.test_every_dialect import scored
from tests.evals.dialects.writers import WRITERS

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "dialects.md"
GO = {"role": "user", "content": "Go."}


def rows(heading: str) -> list[str]:
    """The first cells of the table under a heading of the page."""
    section = PAGE.read_text("utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    cells = [line.split(" | ")[0].removeprefix("| ") for line in section.splitlines()
             if line.startswith("| ")]  # fmt: skip
    return cells[2:]


def test_every_dialect_of_the_page_has_a_story() -> None:
    assert rows("Dialects") == list(WRITERS)


def agent(content: Any = None, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content, **more}


def called(arguments: Any = '{"n": 1}', name: Any = "pay", **more: Any) -> dict[str, Any]:
    made = {"id": "c", "type": "function", "function": {"name": name, "arguments": arguments}}
    return agent(tool_calls=[made], **more)


OK = {"role": "tool", "tool_call_id": "c", "content": "ok"}
NO = {**OK, "error": True}
DONE = agent("Done.")
SAID = [{"type": "text", "text": "Done."}]

# What is done, and what is seen of it: (actions, gaps, failed, invalid calls, text calls).
PARTS: dict[str, list[tuple[list[dict[str, Any]], tuple[int, int, bool, int, int]]]] = {
    "text": [([DONE], (0, 0, False, 0, 0))],
    "a refusal": [
        ([agent(refusal="No.")], (0, 0, False, 0, 0)),
        ([agent([{"type": "refusal", "refusal": "No."}])], (0, 0, False, 0, 0)),
    ],
    "an image, a file, sound": [
        ([agent([*SAID, {"type": kind, "data": {"x": "y"}}])], (0, 0, False, 0, 0))
        for kind in ("image", "image_url", "file", "document", "input_audio", "video")
    ] + [([{"role": "model", "parts": [{"inlineData": {"data": "x"}}, {"text": "a"}]}],
          (0, 0, False, 0, 0)),
         ([agent(None, audio={"transcript": "a"})], (0, 0, False, 0, 0)),
         ([agent([{"image": {"format": "png"}}, {"text": "a"}])], (0, 0, False, 0, 0))],
    "thinking or reasoning": [
        ([agent([{"type": "thinking", "thinking": "pay"}, *SAID])], (0, 0, False, 0, 0)),
        ([agent("Done.", reasoning_content="I could pay.")], (0, 0, False, 0, 0)),
        ([{"type": "reasoning", "summary": [{"text": "hm"}]}, DONE], (0, 0, False, 0, 0)),
    ],
    "a citation or source": [
        ([agent([{"type": "text", "text": "a", "citations": [{"url": "x"}]}])],
         (0, 0, False, 0, 0)),
        ([agent([{"citationsContent": {"content": [{"text": "a"}], "citations": []}}])],
         (0, 0, False, 0, 0)),
        ([agent("Done.", annotations=[{"type": "url_citation", "url_citation": {}}])],
         (0, 0, False, 0, 0)),
    ],
    "a tool that the provider runs in its own sandbox (search, code)": [
        ([agent([{"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
                 {"type": "web_search_tool_result", "tool_use_id": "s", "content": []}, *SAID])],
         (0, 0, False, 0, 0)),
        ([{"type": "web_search_call", "action": {"query": "x"}}, DONE], (0, 0, False, 0, 0)),
        ([{"role": "model", "parts": [{"executableCode": {"code": "1"}}, {"text": "a"}]}],
         (0, 0, False, 0, 0)),
    ],
    "a tool of an MCP server that the provider calls": [
        ([agent([{"type": "mcp_tool_use", "id": "m", "name": "pay", "input": {"n": 1}}])],
         (1, 0, True, 0, 0)),
        ([{"type": "mcp_call", "id": "m", "name": "pay", "arguments": '{"n": 1}',
           "output": "ok"}], (1, 0, True, 0, 0)),
        ([{"type": "mcp_call", "id": "m", "name": "pay", "arguments": '{"n": 1}',
           "error": "gone"}, DONE], (0, 0, False, 0, 0)),
        ([agent([{"type": "server_tool_use", "id": "s", "name": "pay", "input": {"n": 1}}])],
         (1, 0, True, 0, 0)),
    ],
    "a call without a name": [([called(name=None)], (0, 1, False, 0, 0))],
    "a part of an unknown type with nothing but plain words": [
        ([agent([*SAID, {"type": "mood", "word": "glad"}])], (0, 0, False, 0, 0)),
    ],
    "a part of an unknown type that could hold an action": [
        ([agent([*SAID, {"type": "mood", "of": {"the": "day"}}])], (0, 1, False, 0, 0)),
        ([agent([*SAID, {"type": "tool_use_v2", "tool": "pay"}])], (0, 1, False, 0, 0)),
        ([agent([*SAID, {"type": "x", "json": '{"name": "pay", "args": {}}'}])],
         (0, 1, False, 0, 0)),
        ([{"role": "model", "parts": [{"fnCall": {"fn": "pay"}}]}], (0, 1, False, 0, 0)),
        ([agent([{"tool_call": {"tool_name": "pay", "arguments": {}}}])], (0, 1, False, 0, 0)),
    ],
    "an unknown key of an agent's message that could hold an action": [
        ([agent("Done.", actions=[{"pay": 1}])], (0, 1, False, 0, 0)),
        ([agent("Done.", plan={"steps": [{"name": "pay", "arguments": {}}]})], (0, 1, False, 0, 0)),
        ([agent("Done.", mood={"word": "glad"}, x_ms=3)], (0, 0, False, 0, 0)),
    ],
    "an unknown role": [([{"role": "bot", "content": "Done."}, DONE], (0, 1, False, 0, 0))],
    "an answer to a call that stands nowhere": [([DONE, OK], (0, 1, False, 0, 0))],
    "another answer to the same question that holds a call (`n` over 1, further candidates)": [
        ([{"choices": [{"message": DONE}, {"message": called()}]}], (0, 1, False, 0, 0)),
        ([{"choices": [{"message": DONE}, {"message": DONE}]}], (0, 0, False, 0, 0)),
        ([{"candidates": [{"content": {"parts": [{"text": "a"}]}}, {"content": {"parts": [
            {"functionCall": {"name": "pay", "args": {"n": 1}}}]}}]}], (0, 1, False, 0, 0)),
    ],
    "text that looks like a call of a tool of the release": [
        ([agent(text)], (0, 0, False, 0, 1))
        for text in (
            '<tool_call>{"name": "pay", "arguments": {"n": 1}}</tool_call>', "pay(n=1)",
            "<function=pay>{}</function>", "Action: pay\nAction Input: 1", '{"tool": "pay"}',
            '<invoke name="pay">', "to=functions.pay", "[TOOL_CALLS] pay", "<tool_call>pay\n",
            "<|tool_call_begin|>functions.pay:0", "function<\uff5ctool\u2581sep\uff5c>pay",
        )
    ] + [([agent("I would pay (n is 1) and look at it.")], (0, 0, False, 0, 0))],
    'arguments that are `null`, `""`, `"null"` or absent': [
        ([called(arguments, "unclassified_tool"), NO], (0, 0, False, 1, 0))
        for arguments in (None, "", "null")
    ],
    "a call that breaks its schema and was answered without an error": [
        ([called('{"n": "1"}'), OK], (1, 0, True, 1, 0)),
    ],
    "a call that breaks its schema, unanswered or answered with an error": [
        ([called('{"n": "1"}')], (0, 0, False, 1, 0)),
        ([called('{"n": "1"}'), NO], (0, 0, False, 1, 0)),
    ],
    '`finish_reason` "length" at the end': [
        ([agent(None, finish_reason="length")], (0, 0, True, 0, 0)),
        ([agent([{"type": "text", "text": "We"}], stop_reason="max_tokens")], (0, 0, True, 0, 0)),
        ([{"candidates": [{"content": {"parts": [{"text": "We"}]}, "finishReason": "MAX_TOKENS"}]}],
         (0, 0, True, 0, 0)),
    ],
    '`finish_reason` "content_filter" at the end': [
        ([agent("", finish_reason="content_filter")], (0, 0, True, 0, 0)),
        ([{"candidates": [{"finishReason": "SAFETY"}]}], (0, 0, True, 0, 0)),
        ([{"promptFeedback": {"blockReason": "SAFETY"}}], (0, 0, True, 0, 0)),
    ],
    '`finish_reason` "malformed" at the end': [
        ([{"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL"}]}], (0, 0, True, 0, 0)),
        ([agent([], stop_reason="malformed_tool_use")], (0, 0, True, 0, 0)),
    ],
    '`finish_reason` "error" at the end': [
        ([agent("", finish_reason="network_error")], (0, 0, True, 0, 0)),
        ([{"object": "response", "status": "failed", "output": []}], (0, 0, True, 0, 0)),
    ],
}  # fmt: skip


def test_every_row_of_the_page_has_a_test() -> None:
    assert rows("Parts") == list(PARTS)


@pytest.mark.parametrize(
    ("messages", "seen"),
    [pytest.param(*row, id=f"{name} {i}") for name in PARTS for i, row in enumerate(PARTS[name])],
)
def test_a_part_leads_to_what_the_page_says(
    messages: list[dict[str, Any]], seen: tuple[int, int, bool, int, int]
) -> None:
    score = scored([GO, *messages], [GO], [])
    found = (
        len(score.decisions), len(score.not_understood), not score.passed, score.invalid_calls,
        score.text_calls,
    )  # fmt: skip
    assert found == seen, score


def test_the_page_lists_every_vendors_word_for_an_ending() -> None:
    section = PAGE.read_text("utf-8").split("\n## Why an answer ended\n")[1].split("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if "`" in line]
    listed = {cells[0]: cells[1].replace("`", "").split(", ") for cells in lines if len(cells) == 2}
    assert listed == {word: others.split() for word, others in WORDS.items()}


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (other.upper().replace("_", "-"), word)
        for word, others in WORDS.items()
        for other in (word, *others.split())
    ]
    + [("function_call_filter: MALFORMED_FUNCTION_CALL", "malformed"), ("Other", "other"),
       ("content_filter: PROHIBITED_CONTENT", "content_filter"), ("", None), (None, None)],
)  # fmt: skip
def test_an_ending_has_one_word_whoever_says_it(written: str | None, reason: str | None) -> None:
    assert reason_of(written) == reason


def test_a_gap_names_the_place_and_the_nearest_form() -> None:
    (gap,) = read_messages([GO, agent([{"type": "tooluse", "id": "t", "input": {}}])]).gaps
    assert gap.path == (1, "content", 0)
    assert gap.nearest == "Anthropic, tool_use"


STREAMS: dict[str, list[dict[str, Any]]] = {
    "Anthropic": [
        {"type": "message_start", "message": {"role": "assistant", "content": []}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "I "}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "do"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": {
            "type": "tool_use", "id": "t", "name": "pay", "input": {}}},
        {"type": "content_block_delta", "index": 1, "delta": {
            "type": "input_json_delta", "partial_json": '{"n"'}},
        {"type": "content_block_delta", "index": 1, "delta": {
            "type": "input_json_delta", "partial_json": ": 1}"}},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
        {"type": "message_stop"},
    ],
    "OpenAI Responses, done": [
        {"type": "response.output_text.delta", "delta": "I do"},
        {"type": "response.output_item.done", "item": {
            "type": "message", "role": "assistant",
            "content": [{"type": "output_text", "text": "I do"}]}},
        {"type": "response.output_item.done", "item": {
            "type": "function_call", "call_id": "t", "name": "pay", "arguments": '{"n": 1}'}},
    ],
    "OpenAI Responses, completed": [
        {"type": "response.completed", "response": {"status": "completed", "output": [
            {"type": "message", "role": "assistant",
             "content": [{"type": "output_text", "text": "I do"}]},
            {"type": "function_call", "call_id": "t", "name": "pay", "arguments": '{"n": 1}'}]}},
    ],
    "Bedrock": [
        {"messageStart": {"role": "assistant"}},
        {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "I do"}}},
        {"contentBlockStart": {"contentBlockIndex": 1, "start": {
            "toolUse": {"toolUseId": "t", "name": "pay"}}}},
        {"contentBlockDelta": {"contentBlockIndex": 1, "delta": {"toolUse": {"input": '{"n"'}}}},
        {"contentBlockDelta": {"contentBlockIndex": 1, "delta": {"toolUse": {"input": ": 1}"}}}},
        {"messageStop": {"stopReason": "tool_use"}},
    ],
    "LangChain": [
        {"type": "AIMessageChunk", "id": "r", "content": "I do", "tool_calls": [],
         "tool_call_chunks": [{"name": "pay", "args": '{"n"', "id": "t", "index": 0}]},
        {"type": "AIMessageChunk", "id": "r", "content": "", "tool_calls": [],
         "tool_call_chunks": [{"name": None, "args": ": 1}", "id": None, "index": 0}]},
    ],
    "bare deltas": [
        {"delta": {"role": "assistant", "content": "I do"}},
        {"delta": {"tool_calls": [{"index": 0, "id": "t", "function": {
            "name": "pay", "arguments": ""}}]}},
        {"delta": {"tool_calls": [{"index": 0, "function": {"arguments": '{"n": 1}'}}]}},
    ],
    "a whole completion": [
        {"choices": [{"finish_reason": "tool_calls", "message": {
            "role": "assistant", "content": "I do", "tool_calls": [
                {"id": "t", "function": {"name": "pay", "arguments": '{"n": 1}'}}]}}]},
    ],
    "a whole answer of Bedrock": [
        {"output": {"message": {"role": "assistant", "content": [
            {"text": "I do"}, {"toolUse": {"toolUseId": "t", "name": "pay", "input": {"n": 1}}}]}},
         "stopReason": "tool_use"},
    ],
}  # fmt: skip


@pytest.mark.parametrize("messages", STREAMS.values(), ids=STREAMS)
def test_a_stream_on_record_is_the_message_that_it_makes(messages: list[dict[str, Any]]) -> None:
    answer = {"role": "tool", "tool_call_id": "t", "content": "ok"}
    reading = read_messages([GO, *messages, answer])
    assert reading.gaps == []
    (made,) = reading.calls
    assert (made.name, made.answer) == ("pay", "ok")
    score = scored([GO, *messages, answer], [GO], [{"name": "pay", "arguments": {"n": 1}}],
                   reply={"contains": ["I do"]})  # fmt: skip
    assert score.passed


def test_a_call_that_langchain_writes_in_three_places_is_one() -> None:
    kept = {"id": "t", "type": "function", "function": {"name": "pay", "arguments": '{"n": 1}'}}
    message = {
        "type": "ai",
        "content": [{"type": "tool_use", "id": "t", "name": "pay", "input": {"n": 1}}],
        "tool_calls": [{"name": "pay", "args": {"n": 1}, "id": "t", "type": "tool_call"}],
        "additional_kwargs": {"tool_calls": [kept]},
    }
    assert len(read_messages([message]).calls) == 1


def test_the_output_tool_of_pydantic_ai_is_the_reply() -> None:
    named = {"tool_name": "final_result", "tool_call_id": "t"}
    messages = [
        {"kind": "response", "parts": [{"part_kind": "tool-call", **named, "args": {"ok": True}}]},
        {"kind": "request", "parts": [
            {"part_kind": "tool-return", **named, "content": "Final result processed."}]},
    ]  # fmt: skip
    score = scored([GO, *messages], [GO], [], reply={"contains": ['"ok"']})
    assert score.passed
    assert score.tool_calls == 0
