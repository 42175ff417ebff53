"""Logs of the anthropic package: pairs of request and answer, streams, message batches."""

import json
import os
from pathlib import Path

import anthropic
import httpx2

OUT = Path(os.environ["OUT"])
TOOLS = [
    {
        "name": name,
        "description": about,
        "input_schema": {"type": "object", "required": list(properties), "properties": properties},
    }
    for name, about, properties in (
        ("get_order", "Look an order up.", {"order_id": {"type": "string"}}),
        (
            "refund",
            "Pay an order back.",
            {"order_id": {"type": "string"}, "amount": {"type": "number"}},
        ),
    )
]
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgAAIAAAUAAen63NgAAAAASUVORK5CYII="
)
ASKED = [
    "Please refund O-1.",
    "Where are O-2 and O-3?",
    "Hello!",
    [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PICTURE}},
        {"type": "text", "text": "Refund O-7, it came broken."},
    ],
]
SEEN = []


def keep(response):
    response.read()
    body = response.text if "stream" in response.headers["content-type"] else response.json()
    SEEN.append({"request": json.loads(response.request.content), "response": body})


client = anthropic.Anthropic(
    base_url=os.environ["FAKE_MODELS"],
    api_key="none",
    http_client=httpx2.Client(event_hooks={"response": [keep]}),
)


def talk(content, log, streams=False):
    messages = [{"role": "user", "content": content}]
    while True:
        asked = {
            "model": "fake-1",
            "max_tokens": 100,
            "messages": list(messages),
            "tools": TOOLS,
            "system": [{"type": "text", "text": "You are a support desk."}],
        }
        if streams:
            with client.messages.stream(**asked) as stream:
                events = [event.model_dump() for event in stream]
                answer = stream.get_final_message()
            log.append({"request": asked, "response": events})
        else:
            answer = client.messages.create(**asked)
            log.append({"request": asked, "response": answer.model_dump()})
        messages.append(
            {
                "role": "assistant",
                "content": [block.model_dump(exclude_none=True) for block in answer.content],
            }
        )
        results = [
            {
                "type": "tool_result",
                "tool_use_id": block.id,
                "content": json.dumps(
                    {"status": "paid"} if block.name == "get_order" else {"ok": True}
                ),
            }
            for block in answer.content
            if block.type == "tool_use"
        ]
        if not results:
            return
        messages.append({"role": "user", "content": results})


def write(name, lines):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (OUT / "anthropic" / name).write_text(text, encoding="utf-8")


(OUT / "anthropic").mkdir()
pairs, events = [], []
for text in ASKED:
    talk(text, pairs)
write("pairs.jsonl", pairs)
SEEN.clear()
for text in ASKED:
    talk(text, events, streams=True)
write("events.jsonl", events)
write("wire-streamed.jsonl", SEEN)
requests = [{"custom_id": f"r-{n}", "params": pair["request"]} for n, pair in enumerate(pairs)]
results = [
    {"custom_id": f"r-{n}", "result": {"type": "succeeded", "message": pair["response"]}}
    for n, pair in enumerate(pairs)
]
results[-1] = {
    **results[-1],
    "result": {
        "type": "errored",
        "error": {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
    },
}
(OUT / "anthropic/batch").mkdir()
write("batch/requests.jsonl", requests)
write("batch/results.jsonl", results)
