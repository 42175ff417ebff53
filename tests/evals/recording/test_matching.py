"""Which recorded answer belongs to a request, and what is said where none does."""

from __future__ import annotations

from typing import Any

from dialgate_evals.recording.apis.registry import APIS
from dialgate_evals.recording.exchanges import ToolExchange
from dialgate_evals.recording.json_rpc import Pairing, messages_in, reply
from dialgate_evals.recording.matching import Replies, ToolReplies
from tests.evals.recording.exchanged import TOOLS, calls, chat, says, user

CHAT = APIS["openai-chat"]


def body(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages), "tools": TOOLS, **more}


def said(replies: Replies, asked: dict[str, Any]) -> str | None:
    found = replies.find(CHAT, asked)
    return None if found is None or found.answer is None else CHAT.said(found.answer)[0]["content"]


def test_a_question_gets_its_answers_in_their_order_then_the_last_again() -> None:
    replies = Replies([chat([user("Hi")], says("2"), 2), chat([user("Hi")], says("1"), 1)])
    assert [said(replies, body(user("Hi"))) for _ in range(4)] == ["1", "2", "2", "2"]


def test_how_an_answer_is_to_come_is_no_part_of_the_question() -> None:
    replies = Replies([chat([user("Hi")], says("1"), body={"stream": True, "user": "u"})])
    assert said(replies, body(user("Hi"), stream=False, metadata={"a": "b"})) == "1"


def test_another_model_tool_or_temperature_is_another_question() -> None:
    replies = Replies([chat([user("Hi")], says("1"))])
    assert said(replies, body(user("Hi"), model="n")) is None
    assert said(replies, body(user("Hi"), tools=[])) is None
    assert said(replies, body(user("Hi"), temperature=0.5)) is None


def test_an_error_is_given_back_only_where_there_was_no_answer() -> None:
    failed = chat([user("Hi")], says("overloaded"), status=529, error="HTTP 529")
    only = Replies([failed])
    found = only.find(CHAT, body(user("Hi")))
    assert found is not None
    assert found.status == 529
    assert said(Replies([failed, chat([user("Hi")], says("1"), 1)]), body(user("Hi"))) == "1"


def test_what_was_not_answered_is_no_recording() -> None:
    replies = Replies([chat([user("Hi")], None)])
    assert len(replies) == 0
    assert replies.find(CHAT, body(user("Hi"))) is None


def test_the_nearest_recording_shares_most_messages_and_what_differs_is_named() -> None:
    replies = Replies([
        chat([user("Other")], says("1"), 1),
        chat([user("Hi"), calls("refund"), user("Go on")], says("2"), 2),
    ])  # fmt: skip
    told = replies.explain(CHAT, body(user("Hi"), calls("refund"), user("Stop")))
    assert 'asked: user "Stop"' in told
    assert 'The nearest recording (line 2) differs: its message 3 is user "Go on"' in told
    told = replies.explain(CHAT, body(user("Other"), model="n"))
    assert '(line 1) differs: its model is "m", asked with "n"' in told
    assert "it goes on with message 2" in replies.explain(CHAT, body(user("Hi")))
    told = replies.explain(CHAT, body(user("Other"), says("1"), user("So?")))
    assert "it ends before message 2" in told


def test_with_nothing_recorded_for_an_api_that_is_said() -> None:
    told = Replies([chat([user("Hi")], says("1"))]).explain(APIS["anthropic"], body(user("Hi")))
    assert "Nothing is recorded for anthropic" in told


def called(id_: str, text: str, at: float = 0, **more: Any) -> ToolExchange:
    params = {"name": "look", "arguments": {"id": id_}}
    return ToolExchange(
        server="shop", at=at, method="tools/call", params=params, result={"t": text}, place=id_,
        **more,
    )  # fmt: skip


def ask(replies: ToolReplies, id_: str, **more: Any) -> dict[str, Any]:
    params = {"name": "look", "arguments": {"id": id_}, "_meta": {"progressToken": 7}}
    message = {"jsonrpc": "2.0", "id": 3, "method": "tools/call", **more}
    found = reply({**message, "params": params}, replies, "shop", params)
    assert found is not None
    return found


def test_a_call_is_answered_by_its_name_and_arguments_whoever_asks() -> None:
    replies = ToolReplies([called("a", "1"), called("b", "2"), called("a", "3", 1)])
    found = [ask(replies, id_) for id_ in "abaa"]
    assert [item["result"]["t"] for item in found] == ["1", "2", "3", "3"]
    assert {item["id"] for item in found} == {3}


def test_a_call_that_was_not_recorded_is_an_error_with_the_nearest() -> None:
    found = ask(ToolReplies([called("a", "1")]), "c")
    assert "result" not in found
    told = found["error"]["message"]
    assert '"id":"c"' in told
    assert '(a): {"arguments":{"id":"a"},"name":"look"}' in told


def test_another_servers_recordings_answer_nothing() -> None:
    replies = ToolReplies([called("a", "1")])
    params = {"name": "look", "arguments": {"id": "a"}}
    found = reply({"id": 1, "method": "tools/call", "params": params}, replies, "bank", params)
    assert found is not None
    assert "error" in found


def test_an_answer_of_another_version_of_the_protocol_is_none() -> None:
    meta = {"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}}
    pairing = Pairing("shop")
    for number, more in enumerate(({}, meta)):
        pairing.asked({"id": number, "method": "tools/list", "params": more}, number)
    made = [pairing.answered({"id": n, "result": {"tools": [n]}}) for n in (0, 1)]
    replies = ToolReplies([item for item in made if item is not None])
    for more, found in (({}, 0), (meta, 1), ({}, 0)):
        answer = reply({"id": 5, "method": "tools/list", "params": more}, replies, "shop", more)
        assert answer is not None
        assert answer["result"] == {"tools": [found]}


def test_what_wants_no_answer_gets_none_and_a_ping_one() -> None:
    replies = ToolReplies([])
    assert reply({"method": "notifications/initialized"}, replies, "shop", {}) is None
    assert reply({"id": 1, "result": {}}, replies, "shop", {}) is None
    assert reply({"id": 1, "method": "ping"}, replies, "shop", {}) == {
        "jsonrpc": "2.0", "id": 1, "result": {},
    }  # fmt: skip


def test_requests_find_their_answers_by_id_also_in_batches_and_odd_lines() -> None:
    pairing = Pairing("shop")
    asked = b'[{"id": 1, "method": "a"}, {"id": "1", "method": "b", "params": {"_meta": 1}}]'
    for message in messages_in(asked):
        pairing.asked(message, 5.0)
    lines = [b"no json", b"[]", b"7", b'{"id": 9, "result": {}}', b'{"method": "note"}']
    answers = [*lines, b'{"id": "1", "error": {"code": 1}}', b'{"id": 1, "result": {"x": 2}}']
    found = [pairing.answered(message) for raw in answers for message in messages_in(raw)]
    kept = [item for item in found if item is not None]
    assert [(item.method, item.params, item.result, item.error) for item in kept] == [
        ("b", {}, None, {"code": 1}), ("a", {}, {"x": 2}, None),
    ]  # fmt: skip
