"""Spans of arize-phoenix: its server on loopback, its client's data frame and spans."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

OUT = Path(os.environ["OUT"]) / "phoenix"
OUT.mkdir()
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    PORT = free.getsockname()[1]
URL = f"http://127.0.0.1:{PORT}"
scratch = Path(os.environ["SCRATCH"]) / "phoenix"
server = subprocess.Popen(
    [str(Path(sys.executable).parent / "phoenix"), "serve"],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
    env={
        **os.environ,
        "PHOENIX_WORKING_DIR": str(scratch),
        "PHOENIX_PORT": str(PORT),
        "PHOENIX_HOST": "127.0.0.1",
        "PHOENIX_GRPC_PORT": "0",
        "PHOENIX_TELEMETRY_ENABLED": "false",
    },
)
try:
    for _ in range(240):
        try:
            httpx.get(URL + "/healthz").raise_for_status()
            break
        except httpx.HTTPError:
            time.sleep(0.5)
    import openai
    from openinference.instrumentation.openai import OpenAIInstrumentor
    from phoenix.client import Client
    from phoenix.otel import register

    provider = register(
        endpoint=URL + "/v1/traces",
        project_name="desk",
        verbose=False,
        set_global_tracer_provider=False,
    )
    OpenAIInstrumentor().instrument(tracer_provider=provider)
    tracer = provider.get_tracer("desk")
    client = openai.OpenAI(base_url=os.environ["FAKE_MODELS"] + "/v1", api_key="none")
    tools = [
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
    for text in ("Please refund O-1.", "Where are O-2 and O-3?", "Hello!"):
        messages = [
            {"role": "system", "content": "You are a support desk."},
            {"role": "user", "content": text},
        ]
        with tracer.start_as_current_span("agent"):
            while True:
                message = (
                    client.chat.completions.create(
                        model="fake-1", messages=list(messages), tools=tools
                    )
                    .choices[0]
                    .message
                )
                messages.append(message.model_dump(exclude_none=True))
                if not message.tool_calls:
                    break
                for call in message.tool_calls:
                    messages.append(
                        {"role": "tool", "tool_call_id": call.id, "content": '{"status": "paid"}'}
                    )
    provider.force_flush()
    time.sleep(5)
    phoenix = Client(base_url=URL)
    frame = phoenix.spans.get_spans_dataframe(project_identifier="desk")
    frame.to_json(OUT / "frame.jsonl", orient="records", lines=True, date_format="iso")
    frame.to_json(OUT / "frame.json", orient="records", date_format="iso")
    frame.to_csv(OUT / "frame.csv")
    spans = phoenix.spans.get_spans(project_identifier="desk")
    (OUT / "spans.json").write_text(json.dumps(spans, default=str), encoding="utf-8")
    page = httpx.get(URL + "/v1/projects/desk/spans/otlpv1")
    if page.status_code == 200:
        (OUT / "otlp-page.json").write_text(page.text, encoding="utf-8")
finally:
    server.terminate()
    server.wait(20)
