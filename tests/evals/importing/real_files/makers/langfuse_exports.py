"""Observations of langfuse: what its SDK records of the openai package, in its API's own types.

Its server can't be run here: the SDK's spans are put into the types that its API client reads, as
one page of the present API, as lines, as CSV, and as traces of the API before.
"""

import csv
import datetime as dt
import json
import os
from pathlib import Path

from langfuse import Langfuse, observe
from langfuse.api.commons.types.observation_v2 import ObservationV2
from langfuse.openai import openai
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

OUT = Path(os.environ["OUT"]) / "langfuse"
OUT.mkdir()
ASKED = ["Please refund O-1.", "Where are O-2 and O-3?", "Hello!"]
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
spans = InMemorySpanExporter()
langfuse = Langfuse(
    public_key="pk", secret_key="sk", base_url=os.environ["FAKE_MODELS"], span_exporter=spans
)
client = openai.OpenAI(base_url=os.environ["FAKE_MODELS"] + "/v1", api_key="none")


@observe(as_type="tool")
def result_of(name: str, arguments: str) -> str:
    return json.dumps({"status": "paid", "amount": 30} if name == "get_order" else {"ok": True})


@observe(as_type="agent")
def agent(text: str) -> str:
    messages = [
        {"role": "system", "content": "You are a support desk."},
        {"role": "user", "content": text},
    ]
    while True:
        message = (
            client.chat.completions.create(model="fake-1", messages=list(messages), tools=TOOLS)
            .choices[0]
            .message
        )
        messages.append(message.model_dump(exclude_none=True))
        if not message.tool_calls:
            return message.content
        for call in message.tool_calls:
            answer = result_of(call.function.name, call.function.arguments)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": answer})


@observe()
def streaming(text: str) -> None:
    list(
        client.chat.completions.create(
            model="fake-1", messages=[{"role": "user", "content": text}], tools=TOOLS, stream=True
        )
    )


@observe()
def responding(text: str) -> None:
    flat = [{"type": "function", "strict": False, **tool["function"]} for tool in TOOLS]
    given = [{"role": "user", "content": text}]
    while True:
        answer = client.responses.create(model="fake-1", input=list(given), tools=flat)
        given += [item.model_dump(exclude_none=True) for item in answer.output]
        calls = [item for item in answer.output if item.type == "function_call"]
        if not calls:
            return
        given += [
            {"type": "function_call_output", "call_id": call.call_id, "output": "ok"}
            for call in calls
        ]


def observations(parse):
    langfuse.flush()
    found = []
    for span in spans.get_finished_spans():
        values = dict(span.attributes or {})

        def given(key, values=values):
            written = values.get("langfuse.observation." + key)
            if written is None or not parse:
                return written
            try:
                return json.loads(written)
            except ValueError:
                return written

        parent = span.parent
        made = ObservationV2(
            id=format(span.context.span_id, "016x"),
            trace_id=format(span.context.trace_id, "032x"),
            start_time=dt.datetime.fromtimestamp(span.start_time / 1e9, dt.UTC),
            end_time=dt.datetime.fromtimestamp(span.end_time / 1e9, dt.UTC),
            project_id="p1",
            parent_observation_id=format(parent.span_id, "016x") if parent else None,
            type=str(values.get("langfuse.observation.type", "span")).upper(),
            name=span.name,
            input=given("input"),
            output=given("output"),
            model_parameters=given("model.parameters"),
            session_id="s1",
        )
        found.append(json.loads(made.model_dump_json(by_alias=True, exclude_none=True)))
    spans.clear()
    return found


def lines(name, items):
    text = "".join(json.dumps(item) + "\n" for item in items)
    (OUT / name).write_text(text, encoding="utf-8")


for text in ASKED:
    agent(text)
page = observations(parse=True)
(OUT / "page.json").write_text(json.dumps({"data": page, "meta": {"cursor": None}}), "utf-8")
lines("observations.jsonl", page)
traces = {}
for item in page:
    traces.setdefault(
        item["traceId"],
        {
            "id": item["traceId"],
            "name": "agent",
            "projectId": "p1",
            "timestamp": item["startTime"],
            "htmlPath": "/",
            "latency": 1.0,
            "totalCost": 0.0,
            "input": {"args": ["…"]},
            "output": "Done.",
            "observations": [],
            "scores": [],
        },
    )["observations"].append(item)
(OUT / "traces.json").write_text(json.dumps(list(traces.values()), indent=1), "utf-8")
for text in ASKED:
    agent(text)
texts = observations(parse=False)
with (OUT / "observations.csv").open("w", newline="", encoding="utf-8") as file:
    writer = csv.DictWriter(file, list(dict.fromkeys(key for item in texts for key in item)))
    writer.writeheader()
    writer.writerows(texts)
for text in ASKED:
    streaming(text)
lines("streamed.jsonl", observations(parse=True))
for text in ASKED:
    responding(text)
lines("responses.jsonl", observations(parse=True))
