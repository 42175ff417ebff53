"""The example's agent behind HTTP, and as the model behind an OpenAI-compatible endpoint.

Both listen on loopback in a thread of the test's own process, for as long as the test lasts.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.integration.command_line import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Respond = Callable[[Any, Any, Any], Any]


@contextmanager
def the_desk_s_agent() -> Iterator[Any]:
    """The example's agent, loaded under a name of its own: its package, modules loaded."""
    folder = PROJECT / "suites/support-desk/agent"
    spec = importlib.util.spec_from_file_location(
        "support_desk_agent", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["support_desk_agent"] = module
    try:
        for name in ("support_desk", "outbox"):
            importlib.import_module(f"support_desk_agent.{name}")
        yield module
    finally:
        for name in [name for name in sys.modules if name.startswith("support_desk_agent")]:
            del sys.modules[name]


class ToolError(Exception):
    """A tool answered with an error."""


@contextmanager
def serving(answer: Callable[[Any], Any]) -> Iterator[str]:
    """The address of a server that answers each POST's document with `answer`'s."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps(answer(json.loads(raw))).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it
            """Nothing: requests are no output of a test."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class HttpTools:
    """Tools whose calls are posted to the trial's address."""

    ToolError = ToolError

    def __init__(self, document: Any) -> None:
        self.schemas = document["tools"]
        self._url = document["tools_url"]

    async def call(self, name: str, arguments: Any) -> Any:
        return await asyncio.to_thread(self._post, name, arguments)

    def _post(self, name: str, arguments: Any) -> Any:
        raw = json.dumps({"name": name, "arguments": arguments}).encode()
        request = urllib.request.Request(
            self._url, raw, {"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(request) as response:
            answer = json.loads(response.read())
        if "error" in answer:
            raise ToolError(answer["error"])
        return answer["content"]


def answer_as_agent(respond: Respond) -> Callable[[Any], Any]:
    """What an agent behind HTTP answers to a trial."""

    def answer(document: Any) -> Any:
        return asyncio.run(respond(document["messages"], HttpTools(document), document["release"]))

    return answer


class _AskedFor(BaseException):
    """The call that the model wants next; no `except Exception` of the agent stops it."""

    def __init__(self, name: str, arguments: Any) -> None:
        super().__init__(name)
        self.name, self.arguments = name, arguments


class ReplayedTools:
    """Tools that answer what the conversation holds already, and stop at the first new call."""

    ToolError = ToolError

    def __init__(self, schemas: list[Any], answers: list[Any]) -> None:
        self.schemas = schemas
        self._answers = answers

    async def call(self, name: str, arguments: Any) -> Any:
        if not self._answers:
            raise _AskedFor(name, arguments)
        text = self._answers.pop(0)["content"]
        try:
            answer = json.loads(text)
        except ValueError:
            raise ToolError(text) from None
        return answer


def answer_as_model(respond: Respond) -> Callable[[Any], Any]:
    """What a model answers that decides as the scripted agent does, one call a turn."""

    def answer(document: Any) -> Any:
        messages = document["messages"]
        turn = 1 + max(i for i, m in enumerate(messages) if m["role"] == "user")
        system = [m["content"] for m in messages[:turn] if m["role"] == "system"]
        context = [m for m in messages[:turn] if m["role"] != "system"]
        tools = ReplayedTools(
            [tool["function"] for tool in document["tools"]],
            [m for m in messages[turn:] if m["role"] == "tool"],
        )
        release = {"prompts": dict(enumerate(system)), "model": {"name": document["model"]}}
        try:
            done = asyncio.run(respond(context, tools, release))
        except _AskedFor as asked:
            return _call(asked, len(messages))
        return _completion({"content": done["reply"]}, **done["usage"])

    return answer


def _call(asked: _AskedFor, number: int) -> Any:
    function = {"name": asked.name, "arguments": json.dumps(asked.arguments)}
    call = {"id": f"call-{number}", "type": "function", "function": function}
    return _completion({"content": None, "tool_calls": [call]}, input_tokens=0, output_tokens=0)


def _completion(message: dict[str, Any], *, input_tokens: int, output_tokens: int) -> Any:
    return {
        "id": "x",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **message}}
        ],
        "usage": {
            "prompt_tokens": input_tokens,
            "completion_tokens": output_tokens,
            "total_tokens": input_tokens + output_tokens,
        },
    }
