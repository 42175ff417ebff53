"""A recording proxy in front of a made-up upstream, and what was kept of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from dialgate.cases.recording.journal import read_recordings
from tests.dialgate.cases.recording.providers import (
    KEY,
    Answer,
    Asked,
    Provider,
    Standing,
    proxy_before,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    import aiohttp

    Steps = Callable[[aiohttp.ClientSession, Standing, Provider], Awaitable[Any]]

MESSAGE = {"role": "assistant", "content": "Done."}


COMPLETION = {
    "id": "c1", "choices": [{"index": 0, "message": MESSAGE, "finish_reason": "stop"}],
}  # fmt: skip


BODY = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


CHUNKS = [
    b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"Do"}}]}\n\n',
    b'data:{"choices":[{"index":0,"delta":{"content":"ne."},"finish_reason":"stop"}]}\r\n\r\n',
    b": a comment\n\ndata: [DONE]\n\n",
]


CHAT = "/v1/chat/completions"


def with_proxy(
    folder: Path, answer: Answer | Callable[[Asked], Answer], steps: Steps, base: str = "/v1"
) -> Any:
    """What the steps gave, with a client, a proxy and a provider that answers so."""

    import aiohttp

    async def main() -> Any:
        say = answer if callable(answer) else lambda _: answer
        async with (
            Provider(say).running() as provider,
            proxy_before(provider.url, folder, base=base) as standing,
            aiohttp.ClientSession(auto_decompress=False) as client,
        ):
            return await asyncio.wait_for(steps(client, standing, provider), 60)

    return asyncio.run(main())


def kept_in(folder: Path) -> list[Any]:
    return list(read_recordings(folder / ".dialgate/recordings/shop"))


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*.recording.jsonl"))


async def post(client: aiohttp.ClientSession, url: str, **more: Any) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {KEY}", **more.pop("headers", {})}
    async with client.post(url, headers=headers, **{"json": BODY, **more}) as answer:
        return answer.status, await answer.read()
