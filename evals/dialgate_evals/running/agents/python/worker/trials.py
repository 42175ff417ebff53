"""Trials in flight in the worker: runs them, asks for tools, says how each ended."""

import asyncio
import inspect
import json
import traceback

from .lanes import with_loop
from .plain_data import as_reply
from .tools import Tools, tool_error


class Worker:
    """Trials in flight in this process."""

    def __init__(self, wire, agent, lane):
        self.schemas = agent.tools
        self.loop = None
        self.thread = None
        self._wire = wire
        self._agent = agent
        self._lane = lane
        # runs plain functions: threads, or the main thread
        self._waiting = {}
        self._tasks = {}
        self._cancelled = set()
        self._beginning = asyncio.Lock()
        # one after the other, so that each may still be taken back
        self._calls = 0

    def take(self, message):
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
                self._cancelled.add(message["cancel"])
                task.cancel()

    async def ask(self, trial, name, arguments):
        """Sends a tool call and waits for its answer."""
        self._calls += 1
        number = self._calls
        waiting = self._waiting[number] = self.loop.create_future()
        self._wire.send({"call": number, "trial": trial, "name": name, "arguments": arguments})
        content, is_error = await waiting
        if is_error:
            raise tool_error(content if isinstance(content, str) else json.dumps(content))
        return content

    async def _run(self, trial, message):
        tools = Tools(self, trial, message.get("mcp"))
        try:
            if message.get("say_begun"):
                await self._begin(trial)
            if self._agent.is_async:
                reply = self._agent.function(message["messages"], tools, self._agent.release)
            else:
                reply = await self._in_lane(message["messages"], tools)
            while type(reply) is not str and inspect.isawaitable(reply):
                reply = await reply
            ended = None if type(reply) is str else {"done": as_reply(reply), "trial": trial}
        except asyncio.CancelledError:
            how = "cancelled" if trial in self._cancelled else "failed"
            ended = {how: "the agent cancelled its own trial", "trial": trial}
        except BaseException as error:
            # Also SystemExit and KeyboardInterrupt: raised through the loop they would end the
            # process under the trials of others.
            ended = _failure(error, trial, self._agent.is_async)
        news = self._agent.code.news()
        if news is not None:
            self._wire.send({"project": news})
        if ended is None:
            self._wire.send_text(trial, reply)
        else:
            self._wire.send(ended)
        self._tasks.pop(trial, None)
        self._cancelled.discard(trial)

    async def _begin(self, trial):
        """Says that the agent begins with it, which nothing took back until now."""
        async with self._beginning:
            # What came while the trial before blocked the loop is seen, read, and then heard.
            for _ in range(3):
                await asyncio.sleep(0)
        self._wire.send({"begun": True, "trial": trial})
        self._wire.flush()  # an agent that blocks the loop would keep it

    async def _in_lane(self, messages, tools):
        """What a plain function gives, called in its lane."""
        return await self.loop.run_in_executor(
            self._lane, with_loop, self._agent.function, messages, tools, self._agent.release
        )


def _failure(error, trial, is_async):
    if not is_async and "main thread" in str(error):
        # Signals, say: run again alone, where the agent has the main thread.
        return {"wants_main_thread": True, "trial": trial}
    where = traceback.format_exc(limit=-3)[-1500:]
    text = f"{type(error).__name__}: {error}"[:2000]
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        text = f"the agent ended its own process ({text})"
    return {"failed": text, "where": where, "trial": trial}
