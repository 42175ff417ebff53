"""The example's agent behind `kind = "command"`: JSON-RPC lines, standard library only."""

import asyncio
import json
import sys
from typing import Any

waiting: dict[str, Any] = {}
running: set[Any] = set()


class ToolError(Exception):
    """A tool answered with an error."""


def send(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


class Tools:
    ToolError = ToolError

    def __init__(self, params: Any) -> None:
        self.schemas = params["tools"]
        self.trial = params["trial_id"]

    async def call(self, name: str, arguments: Any) -> Any:
        number = f"call-{len(waiting)}"
        waiting[number] = asyncio.get_running_loop().create_future()
        params = {"trial_id": self.trial, "name": name, "arguments": arguments}
        send({"id": number, "method": "tools/call", "params": params})
        answer = await waiting[number]
        if "error" in answer:
            raise ToolError(answer["error"]["message"])
        return answer["result"]["content"]


async def run(number: int, params: Any) -> None:
    from agent.support_desk import respond  # type: ignore[import-not-found]  # of the scaffold

    reply = await respond(params["messages"], Tools(params), params["release"])
    send({"id": number, "result": reply})


async def main() -> None:
    reader = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        message = json.loads(line)
        if message.get("method") == "initialize":
            send({"id": message["id"], "result": {"concurrency": 8}})
        elif message.get("method") == "trial/run":
            task = asyncio.create_task(run(message["id"], message["params"]))
            running.add(task)
        else:
            waiting[message["id"]].set_result(message)


if __name__ == "__main__":
    sys.path.insert(0, ".")
    asyncio.run(main())
