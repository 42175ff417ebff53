"""The one function that a task on a worker calls: it answers bytes with bytes.

Knows the stations of this process and its loop, in a thread beside the worker's own; leaves what a
job does to `worker.station`. Nothing that a client sends is unpickled here but the name of this
function, by Dask itself.
"""

from __future__ import annotations

import asyncio
import atexit
import shutil
import threading
from typing import TYPE_CHECKING, assert_never

from dialgate_evals.errors import DialgateError
from dialgate_evals.files.json_text import json_line
from dialgate_evals.running.executors.cluster.facts import own_facts
from dialgate_evals.running.executors.cluster.messages import (
    Answer,
    Close,
    Done,
    Failed,
    ForeignBytesError,
    Hello,
    NotOpen,
    Open,
    Opened,
    Ran,
    Run,
    Send,
    Wanted,
    encode,
    read_question,
)
from dialgate_evals.running.executors.cluster.plain_data import pack_trajectory, unpack_trial
from dialgate_evals.running.executors.cluster.snapshot import job_digest
from dialgate_evals.running.executors.cluster.worker.station import Station, StationFailedError
from dialgate_evals.running.executors.cluster.worker.trees import Trees

if TYPE_CHECKING:
    from dialgate_evals.running.executors.cluster.messages import Job, Question

IDLE_S = 300.0
"""An agent that nobody asks for so long is ended: whoever asked may have been killed."""

_LOOK_S = 15.0


def answer(raw: bytes) -> bytes:
    """The answer to a client's question; blocks its thread until it is there, and never raises."""
    worker = _leave_pool()
    try:
        question = read_question(raw)
    except ForeignBytesError as error:
        return encode(Failed(why=str(error)))
    return encode(_office().answer(question, worker))


def _leave_pool() -> str:
    """Frees the worker's thread for other tasks: who waits here takes no processor.

    Gives the worker's address; empty where no Dask worker calls.
    """
    import distributed  # noqa: PLC0415 - an extra, and slow to load

    try:
        address = str(distributed.get_worker().address)
    except ValueError:
        return ""
    distributed.secede()
    return address


class Office:
    """The jobs of one process, and the loop in which their agents live."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._live, name="dialgate", daemon=True)
        self._trees: Trees | None = None
        self._stations: dict[str, asyncio.Task[Station]] = {}
        self._thread.start()

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        looking = self._loop.create_task(self._close_idle())
        self._loop.run_forever()
        looking.cancel()
        self._loop.run_until_complete(asyncio.gather(looking, return_exceptions=True))

    def answer(self, question: Question, worker: str) -> Answer:
        """The answer, whatever happens; blocks."""
        asked = asyncio.run_coroutine_threadsafe(self._answer(question, worker), self._loop)
        try:
            return asked.result()
        except (StationFailedError, ForeignBytesError, DialgateError, OSError) as error:
            return Failed(why=str(error))
        except Exception as error:  # noqa: BLE001 - what a task raises would be sent as a pickle
            return Failed(why=f"{type(error).__name__}: {error}")

    async def _answer(self, question: Question, worker: str) -> Answer:
        match question:
            case Hello():
                return await asyncio.to_thread(own_facts, question.secrets)
            case Open():
                return await self._open(question.job)
            case Send():
                for content in question.contents:
                    self._tree_store().add(content)
                return Done()
            case Run():
                return await self._run(question, worker)
            case Close():
                return await self._close(question.job)
            case _ as never:
                assert_never(never)

    def _tree_store(self) -> Trees:
        if self._trees is None:
            self._trees = Trees()
        return self._trees

    async def _open(self, job: Job) -> Opened | Wanted:
        name = job_digest(job)
        if name not in self._stations:
            missing = await asyncio.to_thread(self._tree_store().missing, job)
            if missing:
                return Wanted(digests=missing)
        if name not in self._stations:
            self._stations[name] = asyncio.create_task(self._make_station(job))
        try:
            station = await asyncio.shield(self._stations[name])
        except Exception:
            self._stations.pop(name, None)
            raise
        return Opened(lanes=station.lanes, installed=station.installed)

    async def _make_station(self, job: Job) -> Station:
        root = await asyncio.to_thread(self._tree_store().lay_out, job)
        station = await asyncio.to_thread(Station, job, root)
        await station.open()
        return station

    async def _run(self, question: Run, worker: str) -> Ran | NotOpen:
        opening = self._stations.get(question.job)
        if opening is None or not opening.done():
            return NotOpen(worker=worker)
        station = opening.result()
        ended = await station.run([unpack_trial(data) for data in question.trials])
        loaded = station.loaded
        digest = "" if loaded is None else loaded.digest
        is_news = loaded is not None and digest != question.known
        return Ran(
            trials=[pack_trajectory(trajectory) for trajectory in ended],
            worker=worker,
            loaded=json_line(loaded.as_json()) if loaded is not None and is_news else None,
            loaded_digest=digest,
            workers_died=station.workers_died,
        )

    async def _close(self, job: str) -> Done:
        opening = self._stations.pop(job, None)
        if opening is not None and not opening.cancelled():
            await asyncio.wait({opening})
            if opening.exception() is None:
                station = opening.result()
                await station.close()
                await asyncio.to_thread(shutil.rmtree, station.root, ignore_errors=True)
        return Done()

    async def _close_idle(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            for job, opening in list(self._stations.items()):
                is_up = opening.done() and opening.exception() is None
                if is_up and opening.result().is_idle(IDLE_S):
                    await self._close(job)

    def end(self) -> None:
        """Ends every agent and takes the trees away; at the end of the process."""

        async def close_all() -> None:
            for job in list(self._stations):
                await self._close(job)

        try:
            asyncio.run_coroutine_threadsafe(close_all(), self._loop).result(10)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
            if self._trees is not None:
                self._trees.close()


_offices: list[Office] = []
_opening = threading.Lock()


def _office() -> Office:
    """This process's, opened when it is first asked."""
    with _opening:
        if not _offices:
            _offices.append(Office())
            atexit.register(_offices[0].end)
        return _offices[0]
