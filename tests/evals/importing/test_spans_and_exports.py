"""Spans and the exports of what collects them become cases that their own trajectories pass."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.cases.imported_suite import ImportRequest, import_suite
from tests.evals.importing.imports import a_call, answer, calls, imported, lines, user, whole

if TYPE_CHECKING:
    from pathlib import Path


def typed(value: Any) -> dict[str, Any]:
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, list):
        return {"arrayValue": {"values": [typed(item) for item in value]}}
    if isinstance(value, dict):
        pairs = [{"key": key, "value": typed(item)} for key, item in value.items()]
        return {"kvlistValue": {"values": pairs}}
    return {"stringValue": value}


def spans(trace: str, *attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    made = [
        {"traceId": trace, "name": "chat", **more,
         "attributes": [{"key": key, "value": typed(item)} for key, item in one.items()]}
        for one in attributes
    ]  # fmt: skip
    return {"resourceSpans": [{"scopeSpans": [{"spans": made}]}]}


def part(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, **more}


SAID = {"role": "user", "parts": [part("text", content="Refund R-1")]}
CALL = part("tool_call", id="c1", name="refund", arguments={"id": "R-1"})
MADE = {"role": "assistant", "parts": [CALL]}
ANSWER = {"role": "tool", "parts": [part("tool_call_response", id="c1", response="ok")]}
REFUND = [{"name": "refund", "arguments": {"id": "R-1"}}]


def test_present_names_as_text_or_values_from_several_lines(tmp_path: Path) -> None:
    tools = [{"type": "function", "name": "refund", "parameters": {"type": "object"}}]
    first = spans("t1", {"gen_ai.input.messages": json.dumps([SAID]),
                         "gen_ai.output.messages": json.dumps([MADE]),
                         "gen_ai.tool.definitions": json.dumps(tools)})  # fmt: skip
    last = spans(
        "t1",
        {
            "gen_ai.input.messages": [SAID, MADE, ANSWER],
            "gen_ai.output.messages": [
                {"role": "assistant", "parts": [part("text", content="Done.")]}
            ],
        },
    )
    document, cases = imported(lines(tmp_path / "o.jsonl", last, first))
    assert [case["expect"]["actions"] for case in cases] == [REFUND]
    assert document["inferred"] == []
    assert cases[0]["recordings"][0]["result"] == "ok"


def test_a_tools_own_span_says_what_became_of_a_call(tmp_path: Path) -> None:
    _, cases = imported(
        whole(
            tmp_path / "o.json",
            spans(
                "t1",
                {"gen_ai.input.messages": [SAID], "gen_ai.output.messages": [MADE]},
                {"gen_ai.tool.call.id": "c1", "gen_ai.tool.call.result": '{"paid": 5}'},
            ),
        )
    )
    assert cases[0]["recordings"][0]["result"] == {"paid": 5}


def test_old_events_and_flattened_prompts(tmp_path: Path) -> None:
    made = calls(a_call("refund", {"id": "R-1"}))
    events = [
        {"name": "gen_ai.user.message", "attributes": [
            {"key": "content", "value": typed("Refund R-1")}]},
        {"name": "gen_ai.choice", "attributes": [
            {"key": "message", "value": typed(json.dumps(made))}]},
    ]  # fmt: skip
    flat = {
        "gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": "Refund R-2",
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.tool_calls.0.id": "c1",
        "gen_ai.completion.0.tool_calls.0.name": "refund",
        "gen_ai.completion.0.tool_calls.0.arguments": '{"id": "R-2"}',
    }  # fmt: skip
    _, cases = imported(
        lines(
            tmp_path / "o.jsonl",
            spans("a", {"gen_ai.system": "x"}, events=events),
            spans("b", flat),
        )
    )
    assert [case["expect"]["actions"][0]["arguments"]["id"] for case in cases] == ["R-1", "R-2"]


def test_openinference_with_parallel_calls_as_phoenix_exports_it(tmp_path: Path) -> None:
    attributes = {
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.contents.0.message_content.text": "Refund R-1",
        "llm.output_messages.0.message.role": "assistant",
        "llm.tools.0.tool.json_schema": json.dumps(
            {"type": "function", "function": {"name": "refund", "parameters": {"type": "object"}}}
        ),
    }
    for number in range(2):
        key = f"llm.output_messages.0.message.tool_calls.{number}.tool_call."
        attributes[f"{key}id"] = f"c{number}"
        attributes[f"{key}function.name"] = "refund"
        attributes[f"{key}function.arguments"] = json.dumps({"id": f"R-{number}"})
    row = {"context.trace_id": "p1", **{f"attributes.{k}": v for k, v in attributes.items()}}
    document, cases = imported(lines(tmp_path / "p.jsonl", row))
    assert set(document["formats"].values()) == {"otlp"}
    assert len(cases[0]["expect"]["actions"]) == 2


@pytest.mark.parametrize("document", [
    spans("t", {"gen_ai.request.model": "m"}), {"resourceSpans": [3, {"scopeSpans": "x"}]},
    spans("t", {"llm.input_messages.0.message": "x", "llm.input_messages.0.message.role": "user"}),
    {"observations": [7, {"input": "text"}], "id": "t"}, {"simulations": [{"messages": 3}, 4]},
    {"eval": {}, "samples": [3, {"messages": [3]}]},
    {"prompts": 3, "tests": [3, {"assert": 3}], "providers": [1]},
])  # fmt: skip
def test_odd_documents_are_told_of(tmp_path: Path, document: Any) -> None:
    path = whole(tmp_path / "x.json", document)
    good = lines(tmp_path / "y.jsonl", {"messages": [user("Refund"), calls(a_call("refund", {}))]})
    made = import_suite(ImportRequest(sources=(path, good), format=None, out=None))
    assert made["left"]


def observation(trace: str, asked: Any, output: Any, **more: Any) -> dict[str, Any]:
    kind = {"type": "GENERATION", "traceId": trace, "id": f"{trace}-{len(str(asked))}"}
    return {**kind, "input": asked, "output": output, **more}


def test_langfuse_traces_observations_and_pages(tmp_path: Path) -> None:
    made = calls(a_call("refund", {"id": "R-1"}))
    done = {"role": "assistant", "content": "Done"}
    grown = [user("Refund R-1"), made, answer("ok")]
    one = {"id": "t1", "input": "x", "output": "y", "observations": [
        {"type": "SPAN", "id": "s", "input": None},
        observation("t1", [user("Refund R-1")], made),
        observation("t1", {"messages": grown, "tools": []}, done),
    ]}  # fmt: skip
    whole(tmp_path / "trace.json", one)
    lines(tmp_path / "rows.jsonl", observation("t2", json.dumps([user("Two")]), json.dumps(made)))
    whole(tmp_path / "page.json", {"data": [observation("t3", [user("Three")], made)], "meta": {}})
    sources = [tmp_path / name for name in ("trace.json", "rows.jsonl", "page.json")]
    document, cases = imported(*sources)
    assert set(document["formats"].values()) == {"langfuse"}
    assert [case["id"] for case in cases] == ["t1", "t2", "t3"]
    assert all(case["expect"]["actions"] == REFUND for case in cases)
    assert cases[0]["recordings"][0]["result"] == "ok"
