"""A worker's life: loads the agent without a loop running, then serves trials until the end.

Speaks JSON lines on what were its standard input and output; an agent that prints writes to
standard error. Leaves time limits, restarts and records to the harness.
"""

import asyncio
import os
import sys
import threading

from .lanes import MainThread, open_threads
from .project_code import ProjectCode
from .target import find_target, is_async, why_not_loaded
from .trials import Worker
from .wire import Incoming, Wire


class Agent:
    """The agent's function and what every trial is given."""

    def __init__(self, settings, code):
        self.code = code
        self.function = find_target(settings["target"])
        self.is_async = is_async(self.function)
        self.tools, self.release = settings["tools"], settings["release"]


def serve():
    """Reads messages until the harness closes the line."""
    incoming, wire = _take_streams()
    first = incoming.first()
    if first is None:
        return
    settings = first["load"]
    # Made before the agent is imported: what it makes then belongs to the loop that trials run on.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    agent = _load(settings, wire)
    if agent is None:
        return  # the harness has the reason
    in_main = settings.get("main_thread") and not agent.is_async
    lane = MainThread() if in_main else open_threads()
    if not in_main:
        _run(loop, incoming, wire, agent, lane)
    threading.Thread(target=_run, args=(loop, incoming, wire, agent, lane), daemon=True).start()
    lane.run()


def _take_streams():
    incoming, outgoing = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr

    def let_go():
        # A child that lives on must not keep the line open: nobody would see that this one died.
        for descriptor in (incoming, outgoing):
            try:
                os.close(descriptor)
            except OSError:
                pass

    os.register_at_fork(after_in_child=let_go)
    return Incoming(incoming), Wire(outgoing)


def _load(settings, wire):
    """The agent, imported; None where that failed, which is said."""
    try:
        if settings.get("memory_mb"):
            import resource

            limit = settings["memory_mb"] * 2**20
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        sys.path[:0] = settings["path"]
        code = ProjectCode(settings["project"])
        code.install()
        agent = Agent(settings, code)
    except BaseException as error:
        text, where = why_not_loaded(error)
        wire.send({"failed": text[:2000], "where": where})
        return None
    wire.send({"ready": True, "is_async": agent.is_async, "project": code.news() or {}})
    return agent


def _run(loop, incoming, wire, agent, lane):
    """Serves until the line is closed; the process ends with it, whatever the agent left running.

    What the agent lets fall through the loop (an exit in a task of its own) ends it as it would
    anywhere: at once, so that no other trial is told that it was cancelled.
    """
    code = 1
    try:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(_take_all(incoming, wire, Worker(wire, agent, lane)))
        code = 0
    except BaseException as error:
        print("%s: %s" % (type(error).__name__, error), file=sys.stderr, flush=True)
    finally:
        os._exit(code)


async def _take_all(incoming, wire, worker):
    loop = worker.loop = asyncio.get_running_loop()
    worker.thread = threading.get_ident()
    wire.belong_to(loop)
    reader = asyncio.StreamReader(limit=64 * 2**20)
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(incoming.descriptor, "rb", 0)
    )
    for message in incoming.take(b""):
        worker.take(message)
    while True:
        chunk = await reader.read(2**18)
        if not chunk:
            return
        for message in incoming.take(chunk):
            worker.take(message)
