"""An export of traces as Langfuse writes it, of a shop's agent that a model answered for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.outside import model_apis
from tests.outside.shop_model import Call, decide

if TYPE_CHECKING:
    from collections.abc import Iterable

PROMPT = "You answer shop customers. Refund up to 50 USD yourself; hand over the rest."
AMOUNTS = (12.5, 49.9, 50, 7, 33.33, 899, 450, 50.01, 1200, 640)
_ARGUMENTS = {
    "get_order": {"order_id": "string"},
    "refund": {"order_id": "string", "amount": "number"},
    "hand_over": {"reason": "string"},
    "send_email": {"to": "string", "body": "string"},
}


def tools() -> list[dict[str, Any]]:
    """The tools that the agent showed to its model."""
    return [
        {"type": "function", "function": {"name": name, "description": "", "parameters": {
            "type": "object", "required": list(given),
            "properties": {key: {"type": kind} for key, kind in given.items()}}}}
        for name, given in _ARGUMENTS.items()
    ]  # fmt: skip


def export(requests: Iterable[str]) -> list[dict[str, Any]]:
    """A trace for each request, its generations as observations."""
    return [_trace(number, request) for number, request in enumerate(requests, 1)]


def _trace(number: int, request: str) -> dict[str, Any]:
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": PROMPT}, {"role": "user", "content": request},
    ]  # fmt: skip
    observations: list[dict[str, Any]] = []
    while True:
        decided = decide(model_apis.read_chat({"messages": messages, "tools": tools()}))
        said = model_apis.write_chat(decided)["choices"][0]["message"]
        observations.append(_generation(number, len(observations), list(messages), said))
        messages.append(said)
        if not isinstance(decided, Call):
            break
        answer = json.dumps(_answer(decided))
        call_id = said["tool_calls"][0]["id"]
        messages.append({"role": "tool", "tool_call_id": call_id, "content": answer})
    return {
        "id": f"trace-{number:02}", "name": "shop-desk",
        "timestamp": f"2026-11-01T08:{number:02}:00Z",
        "input": {"text": request}, "output": messages[-1]["content"], "metadata": {}, "tags": [],
        "observations": observations,
    }  # fmt: skip


def _generation(number: int, index: int, seen: list[Any], said: dict[str, Any]) -> dict[str, Any]:
    at = f"2026-11-01T08:{number:02}:{index:02}Z"
    return {
        "id": f"observation-{number:02}-{index}", "traceId": f"trace-{number:02}",
        "type": "GENERATION", "name": "chat", "model": "gpt-4.1-mini-2025-04-14",
        "startTime": at, "endTime": at, "level": "DEFAULT", "modelParameters": {},
        "input": {"messages": seen, "tools": tools()}, "output": said,
        "usage": {"input": 5, "output": 2, "total": 7, "unit": "TOKENS"},
    }  # fmt: skip


def _answer(call: Call) -> Any:
    if call.name != "get_order":
        return "ok"
    number = int(call.arguments["order_id"].partition("-")[2])
    amount = AMOUNTS[number - 101]
    return {"amount": amount, "status": "paid", "email": f"c{number}@example.com"}
