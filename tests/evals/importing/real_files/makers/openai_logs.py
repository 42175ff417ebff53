"""Logs of the openai package: pairs of request and answer, streams, batch files, Responses."""

import json
import os
from pathlib import Path

import httpx
import openai
from openai.lib.streaming.chat import ChatCompletionStreamState

OUT = Path(os.environ["OUT"])
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": about,
            "parameters": {
                "type": "object",
                "required": list(properties),
                "properties": properties,
            },
        },
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
FLAT = [{"type": "function", "strict": False, **tool["function"]} for tool in TOOLS]
PICTURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgAAIAAAUAAen63NgAAAAASUVORK5CYII="
ASKED = ["Please refund O-1.", "Where are O-2 and O-3?", "Hello!"]
SEEN = []


def keep(response):
    """Keeps what went over the wire, as a logging middleware does."""
    response.read()
    kind = response.headers["content-type"]
    body = response.text if "event-stream" in kind else response.json()
    SEEN.append(
        {
            "request": json.loads(response.request.content),
            "response": {"status_code": response.status_code, "body": body},
        }
    )


client = openai.OpenAI(
    base_url=os.environ["FAKE_MODELS"] + "/v1",
    api_key="none",
    http_client=httpx.Client(event_hooks={"response": [keep]}),
)


def result_of(name):
    return json.dumps({"status": "paid", "amount": 30} if name == "get_order" else {"ok": True})


def talk(content, log, stream=False):
    """The usual loop of an agent; `log` gets each request with what the package gave back."""
    messages = [
        {"role": "system", "content": "You are a support desk."},
        {"role": "user", "content": content},
    ]
    while True:
        asked = {"model": "fake-1", "messages": list(messages), "tools": TOOLS}
        if stream:
            chunks = list(client.chat.completions.create(**asked, stream=True))
            log.append({**asked, "stream": True, "response": [c.model_dump() for c in chunks]})
            state = ChatCompletionStreamState()
            for chunk in chunks:
                state.handle_chunk(chunk)
            message = state.get_final_completion().choices[0].message
        else:
            answer = client.chat.completions.create(**asked)
            log.append({"request": asked, "response": answer.model_dump()})
            message = answer.choices[0].message
        messages.append(message.model_dump(exclude_none=True))
        if not message.tool_calls:
            return messages
        for call in message.tool_calls:
            messages.append(
                {"role": "tool", "tool_call_id": call.id, "content": result_of(call.function.name)}
            )


(OUT / "openai-chat").mkdir()


def write(name, lines):
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (OUT / name).write_text(text, encoding="utf-8")


pairs, streamed, tuning = [], [], []
picture = [
    {"type": "text", "text": "Refund O-7, it came broken."},
    {"type": "image_url", "image_url": {"url": PICTURE}},
]
for text in [*ASKED, picture]:
    tuning.append({"messages": talk(text, pairs), "tools": TOOLS})
write("openai-chat/pairs.jsonl", pairs)
write("openai-chat/wire.jsonl", SEEN)
write("openai-chat/fine-tuning.jsonl", tuning)
SEEN.clear()
for text in ASKED:
    talk(text, streamed, stream=True)
write("openai-chat/chunks.jsonl", streamed)
write("openai-chat/wire-streamed.jsonl", SEEN)

inputs, outputs = [], []
for number, pair in enumerate(pairs):
    id_ = f"request-{number}"
    inputs.append(
        {"custom_id": id_, "method": "POST", "url": "/v1/chat/completions", "body": pair["request"]}
    )
    outputs.append(
        {
            "id": f"batch_req_{number}",
            "custom_id": id_,
            "error": None,
            "response": {
                "status_code": 200,
                "request_id": f"req_{number}",
                "body": pair["response"],
            },
        }
    )
outputs[-1] = {
    **outputs[-1],
    "response": None,
    "error": {"code": "batch_expired", "message": "It took too long."},
}
(OUT / "openai-chat/batch").mkdir()
write("openai-chat/batch/input.jsonl", inputs)
write("openai-chat/batch/output.jsonl", outputs)


def respond(text, log, mode):
    given = [{"role": "user", "content": text}]
    previous, later = None, []
    while True:
        asked = {
            "model": "fake-1",
            "input": list(given),
            "tools": FLAT,
            "instructions": "You are a support desk.",
        }
        if mode == "previous" and previous:
            asked.update(previous_response_id=previous, input=later)
        if mode == "stream":
            events = list(client.responses.create(**asked, stream=True))
            log.append(
                {
                    "request": {**asked, "stream": True},
                    "response": [event.model_dump() for event in events],
                }
            )
            answer = events[-1].response
        else:
            answer = client.responses.create(**asked)
            log.append({"request": asked, "response": answer.model_dump()})
        previous = answer.id
        given += [item.model_dump(exclude_none=True) for item in answer.output]
        later = [
            {
                "type": "function_call_output",
                "call_id": item.call_id,
                "output": result_of(item.name),
            }
            for item in answer.output
            if item.type == "function_call"
        ]
        if not later:
            return given
        given += later


(OUT / "openai-responses").mkdir()
for mode in ("pairs", "stream", "previous"):
    SEEN.clear()
    log = []
    for text in ASKED:
        respond(text, log, mode)
    write(f"openai-responses/{mode}.jsonl", log)
    if mode == "stream":
        write("openai-responses/wire-streamed.jsonl", SEEN)
