"""What `dialgate record` adds to a request: `python benchmarks/runs/record_latency.py`.

A provider on loopback answers at once, so that everything beyond it is the proxy's: passing, taking
keys and persons out, and the journal. Target: under 5 ms at the median, for a conversation of any
length that agents have. At 200 at once the machine is the limit; the time of all together is shown
beside the same requests without a proxy.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / folder) for folder in (".", "evals", "gate", "reports")]

import aiohttp
from aiohttp import web

from dialgate.cases.recording.places import find_place
from dialgate.cases.recording.proxy import Proxy
from dialgate.cases.recording.recorder import Recorder
from dialgate.cases.recording.serving import listen, serving
from dialgate.cases.recording.upstreams import find_upstreams

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

TARGET_MS = 5
ROUNDS = 200
AT_ONCE = 200
WORDS = "please refund my order because it arrived late and the box was open, mail ada@shop.example"
ANSWER = {
    "id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [
        {"index": 0, "message": {"role": "assistant", "content": WORDS}, "finish_reason": "stop"},
    ],
}  # fmt: skip
TOOLS = [
    {"type": "function", "function": {"name": f"tool_{number}", "description": WORDS * 3,
                                      "parameters": {"type": "object", "properties": {}}}}
    for number in range(10)
]  # fmt: skip


async def answer(request: web.Request) -> web.StreamResponse:
    """A completion, or the chunks of one."""
    body = await request.json()
    if not body.get("stream"):
        return web.json_response(ANSWER)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for word in [*WORDS.split(), None]:
        delta = {} if word is None else {"content": f"{word} "}
        end = "stop" if word is None else None
        chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": end}]}
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
    await response.write(b"data: [DONE]\n\n")
    return response


def provide(pipe: Connection) -> None:
    """The provider, in a process of its own."""

    async def main() -> None:
        runner = web.ServerRunner(web.Server(answer))  # type: ignore[arg-type]  # aiohttp names a wider request
        await runner.setup()
        site = web.SockSite(runner, listen(0))
        await site.start()
        pipe.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(main())


def stand_between(pipe: Connection, port: int, folder: str) -> None:
    """The proxy, in a process of its own."""

    async def main() -> None:
        recorder = Recorder(find_place(Path(folder) / "suites/shop", None), print)
        recorder.prepare()
        url = f"http://127.0.0.1:{port}/v1"
        upstreams = find_upstreams(openai=url, anthropic=url, mcp=(), environment={}, port=0)
        async with serving(Proxy(upstreams, recorder), listen(0)) as own:
            pipe.send(own)
            await asyncio.Event().wait()

    asyncio.run(main())


def body(messages: int, number: int, *, streams: bool) -> dict[str, Any]:
    """A request of a conversation that has come so far."""
    said = [
        {"role": ("user", "assistant")[n % 2], "content": f"{n} {WORDS * 5}"}
        for n in range(messages - 1)
    ]
    said.append({"role": "user", "content": f"question {number}: {WORDS}"})
    return {"model": "m", "messages": said, "tools": TOOLS, "stream": streams}


async def ask(client: aiohttp.ClientSession, port: int, document: dict[str, Any]) -> float:
    """Milliseconds until the answer was there whole."""
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    raw = json.dumps(document)
    start = time.perf_counter()
    async with client.post(url, data=raw, headers={"Authorization": "Bearer abcd1234"}) as found:
        await found.read()
    return 1000 * (time.perf_counter() - start)


async def compare(
    client: aiohttp.ClientSession, direct: int, proxy: int, messages: int, *, streams: bool
) -> tuple[float, float]:
    """The medians of both, asked side by side, because other work disturbs both."""
    times: dict[int, list[float]] = {direct: [], proxy: []}
    for number in range(ROUNDS + 5):
        for port, took in times.items():
            took.append(await ask(client, port, body(messages, number, streams=streams)))
    return statistics.median(times[direct][5:]), statistics.median(times[proxy][5:])


async def measure(direct: int, proxy: int) -> None:
    """Prints what is added, by length and kind of answer, and at many at once."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as client:
        heads = ("messages", "request", "answer", "direct", "proxy", "added")
        print("".join(f"{head:>10}" for head in heads))
        for messages in (1, 10, 40, 200):
            for streams in (False, True):
                size = len(json.dumps(body(messages, 0, streams=streams))) / 1024
                before, after = await compare(client, direct, proxy, messages, streams=streams)
                kind = "streamed" if streams else "whole"
                took = "".join(f"{ms:7.2f} ms" for ms in (before, after, after - before))
                print(f"{messages:10}{size:7.0f} KB{kind:>10}{took} (target {TARGET_MS})")
        for name, port in (("direct", direct), ("proxy", proxy)):
            start = time.perf_counter()
            asked = [ask(client, port, body(10, n, streams=n % 2 == 0)) for n in range(AT_ONCE)]
            took = await asyncio.gather(*asked)
            whole = 1000 * (time.perf_counter() - start)
            print(
                f"{AT_ONCE} at once, {name}: {whole:.0f} ms together, "
                f"median {statistics.median(took):.0f} ms"
            )


def main() -> None:
    """Starts both and measures."""
    with tempfile.TemporaryDirectory() as folder:
        processes = []
        ports: list[int] = []
        for target, more in ((provide, ()), (stand_between, (folder,))):
            here, there = multiprocessing.Pipe()
            process = multiprocessing.Process(
                target=target, args=(there, *ports, *more), daemon=True
            )
            process.start()
            processes.append(process)
            ports.append(here.recv())
        asyncio.run(measure(*ports))
        for process in processes:
            process.kill()
            process.join()


if __name__ == "__main__":
    main()
