"""Where plain functions run: in threads of their own, or one by one in the main thread.

Knows that an agent may ask for a loop in its thread; leaves the trials to `trials`.
"""

import asyncio
import queue
import threading
from concurrent.futures import Future, ThreadPoolExecutor

_own = threading.local()


def with_loop(function, *arguments):
    """Calls the function in a thread that has a loop to give, as a main thread would."""
    loop = getattr(_own, "loop", None)
    if loop is None or loop.is_closed():
        loop = _own.loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    return function(*arguments)


def open_threads():
    """Threads for many trials at once."""
    return ThreadPoolExecutor(max_workers=256, thread_name_prefix="trial")


class MainThread:
    """Runs what is submitted in the thread that calls `run`: signals can be set nowhere else."""

    def __init__(self):
        self._waiting = queue.SimpleQueue()

    def submit(self, function, *arguments):
        """Queues a call; its result comes as of an executor."""
        done = Future()
        self._waiting.put((done, function, arguments))
        return done

    def run(self):
        """Takes calls for ever; the process ends under it."""
        while True:
            done, function, arguments = self._waiting.get()
            try:
                result = function(*arguments)
            except BaseException as error:
                done.set_exception(error)
            else:
                done.set_result(result)
