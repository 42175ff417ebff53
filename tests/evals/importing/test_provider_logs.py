"""Providers' logs become cases that their own trajectories pass."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dialgate.cases.imported_suite import ImportRequest, import_suite
from dialgate_evals.errors import EvidenceError, UsageError
from tests.evals.importing.imports import (
    a_call,
    answer,
    calls,
    imported,
    lines,
    user,
    whole,
)

if TYPE_CHECKING:
    from pathlib import Path

TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": {
        "type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}}}
    for name in ("get_order", "refund")
]  # fmt: skip
READ = calls(a_call("get_order", {"id": "R-1"}))
REFUND = calls(a_call("refund", {"id": "R-1"}, "c2"))


def chat(messages: list[dict[str, Any]], said: object) -> dict[str, object]:
    choice = {"message": said, "finish_reason": "tool_calls"}
    return {"request": {"model": "m", "messages": messages, "tools": TOOLS},
            "response": {"choices": [choice]}}  # fmt: skip


def test_requests_that_grow_are_one_conversation(tmp_path: Path) -> None:
    asked = [user("Refund R-1 for jo@acme.io")]
    document, cases = imported(
        lines(
            tmp_path / "log.jsonl",
            chat(asked, READ),
            chat([*asked, READ, answer('{"total": 5}')], REFUND),
        )
    )
    assert document["conversations"] == 1
    assert cases[0]["expect"]["actions"] == [{"name": "refund", "arguments": {"id": "R-1"}}]
    assert cases[0]["recordings"] == [
        {"name": "get_order", "arguments": {"id": "R-1"}, "result": {"total": 5}}
    ]
    assert "acme" not in json.dumps(cases)
    assert document["inferred"] == []


def test_each_turn_with_calls_is_a_case_and_parallel_calls_stay_together(tmp_path: Path) -> None:
    both = calls(a_call("refund", {"id": "A"}, "1"), a_call("send_mail", {"to": 1}, "2"))
    messages = [
        user("first"), both, answer("ok", "1"), answer("ok", "2"),
        {"role": "assistant", "content": "Done."},
        user("thanks"), {"role": "assistant", "content": "Bye."},
        user("again"), calls(a_call("refund", {"id": "B"}, "3")), answer("no", "3"),
    ]  # fmt: skip
    document, cases = imported(lines(tmp_path / "tune.jsonl", {"messages": messages}))
    assert [[a["name"] for a in case["expect"]["actions"]] for case in cases] == [
        ["refund", "send_mail"],
        ["refund"],
    ]
    assert document["inferred"] == ["refund", "send_mail"]


def test_pictures_of_chat_messages_stay(tmp_path: Path) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    seen = {"role": "user", "content": [{"type": "text", "text": "this one"}, picture]}
    _, cases = imported(whole(tmp_path / "one.json", [seen, REFUND, answer("ok", "c2")]))
    assert cases[0]["messages"] == [seen]


def test_streamed_chunks_are_put_together(tmp_path: Path) -> None:
    def chunk(**delta: object) -> dict[str, object]:
        return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]}

    pieces = [
        chunk(role="assistant", tool_calls=[{"index": 0, "id": "a", "type": "function",
              "function": {"name": "refund", "arguments": '{"id"'}}]),
        chunk(tool_calls=[{"index": 0, "function": {"arguments": ': "R-1"}'}}]),
    ]  # fmt: skip
    text = "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces) + "data: [DONE]\n"
    line = {"request": {"messages": [user("Refund R-1")]}, "response": text}
    _, cases = imported(lines(tmp_path / "s.jsonl", line))
    assert cases[0]["expect"]["actions"] == [{"name": "refund", "arguments": {"id": "R-1"}}]


def test_a_cut_off_line_is_listed_and_the_rest_is_read(tmp_path: Path) -> None:
    path = lines(tmp_path / "log.jsonl", chat([user("Refund R-1")], REFUND))
    path.write_text(path.read_text("utf-8") + '{"request": {"messa', "utf-8")
    document, cases = imported(path)
    assert len(cases) == 1
    assert document["left"][0]["place"].endswith("line 2")


def test_what_has_no_counterpart_is_listed_with_its_reason(tmp_path: Path) -> None:
    broken = calls(a_call("refund", {"id": 7}))
    cut = calls({"id": "x", "type": "function", "function": {"name": "f", "arguments": '{"a'}})
    document, cases = imported(
        lines(
            tmp_path / "log.jsonl",
            chat([user("one")], REFUND),
            chat([user("one")], calls(a_call("refund", {"id": "R-9"}))),
            chat([user("seven")], READ),
            {"request": {"messages": [user("eight")]}},
            chat([user("two")], broken),
            chat([user("three")], cut),
            chat([user("four"), {"role": "assistant", "content": [{"type": "odd_call", "n": {}}]},
                  user("five")], REFUND),
            {"nothing": "known"},
            chat([user("six"), REFUND, answer("boom", "c2", error=True)],
                 {"role": "assistant", "content": "Sorry."}),
        )
    )  # fmt: skip
    assert len(cases) == 2
    reasons = " ".join(left["why"] for left in document["left"])
    for word in ("another expectation", "lint would refuse", "cut off", "could hold an action",
                 "expected messages", "had no effect", "what follows isn't known",
                 "nothing says what followed"):  # fmt: skip
        assert word in reasons


def test_anthropic_with_tools_system_and_streamed_answers(tmp_path: Path) -> None:
    tools = [{"name": "refund", "input_schema": {"type": "object", "properties": {"id": {}}}}]
    use = {"type": "tool_use", "id": "t1", "name": "refund", "input": {"id": "R-1"}}
    plain = {
        "request": {"system": "Be kind.", "tools": tools, "messages": [user("Refund R-1")]},
        "response": {"type": "message", "role": "assistant", "content": [use]},
    }
    events = [
        {"type": "message_start", "message": {"role": "assistant", "content": []}},
        {"type": "content_block_start", "index": 0, "content_block": {**use, "input": {}}},
        {"type": "content_block_delta", "index": 0,
         "delta": {"type": "input_json_delta", "partial_json": '{"id": "R-2"}'}},
        {"type": "content_block_stop", "index": 0},
    ]  # fmt: skip
    streamed = {
        "request": {"tools": tools, "messages": [user("Refund R-2")]},
        "response": "".join(f"event: x\ndata: {json.dumps(e)}\n\n" for e in events),
    }
    seen = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA"}}
    shown = [{"type": "text", "text": "Refund this"}, seen]
    result = {
        "type": "tool_result",
        "tool_use_id": "t1",
        "content": [{"type": "text", "text": "ok"}],
    }
    picture = {"request": {"messages": [
        {"role": "user", "content": shown}, {"role": "assistant", "content": [use]},
        {"role": "user", "content": [result]}], "tools": tools}}  # fmt: skip
    document, cases = imported(lines(tmp_path / "a.jsonl", plain, streamed, picture))
    assert set(document["formats"].values()) == {"anthropic"}
    assert [case["expect"]["actions"][0]["arguments"]["id"] for case in cases] == [
        "R-1", "R-2", "R-1",
    ]  # fmt: skip
    assert cases[0]["messages"][0] == {"role": "system", "content": "Be kind."}
    assert cases[2]["recordings"][0]["result"] == "ok"
    assert any("pictures" in left["what"] for left in document["left"])


def test_responses_with_items_and_what_the_provider_keeps(tmp_path: Path) -> None:
    made = {"type": "function_call", "call_id": "c", "name": "refund", "arguments": '{"id": "1"}'}
    tools = [{"type": "function", "name": "refund", "parameters": {"type": "object"}}]
    first = {"request": {"input": "Refund 1", "instructions": "Be kind.", "tools": tools},
             "response": {"id": "resp_1", "object": "response", "output": [made]}}  # fmt: skip
    items = {"request": {"input": [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Two"}]},
        made, {"type": "function_call_output", "call_id": "c", "output": "ok"}]},
        "response": {"output": [{"type": "message", "role": "assistant", "content": [
            {"type": "output_text", "text": "Done."}]}]}}  # fmt: skip
    later = {"request": {"input": "More", "previous_response_id": "resp_0"},
             "response": {"output": [made]}}  # fmt: skip
    document, cases = imported(lines(tmp_path / "r.jsonl", first, items, later))
    assert [len(case["expect"]["actions"]) for case in cases] == [1, 1]
    assert "resp_0" in document["left"][0]["what"]


def test_a_list_streams_and_tells_where_it_breaks_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialgate_evals.importing.reading.json_parts._CHUNK", 1001)
    path = tmp_path / "many.json"
    many = [chat([user(f"Refund {'éxtra ' * 30}{n}")], REFUND) for n in range(70)]
    path.write_text(json.dumps(many, ensure_ascii=False)[:-40], "utf-8")
    document = import_suite(ImportRequest(sources=(path,), format=None, out=None))
    assert document["cases"] == 69
    assert document["left"][-1]["place"].endswith("element 70")
    assert document["files"] == []


@pytest.mark.parametrize(
    "text",
    ["", "[", "[1, 2", "{", '{"a": 1}', "null", "[[[" * 5000, '{"messages": [{}]}', "\xff\x00"],
)
def test_hostile_files_are_told_of_and_nothing_is_written(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(EvidenceError):
        import_suite(ImportRequest(sources=(path,), format=None, out=tmp_path / "out"))
    assert not (tmp_path / "out" / "suite.toml").exists()


def test_folders_formats_and_places_that_cannot_be_used(tmp_path: Path) -> None:
    path = lines(tmp_path / "log.jsonl", chat([user("Refund R-1")], REFUND))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine", "utf-8")
    for request in (
        ImportRequest(sources=(path,), format="opnai-chat", out=None),
        ImportRequest(sources=(tmp_path / "no",), format=None, out=None),
        ImportRequest(sources=(path,), format=None, out=tmp_path / "full"),
    ):
        with pytest.raises(UsageError):
            import_suite(request)


def test_hostile_names_stay_inside_their_files(tmp_path: Path) -> None:
    name = 'rm"]\nproposed = "x\x7f😀'
    first, second = (
        {
            "id": "../../etc\n",
            "messages": [user(said), calls(a_call(name + more, {"__proto__": 1}))],
        }
        for said, more in (("go", ""), ("stop", "\ud83d"))
    )
    document, cases = imported(lines(tmp_path / "x.jsonl", first, second))
    assert [case["expect"]["actions"][0]["name"] for case in cases] == [name]
    assert "/" not in cases[0]["id"]
    assert "no file" in document["left"][0]["why"]
