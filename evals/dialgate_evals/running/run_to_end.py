"""Runs work until it ends or a signal ends it: Ctrl-C and SIGTERM are one to whoever waits."""

from __future__ import annotations

import asyncio
import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine


def run_to_end(work: Coroutine[Any, Any, None]) -> None:
    """Runs the work in a loop of its own; Ctrl-C and SIGTERM end it and raise KeyboardInterrupt."""
    with asyncio.Runner() as runner:
        runner.run(_until_terminated(work))


async def _until_terminated(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.current_task()
    assert task is not None
    terminated = False

    def terminate() -> None:
        nonlocal terminated
        terminated = True
        task.cancel()

    loop = asyncio.get_running_loop()
    with_signals = _can_handle_signals()
    if with_signals:
        loop.add_signal_handler(signal.SIGTERM, terminate)
    try:
        await work
    except asyncio.CancelledError:
        if terminated:
            raise KeyboardInterrupt from None
        raise
    finally:
        if with_signals:
            loop.remove_signal_handler(signal.SIGTERM)


def first_cause(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first exception of a group, however deep: what a person needs to read."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def is_being_cancelled() -> bool:
    """Whether this task is to end: by Ctrl-C, say."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _can_handle_signals() -> bool:
    return threading.current_thread() is threading.main_thread()
