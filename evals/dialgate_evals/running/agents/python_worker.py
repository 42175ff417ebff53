"""Runs an agent's Python function for the harness: handed to the agent's interpreter by path.

Standard library only, Python 3.8 and later, so that the agent's environment needs nothing. Speaks
JSON lines on what were its standard input and output; an agent that prints writes to standard
error. Leaves time limits, restarts and records to the harness.
"""

import asyncio
import importlib
import inspect
import json
import os
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

# Made once: json.dumps makes an encoder for each message that asks for anything but its defaults.
_encode = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode
_decode = json.JSONDecoder().decode


class ToolError(Exception):
    """What a tool call raises where the tool answers with an error."""


class Wire:
    """Lines to the harness; written whole, from any thread.

    What the loop's own thread sends in one turn goes out at once: a system call costs more.
    """

    def __init__(self, descriptor, loop) -> None:
        self._descriptor = descriptor
        self._loop = loop
        self._owner = threading.get_ident()
        self._waiting = []
        self._lock = threading.Lock()

    def send(self, message) -> None:
        """Writes one message."""
        try:
            line = _encode(message)
        except (TypeError, ValueError) as error:
            trial = message.get("trial")
            line = _encode({"failed": f"not JSON: {error}", "trial": trial})
        with self._lock:
            self._waiting.append(line)
        if threading.get_ident() != self._owner:
            self.flush()
        elif len(self._waiting) == 1:
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Writes what is waiting."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            raw = "".join([line + "\n" for line in waiting]).encode("ascii")
            while raw:
                raw = raw[os.write(self._descriptor, raw) :]


class Tools:
    """The agent's view of one trial's tools: `schemas`, `call`, `ToolError`, and MCP."""

    ToolError = ToolError

    def __init__(self, worker, trial, is_async, mcp) -> None:
        self.schemas = worker.schemas
        self.mcp_url = mcp.get("mcp_url")
        self.mcp_command = mcp.get("mcp_command")
        self._worker = worker
        self._trial = trial
        self._is_async = is_async

    def call(self, name, arguments=None):
        """The tool's result; awaited in an async function, at once in a plain one."""
        asked = self._worker.ask(self._trial, name, {} if arguments is None else arguments)
        if self._is_async:
            return asked
        return asyncio.run_coroutine_threadsafe(asked, self._worker.loop).result()


class Worker:
    """Trials in flight in this process."""

    def __init__(self, wire, loop) -> None:
        self.loop = loop
        self.schemas = []
        self._wire = wire
        self._release = {}
        self._function = None
        self._is_async = False
        self._threads = ThreadPoolExecutor(max_workers=256)
        self._waiting = {}
        self._tasks = {}
        self._calls = 0

    def load(self, settings) -> None:
        """Imports the agent's function; says so or why not."""
        try:
            if settings.get("memory_mb"):
                import resource

                limit = settings["memory_mb"] * 2**20
                resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
            sys.path.insert(0, settings["folder"])
            module, _, attribute = settings["target"].partition(":")
            self._function = getattr(importlib.import_module(module), attribute)
            self._is_async = inspect.iscoroutinefunction(self._function)
            self.schemas, self._release = settings["tools"], settings["release"]
        except BaseException as error:
            where = traceback.format_exc(limit=-4)[-2000:]
            text = "%s: %s" % (type(error).__name__, error)
            self._wire.send({"failed": text[:2000], "where": where})
            return
        self._wire.send({"ready": True, "is_async": self._is_async})

    def take(self, message) -> None:
        """Handles one message of the harness."""
        if "answer" in message:
            waiting = self._waiting.pop(message["call"], None)
            if waiting is not None and not waiting.done():
                waiting.set_result(message["answer"])
        elif "run" in message:
            trial = message["run"]
            self._tasks[trial] = self.loop.create_task(self._run(trial, message))
        elif "cancel" in message:
            task = self._tasks.get(message["cancel"])
            if task is not None:
                task.cancel()
        elif "load" in message:
            self.load(message["load"])

    async def ask(self, trial, name, arguments):
        """Sends a tool call and waits for its answer."""
        self._calls += 1
        number = self._calls
        waiting = self._waiting[number] = self.loop.create_future()
        self._wire.send({"call": number, "trial": trial, "name": name, "arguments": arguments})
        content, is_error = await waiting
        if is_error:
            raise ToolError(content if isinstance(content, str) else json.dumps(content))
        return content

    async def _run(self, trial, message) -> None:
        tools = Tools(self, trial, self._is_async, message.get("mcp", {}))
        messages = message["messages"]
        try:
            if self._is_async:
                reply = await self._function(messages, tools, self._release)
            else:
                reply = await self.loop.run_in_executor(
                    self._threads, self._function, messages, tools, self._release
                )
        except asyncio.CancelledError:
            self._wire.send({"cancelled": True, "trial": trial})
        except Exception as error:
            where = traceback.format_exc(limit=-3)[-1500:]
            text = f"{type(error).__name__}: {error}"
            self._wire.send({"failed": text[:2000], "where": where, "trial": trial})
        else:
            self._wire.send({"done": reply, "trial": trial})
        finally:
            self._tasks.pop(trial, None)


async def main() -> None:
    """Reads messages until the harness closes the line."""
    incoming = os.dup(0)
    loop = asyncio.get_running_loop()
    wire = Wire(os.dup(1), loop)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    reader = asyncio.StreamReader(limit=64 * 2**20)
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(incoming, "rb", 0)
    )
    worker = Worker(wire, loop)
    rest = b""
    while True:
        chunk = await reader.read(2**18)
        if not chunk:
            break
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            worker.take(_decode(line.decode("utf-8")))
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
