"""What a client needs of a cluster: who is there, and an answer to a question.

The port between `cluster.executor`, which knows trials, and `cluster.dask_side`, which knows Dask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from typing import TypeAlias


class ClusterLostError(Exception):
    """The scheduler can't be reached; the text says what was tried."""


class TaskLostError(Exception):
    """A task came to no answer: the workers that had it died, or could not read it."""


class Channel(Protocol):
    """A connection to a cluster."""

    async def workers(self) -> frozenset[str]:
        """Addresses of the workers that are there now. Raises ClusterLostError."""
        ...

    async def ask(self, raw: bytes, *, worker: str, key: str) -> object:
        """What that worker's task `key` says to the question; never, where the worker is gone.

        Raises TaskLostError, ClusterLostError. Safe to cancel.
        """
        ...


Connect: TypeAlias = "Callable[[], AbstractAsyncContextManager[Channel]]"
"""Opens a connection in the running loop. Raises ClusterLostError."""
