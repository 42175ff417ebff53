"""A model on loopback for the tools to talk to: OpenAI's chat and Responses, Anthropic's messages.

It looks up orders and refunds them, by what the user says: "refund O-1" reads the order, pays it
back and says so; "O-1 and O-2" asks for both at once; "CALL name {...}" makes that call. Asked to
play a user, it reads out what the scenario asks for and says ###STOP###. Standard library only.
"""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ORDER = re.compile(r"O-\d+")
NUMBERS = count(1)
HELD: dict[str, list[dict[str, Any]]] = {}
"""What was said before a response, by its id."""


def answer_to(said: str, answered: list[str]) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
    """The text and the calls that follow a user's words and what the tools answered since."""
    asked = re.search(r"CALL (\w+) (\{.*?\})", said)
    if asked:
        made = [] if answered else [(asked[1], json.loads(asked[2]))]
        return "" if made else "It is done.", made
    orders = list(dict.fromkeys(ORDER.findall(said)))
    if not orders:
        return "Which order is it about?", []
    if not answered:
        return "", [("get_order", {"order_id": order}) for order in orders]
    if "refund" in said.lower() and len(answered) == len(orders):
        return "", [("refund", {"order_id": order, "amount": 30}) for order in orders]
    return f"Done: {', '.join(orders)}.", []


def _plain(content: Any) -> str:
    if isinstance(content, str):
        return content
    return " ".join(str(part.get("text", "")) for part in content or [] if isinstance(part, dict))


def _since_the_user(messages: list[dict[str, Any]]) -> tuple[str, list[str]]:
    """What the user said last, and each answer of a tool after it, in any of the three forms."""
    said, answered = "", []
    for message in messages:
        content = message.get("content")
        results = [
            part
            for part in (content if isinstance(content, list) else [])
            if isinstance(part, dict) and part.get("type") == "tool_result"
        ]
        answered += [_plain(part.get("content")) for part in results]
        if message.get("type") == "function_call_output" or message.get("role") == "tool":
            answered.append(_plain(content))
        elif message.get("role") == "user" and not results:
            said, answered = _plain(content), []
    return said, answered


def _as_a_user(asked: dict[str, Any]) -> tuple[str, list[tuple[str, dict[str, Any]]]] | None:
    """What a simulated user says: the first call that its scenario spells, then that it is done."""
    system = _plain(asked["messages"][0].get("content"))
    if "###STOP###" not in system:
        return None
    if any(message["role"] == "assistant" for message in asked["messages"]):
        return "###STOP###", []
    wanted = re.search(r"\'([^\']+)\' for (user_\d)", system)
    title, user = wanted.groups() if wanted else ("Meeting", "user_1")
    return f'Please CALL create_task {{"user_id": "{user}", "title": "{title}"}}', []


def chat(asked: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[str, dict[str, Any]]]]:
    """A chat completion, and its stream."""
    text, calls = _as_a_user(asked) or answer_to(*_since_the_user(asked["messages"]))
    id_, model = f"chatcmpl-{next(NUMBERS)}", asked.get("model", "fake-1")
    made: list[dict[str, Any]] = [
        {"id": f"call_{next(NUMBERS)}", "type": "function",
         "function": {"name": name, "arguments": json.dumps(arguments)}}
        for name, arguments in calls
    ]  # fmt: skip
    reason = "tool_calls" if made else "stop"
    message: dict[str, Any] = {"role": "assistant", "content": text or None, "refusal": None}
    if made:
        message["tool_calls"] = made
    usage = {"prompt_tokens": 20, "completion_tokens": 8, "total_tokens": 28}
    same = {"id": id_, "created": 1790000000, "model": model}
    whole = {**same, "object": "chat.completion", "usage": usage,
             "choices": [{"index": 0, "message": message, "finish_reason": reason,
                          "logprobs": None}]}  # fmt: skip

    def chunk(delta: dict[str, Any], end: str | None = None) -> tuple[str, dict[str, Any]]:
        choice = {"index": 0, "delta": delta, "finish_reason": end, "logprobs": None}
        return "", {**same, "object": "chat.completion.chunk", "choices": [choice]}

    pieces = [chunk({"role": "assistant", "content": "" if text else None})]
    pieces += [chunk({"content": word + " "}) for word in text.split()]
    for index, call in enumerate(made):
        function = call["function"]
        start = {"index": index, **call, "function": {"name": function["name"], "arguments": ""}}
        pieces.append(chunk({"tool_calls": [start]}))
        written = function["arguments"]
        for part in (written[:9], written[9:]):
            pieces.append(
                chunk({"tool_calls": [{"index": index, "function": {"arguments": part}}]})
            )
    pieces.append(chunk({}, reason))
    pieces.append(("", {**same, "object": "chat.completion.chunk", "choices": [], "usage": usage}))
    return whole, pieces


def responses(asked: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[str, dict[str, Any]]]]:
    """A response of OpenAI's Responses, and its stream."""
    given = asked["input"]
    items = [{"role": "user", "content": given}] if isinstance(given, str) else list(given)
    items = HELD.get(asked.get("previous_response_id") or "", []) + items
    text, calls = answer_to(*_since_the_user(
        [i | {"content": i["output"]} if "output" in i else i for i in items]))  # fmt: skip
    output: list[dict[str, Any]] = [
        {"type": "function_call", "id": f"fc_{next(NUMBERS)}", "call_id": f"call_{next(NUMBERS)}",
         "name": name, "arguments": json.dumps(arguments), "status": "completed"}
        for name, arguments in calls
    ]  # fmt: skip
    if text:
        part = {"type": "output_text", "text": text, "annotations": []}
        output.append({"type": "message", "id": f"msg_{next(NUMBERS)}", "role": "assistant",
                       "status": "completed", "content": [part]})  # fmt: skip
    usage = {"input_tokens": 20, "output_tokens": 8, "total_tokens": 28,
             "input_tokens_details": {"cached_tokens": 0},
             "output_tokens_details": {"reasoning_tokens": 0}}  # fmt: skip
    whole = {
        "id": f"resp_{next(NUMBERS)}", "object": "response", "created_at": 1790000000,
        "model": asked.get("model", "fake-1"), "status": "completed", "output": output,
        "parallel_tool_calls": True, "tool_choice": "auto", "tools": asked.get("tools", []),
        "usage": usage, "error": None, "incomplete_details": None, "instructions": None,
        "metadata": {}, "temperature": 1.0, "top_p": 1.0,
    }  # fmt: skip
    HELD[whole["id"]] = items
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    events: list[dict[str, Any]] = [{"type": "response.created", "response": begun}]
    for index, item in enumerate(output):
        place = {"output_index": index, "item_id": item["id"]}
        empty = {**item, "status": "in_progress"}
        empty |= dict[str, Any](arguments="") if "arguments" in item else {"content": []}
        events.append({"type": "response.output_item.added", "output_index": index, "item": empty})
        if "arguments" in item:
            kind = "response.function_call_arguments"
            events.append({"type": f"{kind}.delta", **place, "delta": item["arguments"]})
            events.append({"type": f"{kind}.done", **place, "arguments": item["arguments"],
                           "name": item["name"]})  # fmt: skip
        else:
            part = item["content"][0]
            at = {**place, "content_index": 0}
            events.append({"type": "response.content_part.added", **at,
                           "part": {**part, "text": ""}})  # fmt: skip
            events.append({"type": "response.output_text.delta", **at, "delta": part["text"],
                           "logprobs": []})  # fmt: skip
            events.append({"type": "response.output_text.done", **at, "text": part["text"],
                           "logprobs": []})  # fmt: skip
            events.append({"type": "response.content_part.done", **at, "part": part})
        events.append({"type": "response.output_item.done", "output_index": index, "item": item})
    events.append({"type": "response.completed", "response": whole})
    return whole, [
        (event["type"], {**event, "sequence_number": number}) for number, event in enumerate(events)
    ]


def messages(asked: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[str, dict[str, Any]]]]:
    """A message of Anthropic's, and its stream."""
    text, calls = answer_to(*_since_the_user(asked["messages"]))
    blocks: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
    blocks += [
        {"type": "tool_use", "id": f"toolu_{next(NUMBERS)}", "name": name, "input": arguments}
        for name, arguments in calls
    ]
    usage = {"input_tokens": 20, "output_tokens": 8}
    whole = {
        "id": f"msg_{next(NUMBERS)}", "type": "message", "role": "assistant", "content": blocks,
        "model": asked.get("model", "fake-1"), "stop_sequence": None, "usage": usage,
        "stop_reason": "tool_use" if calls else "end_turn",
    }  # fmt: skip
    begun = {**whole, "content": [], "stop_reason": None}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": begun}, {"type": "ping"}]
    for index, block in enumerate(blocks):
        empty = block | (dict[str, Any](text="") if "text" in block else {"input": {}})
        events.append({"type": "content_block_start", "index": index, "content_block": empty})
        if "text" in block:
            deltas = [{"type": "text_delta", "text": block["text"]}]
        else:
            written = json.dumps(block["input"])
            deltas = [{"type": "input_json_delta", "partial_json": piece}
                      for piece in ("", written[:7], written[7:])]  # fmt: skip
        for delta in deltas:
            events.append({"type": "content_block_delta", "index": index, "delta": delta})
        events.append({"type": "content_block_stop", "index": index})
    ends = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    events.append({"type": "message_delta", "delta": ends, "usage": {"output_tokens": 8}})
    events.append({"type": "message_stop"})
    return whole, [(event["type"], event) for event in events]


KINDS = {"/chat/completions": chat, "/responses": responses, "/messages": messages}


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        """A list of models."""
        self._send(b'{"object": "list", "data": [{"id": "fake-1", "object": "model"}]}')

    def do_POST(self) -> None:
        """An answer of the kind that the path names; any other path is accepted."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        kind = next((kind for end, kind in KINDS.items() if path.endswith(end)), None)
        if kind is None:
            self._send(b"{}")
            return
        asked = json.loads(raw)
        whole, pieces = kind(asked)
        if not asked.get("stream"):
            self._send(json.dumps(whole).encode())
            return
        lines = [
            (f"event: {name}\n" if name else "") + f"data: {json.dumps(piece)}\n\n"
            for name, piece in pieces
        ]
        end = "data: [DONE]\n\n" if kind is chat else ""
        self._send(("".join(lines) + end).encode(), "text/event-stream")

    def _send(self, body: bytes, kind: str = "application/json") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def fake_models() -> Iterator[str]:
    """Its address on loopback, without a path."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
