"""The model's endpoint on loopback, for as long as a test or a newcomer's walk lasts.

`python -m tests.outside.model_server PORT` serves it by itself.
"""

from __future__ import annotations

import json
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.outside import model_apis
from tests.outside.shop_model import Call, Conversation, decide

if TYPE_CHECKING:
    from collections.abc import Iterator


def answer(path: str, document: Any) -> Any:
    """The answer to a request: a document, or the events of a stream."""
    is_stream = bool(document.get("stream"))
    if path.endswith("/chat/completions"):
        decided = _decide(model_apis.read_chat(document))
        return (model_apis.stream_chat if is_stream else model_apis.write_chat)(decided)
    if path.endswith("/responses"):
        return model_apis.write_responses(_decide(model_apis.read_responses(document)))
    if path.endswith("/messages"):
        decided = _decide(model_apis.read_messages(document))
        return (model_apis.stream_messages if is_stream else model_apis.write_messages)(decided)
    if path.endswith("/messages/count_tokens"):
        return {"input_tokens": 5}
    if path.endswith(":generateContent"):
        return model_apis.write_gemini(_decide(model_apis.read_gemini(document)))
    return None


def _decide(seen: Conversation) -> Call | str:
    """What the model decides, by the names that the tools have in this request."""
    decided = decide(seen)
    if isinstance(decided, str):
        if "final_answer" in seen.tools:
            return Call(name="final_answer", arguments={"answer": decided})
        return decided
    names = [name for name in seen.tools if name.rpartition("__")[2] == decided.name]
    return replace(decided, name=names[0]) if names else decided


class _Endpoint(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = self.path.partition("?")[0]
        found = answer(path, document)
        self.server.asked.append(path)  # type: ignore[attr-defined]  # a field of our own server
        if found is None:
            self._send(404, "application/json", json.dumps({"error": {"message": path}}))
        elif isinstance(found, dict):
            self._send(200, "application/json", json.dumps(found))
        else:
            self._send(200, "text/event-stream", "".join(map(_event, found)))

    def do_GET(self) -> None:
        self._send(404, "application/json", "{}")

    do_HEAD = do_GET  # noqa: N815 - the base class names it

    def _send(self, status: int, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Nothing: requests are no output of a test."""


def _event(event: tuple[str, Any]) -> str:
    name, document = event
    text = document if isinstance(document, str) else json.dumps(document)
    return f"event: {name}\ndata: {text}\n\n" if name else f"data: {text}\n\n"


class ModelServer:
    """Where the model is reached, and what was asked of it."""

    def __init__(self, url: str, asked: list[str]) -> None:
        self.url, self.asked = url, asked

    @property
    def variables(self) -> dict[str, str]:
        """What points the frameworks' own clients here; the keys are none."""
        return {
            "OPENAI_BASE_URL": f"{self.url}/v1", "OPENAI_API_KEY": "none",
            "ANTHROPIC_BASE_URL": self.url, "ANTHROPIC_API_KEY": "none",
            "GOOGLE_GEMINI_BASE_URL": self.url, "GOOGLE_API_KEY": "none",
        }  # fmt: skip


@contextmanager
def serving_model(port: int = 0) -> Iterator[ModelServer]:
    """Serves it from a thread of this process."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _Endpoint)
    server.daemon_threads = True
    server.asked = []  # type: ignore[attr-defined]  # requests' paths, for tests to count
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield ModelServer(f"http://127.0.0.1:{server.server_address[1]}", server.asked)  # type: ignore[attr-defined]  # as above
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    with serving_model(int(sys.argv[1])) as running:
        for name, value in running.variables.items():
            print(f"export {name}={value}")  # noqa: T201 - what the shell of a person needs
        threading.Event().wait()
