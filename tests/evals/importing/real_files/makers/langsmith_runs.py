"""Runs of langsmith: what the client sends, of the wrapped openai client and of LangChain."""

import json
import os
import uuid
from pathlib import Path

os.environ["LANGSMITH_TRACING"] = "true"
import openai
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langsmith import Client, schemas, traceable
from langsmith.run_helpers import tracing_context
from langsmith.wrappers import wrap_openai

OUT = Path(os.environ["OUT"]) / "langsmith"
OUT.mkdir()
URL = os.environ["FAKE_MODELS"] + "/v1"
ASKED = ["Please refund O-1.", "Where are O-2 and O-3?", "Hello!"]
runs = {}


class Kept(Client):
    """Keeps what it would send."""

    def create_run(self, name, inputs, run_type, **more):
        id_ = str(more.get("id") or uuid.uuid4())
        runs[id_] = {
            "name": name,
            "inputs": self._copy(inputs),
            "run_type": run_type,
            **self._copy(more),
        }

    def update_run(self, run_id, **more):
        made = runs[str(run_id)]
        made.update({k: self._copy(v) for k, v in more.items() if v is not None})

    def _copy(self, value):
        from langsmith._internal._serde import dumps_json

        return json.loads(dumps_json(value))


kept = Kept(api_url=os.environ["FAKE_MODELS"], api_key="none", auto_batch_tracing=False, info={})


@tool
def get_order(order_id: str) -> str:
    """Look an order up."""
    return '{"status": "paid", "amount": 30}'


@tool
def refund(order_id: str, amount: float) -> str:
    """Pay an order back."""
    return "ok"


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


def write(name):
    """As the client gives runs back: schemas.Run, a line each."""
    lines = []
    for id_, held in runs.items():
        run = {"id": id_, **held}
        run.setdefault("trace_id", id_)
        run.setdefault("start_time", "2026-11-01T00:00:00Z")
        run.setdefault("dotted_order", "")
        lines.append(
            schemas.Run(**{k: v for k, v in run.items() if v is not None}).model_dump_json()
        )
    (OUT / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    runs.clear()


def by_openai():
    client = wrap_openai(openai.OpenAI(base_url=URL, api_key="none"))

    @traceable(run_type="chain")
    def agent(text):
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
                answer = "ok" if call.function.name == "refund" else '{"status": "paid"}'
                messages.append({"role": "tool", "tool_call_id": call.id, "content": answer})

    for text in ASKED:
        agent(text)


def by_langchain():
    model = ChatOpenAI(model="fake-1", base_url=URL, api_key="none").bind_tools([get_order, refund])
    known = {"get_order": get_order, "refund": refund}

    @traceable(run_type="chain")
    def agent(text):
        messages = [SystemMessage("You are a support desk."), HumanMessage(text)]
        while True:
            answer = model.invoke(messages)
            messages.append(answer)
            if not answer.tool_calls:
                return answer.content
            for call in answer.tool_calls:
                said = known[call["name"]].invoke(call["args"])
                messages.append(ToolMessage(said, tool_call_id=call["id"]))

    for text in ASKED:
        agent(text)


def by_stream():
    client = wrap_openai(openai.OpenAI(base_url=URL, api_key="none"))
    for text in ASKED:
        list(
            client.chat.completions.create(
                model="fake-1",
                messages=[{"role": "user", "content": text}],
                tools=TOOLS,
                stream=True,
            )
        )


with tracing_context(client=kept, enabled=True):
    for name, run in (
        ("openai.jsonl", by_openai),
        ("langchain.jsonl", by_langchain),
        ("streamed.jsonl", by_stream),
    ):
        run()
        write(name)
