"""The official clients of OpenAI, Anthropic and MCP through the proxy, and through its recordings.

Their environment is `mcp-clients/official-sdks.txt`; what is not there is skipped with the reason.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from dialgate.cases.recording.growth import grow_suite
from dialgate.cases.recording.places import find_place
from dialgate_evals.recording.apis.registry import APIS
from dialgate_evals.recording.event_stream import event_bytes
from tests.dialgate.cases.recording.providers import (
    KEY,
    Answer,
    Asked,
    Provider,
    proxy_before,
    streamed,
    whole,
)
from tests.evals.importing.imports import checked
from tests.integration.agents.test_mcp_clients import ENVIRONMENTS, LONGEST_S, needs
from tests.integration.command_line import PATHS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

pytestmark = needs("official-sdks")
PYTHON = ENVIRONMENTS / "official-sdks/bin/python"

CLIENT = """
import json, sys
from anthropic import Anthropic
from openai import OpenAI

SCHEMA = {"type": "object", "properties": {"id": {"type": "string"}}}
NAMES = ("get_order", "refund")

def chat(streams, text):
    tools = [{"type": "function", "function": {"name": name, "parameters": SCHEMA}}
             for name in NAMES]
    asked = [{"role": "system", "content": "A desk."}, {"role": "user", "content": text}]
    while True:
        more = {"model": "m", "messages": asked, "tools": tools}
        if streams:
            with openai.chat.completions.stream(**more) as stream:
                list(stream)
                said = stream.get_final_completion().choices[0].message
        else:
            said = openai.chat.completions.create(**more).choices[0].message
        asked.append(said.model_dump(exclude_none=True, exclude={"parsed"}))
        if not said.tool_calls:
            return said.content
        asked += [{"role": "tool", "tool_call_id": call.id, "content": '{"ok": true}'}
                  for call in said.tool_calls]

def responses(streams, text, refers=False):
    tools = [{"type": "function", "name": name, "parameters": SCHEMA} for name in NAMES]
    asked, before = text, None
    while True:
        more = {"model": "m", "input": asked, "tools": tools, "instructions": "A desk."}
        if before:
            more["previous_response_id"] = before
        if streams:
            with openai.responses.stream(**more) as stream:
                list(stream)
                said = stream.get_final_response()
        else:
            said = openai.responses.create(**more)
        calls = [item for item in said.output if item.type == "function_call"]
        if not calls:
            return said.output_text
        results = [{"type": "function_call_output", "call_id": call.call_id, "output": "{}"}
                   for call in calls]
        if refers:
            asked, before = results, said.id
        else:
            begun = [{"role": "user", "content": asked}] if isinstance(asked, str) else asked
            asked = [*begun, *(i.model_dump(exclude_none=True) for i in said.output), *results]

def messages(streams, text):
    tools = [{"name": name, "input_schema": SCHEMA} for name in NAMES]
    asked = [{"role": "user", "content": text}]
    while True:
        more = {"model": "m", "max_tokens": 99, "system": "A desk.", "messages": asked,
                "tools": tools}
        if streams:
            with anthropic.messages.stream(**more) as stream:
                list(stream)
                said = stream.get_final_message()
        else:
            said = anthropic.messages.create(**more)
        asked.append({"role": "assistant",
                      "content": [part.model_dump(exclude_none=True) for part in said.content]})
        calls = [part for part in said.content if part.type == "tool_use"]
        if not calls:
            return said.content[-1].text
        asked.append({"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": call.id, "content": "{}"} for call in calls]})

KINDS = {"chat": chat, "responses": responses, "messages": messages,
         "refers": lambda *asked: responses(*asked, refers=True)}

def ask(kind, *asked):
    try:
        return KINDS[kind](*asked)
    except Exception as error:
        return [type(error).__name__, error.status_code, error.body]

for line in sys.stdin:
    address, key, jobs = json.loads(line)
    openai = OpenAI(base_url=address + "/v1", api_key=key, max_retries=0)
    anthropic = Anthropic(base_url=address, api_key=key, max_retries=0)
    print(json.dumps([ask(*job) for job in jobs]), flush=True)
"""

ARGUMENTS = {"id": "O-1"}
WRITTEN = json.dumps(ARGUMENTS)
NAMES = ("get_order", "refund")


def reply(asked: Asked) -> dict[str, Any]:
    """Two calls at once first, words after their results."""
    document = asked.document
    kept = document.get("messages", document.get("input"))
    is_first = isinstance(kept, str) or (kept[-1].get("role") == "user" and isinstance(
        kept[-1].get("content"), str
    ))  # fmt: skip
    return {"chat/completions": chat, "responses": responses, "messages": messages}[
        asked.target.removeprefix("/v1/")
    ](is_first)


def chat(is_first: bool) -> dict[str, Any]:
    calls = [
        {"id": f"c{n}", "type": "function", "function": {"name": name, "arguments": WRITTEN}}
        for n, name in enumerate(NAMES)
    ]
    message: dict[str, Any] = {"role": "assistant", "content": "Done."}
    if is_first:
        message = {"role": "assistant", "content": None, "tool_calls": calls}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if is_first else "stop"}
    return {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}


def responses(is_first: bool) -> dict[str, Any]:
    calls = [
        {"type": "function_call", "id": f"f{n}", "call_id": f"c{n}", "name": name,
         "arguments": WRITTEN, "status": "completed"}
        for n, name in enumerate(NAMES)
    ]  # fmt: skip
    part = {"type": "output_text", "text": "Done.", "annotations": [], "logprobs": []}
    said = {"type": "message", "id": "m1", "role": "assistant", "status": "completed",
            "content": [part]}  # fmt: skip
    return {
        "id": "r1" if is_first else "r2", "object": "response", "created_at": 1, "model": "m",
        "status": "completed", "output": calls if is_first else [said], "tools": [],
        "parallel_tool_calls": True, "tool_choice": "auto", "error": None, "metadata": {},
    }  # fmt: skip


def messages(is_first: bool) -> dict[str, Any]:
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "s"}
    calls = [{"type": "tool_use", "id": f"t{n}", "name": name, "input": ARGUMENTS}
             for n, name in enumerate(NAMES)]  # fmt: skip
    content = [thought, *calls] if is_first else [{"type": "text", "text": "Done."}]
    return {
        "id": "m", "type": "message", "role": "assistant", "model": "m", "content": content,
        "stop_reason": "tool_use" if is_first else "end_turn", "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }  # fmt: skip


KINDS = ("chat", "responses", "refers", "messages")


def answer(asked: Asked) -> Answer:
    if b'"fail"' in asked.body:
        said = {"type": "rate_limit_error", "message": "Slow down."}
        return whole({"type": "error", "error": said}, status=429)
    document = reply(asked)
    if not asked.document.get("stream"):
        return whole(document)
    api = next(api for api in APIS.values() if asked.target.endswith(api.ends_with))
    return streamed(*map(event_bytes, api.take_apart(document, asked.document)))


@asynccontextmanager
async def a_client(folder: Path, code: str) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """One process that is asked again and again: to import the kits costs seconds."""
    script = folder / "client.py"
    script.write_text(code)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(str(PYTHON), "-I", str(script)),
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        stdin=pipe,
        stdout=pipe,
        limit=2**24,
    )
    told, heard = process.stdin, process.stdout
    assert told is not None
    assert heard is not None

    async def ask(*asked: Any) -> Any:
        told.write(json.dumps(asked).encode() + b"\n")
        async with asyncio.timeout(LONGEST_S):
            return json.loads(await heard.readline())

    try:
        yield ask
    finally:
        process.kill()
        await process.wait()


JOBS = [
    [kind, streams, f"Refund O-1, {kind} {streams}, ada@shop.de"]
    for kind in KINDS for streams in (True, False)
]  # fmt: skip
FAILING = [["chat", True, "fail"], ["messages", True, "fail"], ["messages", False, "fail"]]
UNKNOWN = [[kind, False, "Refund O-2"] for kind in KINDS]


def test_the_official_clients_are_recorded_and_served_the_same(tmp_path: Path) -> None:
    from dialgate.cases.recording.replaying import Replayed
    from dialgate.cases.recording.serving import listen, serving

    folder = tmp_path / "suites/shop"

    async def both() -> tuple[Any, Any]:
        async with a_client(tmp_path, CLIENT) as ask:
            async with (
                Provider(answer).running() as provider,
                proxy_before(provider.url, tmp_path) as standing,
            ):
                recorded = await ask(standing.url, KEY, [*JOBS, *FAILING])
            async with serving(Replayed(find_place(folder, None)), listen(0)) as port:
                return recorded, await ask(f"http://127.0.0.1:{port}", KEY, [*JOBS, *UNKNOWN])

    recorded, again = asyncio.run(both())
    *found, chat_error, streamed_error, error = recorded
    assert found == ["Done."] * len(JOBS)
    for name, status, body in (chat_error, streamed_error, error):
        assert (name, status, "Slow down." in json.dumps(body)) == ("RateLimitError", 429, True)
    assert again[: len(JOBS)] == found
    for name, status, body in again[len(JOBS) :]:
        assert (name, status, "Refund O-2" in json.dumps(body)) == ("NotFoundError", 404, True)
    document = grow_suite(find_place(folder, None))
    assert document["requests"] == 2 * len(JOBS) + len(FAILING)
    assert {item["what"] for item in document["left"]} == {"a request that was not answered"}
    cases = checked(folder, version="recorded")
    assert len(cases) == len(JOBS)
    for case in cases:
        assert case["expect"]["actions"] == [{"name": "refund", "arguments": ARGUMENTS}]
        assert [item["name"] for item in case["recordings"]] == list(NAMES)
    kept = b"".join(
        path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".py"
    )
    assert KEY.encode() not in kept
    assert b"ada@shop.de" not in kept


MCP_SERVER = """
import sys
from mcp.server.mcpserver import MCPServer
from mcp.types import ToolAnnotations

server = MCPServer("shop")

@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def get_order(id: str) -> dict:
    "Reads an order."
    return {"id": id, "mail": "ada@shop.de"}

@server.tool()
def refund(id: str, amount: int) -> str:
    "Pays back."
    return f"{amount} for {id}"

if len(sys.argv) > 1:
    server.run("streamable-http", port=int(sys.argv[1]))
server.run("stdio")
"""

MCP_CLIENT = """
import asyncio, json, os, sys
import mcp

async def ask(server, paths, mode):
    if isinstance(server, list):
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": paths}
        server = mcp.StdioServerParameters(command=server[0], args=server[1:], env=env)
    async with mcp.Client(server, mode=mode) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        asked = [client.call_tool("get_order", {"id": f"O-{n}"}) for n in range(10)]
        asked.append(client.call_tool("refund", {"id": "O-1", "amount": 5}))
        found = [answer.content[0].text for answer in await asyncio.gather(*asked)]
        return [names, found[-1], ["O-%d" % n in text for n, text in enumerate(found[:-1])]]

async def both(*asked):
    return [await ask(*asked, "legacy"), await ask(*asked, "auto")]

for line in sys.stdin:
    print(json.dumps(asyncio.run(both(*json.loads(line)))), flush=True)
"""
EXPECTED = [[["get_order", "refund"], "5 for O-1", [True] * 10]] * 2
"""With the handshake that was there before 2026, and as client and server agree."""


def test_the_sdks_client_and_server_over_stdio(tmp_path: Path) -> None:
    server = tmp_path / "server.py"
    server.write_text(MCP_SERVER)
    folder = tmp_path / "suites/shop"
    record = [sys.executable, "-m", "dialgate", "record", str(folder)]
    program = ["--", str(PYTHON), str(server)]

    async def both() -> None:
        async with a_client(tmp_path, MCP_CLIENT) as ask:
            assert await ask([*record, *program], PATHS) == EXPECTED
            server.unlink()  # nobody is asked again
            assert await ask([*record, "--replay", *program], PATHS) == EXPECTED

    asyncio.run(both())
    document = grow_suite(find_place(folder, None))
    assert (document["tools"], document["inferred"]) == (2, [])
    assert "readOnlyHint" in (folder / "tools.json").read_text("utf-8")


def test_the_sdks_client_and_server_over_http(tmp_path: Path) -> None:
    from dialgate.cases.recording.replaying import Replayed
    from dialgate.cases.recording.serving import listen, serving

    server = tmp_path / "server.py"
    server.write_text(MCP_SERVER)
    folder = tmp_path / "suites/shop"
    with listen(0) as free:
        port = free.getsockname()[1]

    async def recorded(ask: Callable[..., Awaitable[Any]]) -> Any:
        process = await asyncio.create_subprocess_exec(
            str(PYTHON), str(server), str(port), stderr=asyncio.subprocess.PIPE
        )
        assert process.stderr is not None
        try:
            while b"running on" not in (line := await process.stderr.readline()):
                assert line
            draining = asyncio.ensure_future(process.stderr.read())
            mcp = (f"shop=http://127.0.0.1:{port}/mcp",)
            async with proxy_before("http://127.0.0.1:9", tmp_path, mcp=mcp) as standing:
                return await ask(f"{standing.url}/mcp/shop", PATHS)
        finally:
            process.kill()
            await process.wait()
            await draining

    async def both() -> None:
        async with a_client(tmp_path, MCP_CLIENT) as ask:
            assert await recorded(ask) == EXPECTED
            async with serving(Replayed(find_place(folder, None)), listen(0)) as proxy:
                assert await ask(f"http://127.0.0.1:{proxy}/mcp/shop", PATHS) == EXPECTED

    asyncio.run(both())
    assert grow_suite(find_place(folder, None))["tool_requests"] >= 12
