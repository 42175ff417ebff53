"""Spans by three instrumentations, as OTLP JSON and protobuf: what a collector's file holds.

KIND: openai-v2 (`openai-v2-events`: messages in log records), openinference, logfire, pydantic-ai.
"""

import asyncio
import gzip
import json
import os
import sys
from pathlib import Path

KIND = sys.argv[1]
os.environ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "span_only"
os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "gen_ai_latest_experimental"
if KIND == "openai-v2-events":
    os.environ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "event_only"

import openai
from google.protobuf.json_format import MessageToDict
from opentelemetry import trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

OUT = Path(os.environ["OUT"]) / "otlp"
OUT.mkdir(exist_ok=True)
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
ASKED = ["Please refund O-1.", "Where are O-2 and O-3?", "Hello!"]
spans, records = InMemorySpanExporter(), InMemoryLogRecordExporter()
provider = TracerProvider(resource=Resource({"service.name": "desk"}))
provider.add_span_processor(SimpleSpanProcessor(spans))
logs = LoggerProvider(resource=Resource({"service.name": "desk"}))
logs.add_log_record_processor(SimpleLogRecordProcessor(records))
trace.set_tracer_provider(provider)
set_logger_provider(logs)
tracer = trace.get_tracer("desk")
client = openai.OpenAI(base_url=os.environ["FAKE_MODELS"] + "/v1", api_key="none")


def result_of(name):
    return json.dumps({"status": "paid", "amount": 30} if name == "get_order" else {"ok": True})


def talk(text):
    messages = [
        {"role": "system", "content": "You are a support desk."},
        {"role": "user", "content": text},
    ]
    with tracer.start_as_current_span("agent"):
        while True:
            answer = client.chat.completions.create(
                model="fake-1", messages=list(messages), tools=TOOLS
            )
            message = answer.choices[0].message
            messages.append(message.model_dump(exclude_none=True))
            if not message.tool_calls:
                return
            for call in message.tool_calls:
                messages.append(
                    {
                        "role": "tool",
                        "tool_call_id": call.id,
                        "content": result_of(call.function.name),
                    }
                )


def stream(text):
    with tracer.start_as_current_span("agent"):
        messages = [{"role": "user", "content": text}]
        list(
            client.chat.completions.create(
                model="fake-1", messages=messages, tools=TOOLS, stream=True
            )
        )


def by_pydantic_ai():
    from pydantic_ai import Agent
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    model = OpenAIChatModel(
        "fake-1",
        provider=OpenAIProvider(base_url=os.environ["FAKE_MODELS"] + "/v1", api_key="none"),
    )
    Agent.instrument_all()
    agent = Agent(model, instructions="You are a support desk.")

    @agent.tool_plain
    def get_order(order_id: str) -> dict:
        """Look an order up."""
        return {"status": "paid", "amount": 30}

    @agent.tool_plain
    def refund(order_id: str, amount: float) -> str:
        """Pay an order back."""
        return "ok"

    for text in ASKED:
        asyncio.run(agent.run(text))


def write(name, request):
    """As the collector's file exporter does: ids in hex, a line a request."""
    document = MessageToDict(request)
    (OUT / f"{name}.binpb").write_bytes(request.SerializeToString())

    def in_hex(value):
        import base64

        if isinstance(value, dict):
            return {
                key: base64.b64decode(item).hex()
                if key in {"traceId", "spanId", "parentSpanId"}
                else in_hex(item)
                for key, item in value.items()
            }
        return [in_hex(item) for item in value] if isinstance(value, list) else value

    (OUT / f"{name}.jsonl").write_text(json.dumps(in_hex(document)) + "\n", encoding="utf-8")


if KIND.startswith("openai-v2"):
    from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor

    OpenAIInstrumentor().instrument()
elif KIND == "openinference":
    from openinference.instrumentation.openai import OpenAIInstrumentor

    OpenAIInstrumentor().instrument()
elif KIND == "logfire":
    import logfire

    logfire.configure(
        send_to_logfire=False,
        console=False,
        additional_span_processors=[SimpleSpanProcessor(spans)],
    )
    logfire.instrument_openai(client)
    tracer = trace.get_tracer("desk")
if KIND == "pydantic-ai":
    by_pydantic_ai()
else:
    for text in ASKED:
        talk(text)
    stream("Please refund O-9.")
made = spans.get_finished_spans()
write(KIND, encode_spans(made))
if records.get_finished_logs():
    write(KIND + ".logs", encode_logs(records.get_finished_logs()))
if KIND == "openai-v2":
    half = len(made) // 2
    parts = [
        encode_spans(made[:half]).SerializeToString(),
        encode_spans(made[half:]).SerializeToString(),
    ]
    framed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    (OUT / "collector.binpb").write_bytes(framed)
    from google.protobuf.internal.encoder import _VarintBytes

    delimited = b"".join(_VarintBytes(len(part)) + part for part in parts)
    (OUT / "delimited.pb.gz").write_bytes(gzip.compress(delimited, mtime=0))
