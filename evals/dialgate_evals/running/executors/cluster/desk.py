"""One worker that has a job's agent up, and the ways in which a worker is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from dialgate_evals.running.executors.cluster.messages import Answer


class WorkerUnfitError(Exception):
    """A worker can't run the job; the text says why."""


class WorkerGoneError(WorkerUnfitError):
    """A worker went away while it was asked."""


@dataclass(kw_only=True)
class Desk:
    """A worker that is ready."""

    worker: str
    lanes: int
    # trials that run there at once
    in_flight: int = 0
    # trials that were handed out to it and haven't come back
    is_alone: bool = False
    # whether what was handed out to it must have no neighbour
    asked: set[asyncio.Task[Answer]] = field(default_factory=set)
    # what waits for an answer from it; cancelled where the worker is gone
