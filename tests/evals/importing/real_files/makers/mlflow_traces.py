"""Traces of mlflow: its automatic tracing of the openai and anthropic packages, JSON and lines."""

import os
from pathlib import Path

import anthropic
import mlflow
import openai

OUT = Path(os.environ["OUT"]) / "mlflow"
OUT.mkdir()
mlflow.set_tracking_uri("sqlite:///" + str(Path(os.environ["SCRATCH"]) / "mlflow.db"))
mlflow.openai.autolog()
mlflow.anthropic.autolog()
URL = os.environ["FAKE_MODELS"]
ASKED = ["Please refund O-1.", "Where are O-2 and O-3?", "Hello!"]
SCHEMAS = {
    "get_order": {
        "type": "object",
        "required": ["order_id"],
        "properties": {"order_id": {"type": "string"}},
    },
    "refund": {
        "type": "object",
        "required": ["order_id", "amount"],
        "properties": {"order_id": {"type": "string"}, "amount": {"type": "number"}},
    },
}
TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": schema}}
    for name, schema in SCHEMAS.items()
]
client = openai.OpenAI(base_url=URL + "/v1", api_key="none")
other = anthropic.Anthropic(base_url=URL, api_key="none")


def by_openai(text):
    messages = [{"role": "user", "content": text}]
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
            messages.append({"role": "tool", "tool_call_id": call.id, "content": '{"ok": true}'})


def by_anthropic(text):
    messages = [{"role": "user", "content": text}]
    while True:
        answer = other.messages.create(
            model="fake-1",
            max_tokens=99,
            messages=list(messages),
            system="You are a desk.",
            tools=[{"name": name, "input_schema": schema} for name, schema in SCHEMAS.items()],
        )
        messages.append(
            {
                "role": "assistant",
                "content": [block.model_dump(exclude_none=True) for block in answer.content],
            }
        )
        results = [
            {"type": "tool_result", "tool_use_id": block.id, "content": '{"ok": true}'}
            for block in answer.content
            if block.type == "tool_use"
        ]
        if not results:
            return "done"
        messages.append({"role": "user", "content": results})


def by_responses(text):
    given = [{"role": "user", "content": text}]
    flat = [
        {"type": "function", "name": name, "parameters": schema, "strict": False}
        for name, schema in SCHEMAS.items()
    ]
    while True:
        answer = client.responses.create(model="fake-1", input=list(given), tools=flat)
        given += [item.model_dump(exclude_none=True) for item in answer.output]
        calls = [item for item in answer.output if item.type == "function_call"]
        if not calls:
            return "done"
        given += [
            {"type": "function_call_output", "call_id": call.call_id, "output": "ok"}
            for call in calls
        ]


def by_stream(text):
    list(
        client.chat.completions.create(
            model="fake-1", messages=[{"role": "user", "content": text}], tools=TOOLS, stream=True
        )
    )


for name, talk in (
    ("openai", by_openai),
    ("anthropic", by_anthropic),
    ("responses", by_responses),
    ("streamed", by_stream),
):
    experiment = mlflow.set_experiment(name)
    agent = mlflow.trace(talk, name="agent")
    for text in ASKED:
        agent(text)
    mlflow.flush_trace_async_logging()
    traces = mlflow.search_traces(return_type="list", locations=[experiment.experiment_id])
    texts = [trace.to_json() for trace in traces]
    (OUT / f"{name}.jsonl").write_text("\n".join(texts) + "\n", encoding="utf-8")
    if name == "openai":
        (OUT / "one.json").write_text(traces[0].to_json(pretty=True), encoding="utf-8")
