"""The workers that have a job's agent up: asked who they are, compared, given what they lack.

All that are there at the start must fit; one that joins later and doesn't is left out and said.
Leaves trials to `cluster.executor`.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialgate_evals.errors import ConfigurationError, EvidenceError
from dialgate_evals.files.problems import Problem
from dialgate_evals.running.agent_protocol import InfrastructureError
from dialgate_evals.running.executors.cluster.channel import TaskLostError
from dialgate_evals.running.executors.cluster.desk import (
    Desk,
    WorkerGoneError,
    WorkerUnfitError,
)
from dialgate_evals.running.executors.cluster.facts import (
    differences,
    own_facts,
    unlike_environments,
    walls_said,
)
from dialgate_evals.running.executors.cluster.messages import (
    Close,
    Facts,
    Failed,
    ForeignBytesError,
    Hello,
    Open,
    Opened,
    Send,
    Wanted,
    encode,
    read_answer,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from dialgate_evals.running.executors.cluster.channel import Channel
    from dialgate_evals.running.executors.cluster.messages import Answer, Question
    from dialgate_evals.running.executors.cluster.snapshot import Snapshot

LOOK_S = 1.0
"""How often new and lost workers are looked for."""

WAIT_S = 30.0
"""How long a scheduler may be without any worker that can be used."""

_HELLO_S = 90.0
_OPEN_S = 300.0
_CLOSE_S = 5.0
_MOST_ROUNDS = 4
"""How often a worker may want files again."""


@dataclass(kw_only=True)
class Desks:
    """Every worker that is ready for one job, over one channel."""

    channel: Channel
    snapshot: Snapshot | None
    # None: nothing is to be run, workers are only met
    said: dict[str, Facts]
    # what workers said of themselves, over the whole command
    lanes: dict[str, int]
    # by worker the trials that it runs at once, of those that are there
    url: str
    # as it is shown
    asks_for: tuple[str, ...]
    # names of variables that the agent is given
    say: Callable[[str], None]
    # hears a sentence on a worker that joins late and can't be used
    ready: dict[str, Desk] = field(default_factory=dict)
    _unfit: set[str] = field(default_factory=set)
    _joining: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    # workers that are being made ready, beside those that run trials
    _installed: dict[str, list[str]] = field(default_factory=dict)
    # what each worker's agent has beside it

    async def open_all(self) -> None:
        """Makes every worker ready.

        Raises EvidenceError where there is none, ConfigurationError where any differs from this
        machine, with all differences; InfrastructureError where the agent can't be started.
        """
        workers = await self.meet_all()
        opened = await asyncio.gather(
            *(self._open(worker) for worker in workers), return_exceptions=True
        )
        failed = [
            f"on {worker}: {error}"
            for worker, error in zip(workers, opened, strict=True)
            if isinstance(error, WorkerUnfitError) and not isinstance(error, WorkerGoneError)
        ]
        for error in opened:
            if isinstance(error, BaseException) and not isinstance(error, WorkerUnfitError):
                raise error
        if failed:
            raise InfrastructureError("; ".join(failed))
        problems = [*unlike_environments(self._installed)]
        if problems:
            raise ConfigurationError(problems)

    async def meet_all(self) -> list[str]:
        """Compares every worker with this machine; gives their addresses. Raises as `open_all`."""
        workers = await self._first_workers()
        found = await asyncio.gather(
            *(self._hello(worker) for worker in workers), return_exceptions=True
        )
        problems, facts = [], {}
        for worker, said in zip(workers, found, strict=True):
            if isinstance(said, Facts):
                facts[worker] = said
            elif isinstance(said, WorkerUnfitError):
                if not isinstance(said, WorkerGoneError):
                    problems.append(_unfit(worker, said))
            else:
                raise said
        own = await asyncio.to_thread(own_facts, self.asks_for)
        problems += differences(own, facts)
        if problems:
            raise ConfigurationError(problems)
        self.said.update(facts)
        if not facts:
            raise EvidenceError([self._nobody("workers that all went away")])
        return list(facts)

    async def _first_workers(self) -> list[str]:
        loop = asyncio.get_running_loop()
        end = loop.time() + WAIT_S
        while not (workers := await self.channel.workers()):
            if loop.time() > end:
                raise EvidenceError([self._nobody(f"no worker for {WAIT_S:g} s")])
            await asyncio.sleep(LOOK_S)
        return sorted(workers)

    def _nobody(self, found: str) -> Problem:
        return Problem(
            file=self.url,
            found=found,
            expected="at least one worker",
            advice="Start one with `dask worker ADDRESS` in an environment that has dialgate; "
            "with --resume the same command goes on.",
        )

    async def keep_looking(self) -> None:
        """Takes in workers that join and forgets those that leave; never ends by itself.

        Raises ClusterLostError, and EvidenceError where no worker is left for long.
        """
        loop = asyncio.get_running_loop()
        left = loop.time()
        while True:
            await asyncio.sleep(LOOK_S)
            workers = await self.channel.workers()
            for gone in self.ready.keys() - workers:
                self.forget(gone)
            for worker in workers - self.ready.keys() - self._unfit - self._joining.keys():
                self._joining[worker] = asyncio.create_task(self._open_late(worker))
            for worker, task in list(self._joining.items()):
                if task.done():
                    del self._joining[worker]
                    task.result()
            if self.ready:
                left = loop.time()
            elif loop.time() - left > WAIT_S:
                raise EvidenceError([self._nobody(f"no usable worker for {WAIT_S:g} s")])

    def drop(self, worker: str, why: str) -> None:
        """Gives the worker up for good, and says so."""
        self._unfit.add(worker)
        self.forget(worker)
        self.say(f"A worker isn't used any more: {worker}: {why}.")

    def forget(self, worker: str) -> None:
        """Gives up what the worker was asked; it is made ready anew where it is there again."""
        self.lanes.pop(worker, None)
        desk = self.ready.pop(worker, None)
        for task in () if desk is None else desk.asked:
            task.cancel()

    async def _open_late(self, worker: str) -> None:
        """Makes a worker ready that wasn't there at the start, or says why it isn't used."""
        try:
            facts = await self._hello(worker)
            self._refuse_unlike(worker, facts)
            self.said[worker] = facts
            await self._open(worker)
            self._refuse_other_environment(worker)
        except WorkerGoneError:
            return
        except WorkerUnfitError as error:
            self._unfit.add(worker)
            self.say(f"A worker that joined isn't used: {worker}: {error}.")

    def _refuse_unlike(self, worker: str, facts: Facts) -> None:
        """Raises WorkerUnfitError where the worker is none of those that began."""
        problems = [*differences(own_facts(self.asks_for), {worker: facts})]
        if problems:
            raise WorkerUnfitError(" ".join(map(str, problems)))
        stands = walls_said(facts).stands
        if not all(walls_said(other).stands <= stands for other in self.said.values()):
            raise WorkerUnfitError("its walls are weaker than those of the workers before it")

    def _refuse_other_environment(self, worker: str) -> None:
        """Raises WorkerUnfitError where its agent has other things installed than the others'."""
        problems = [*unlike_environments(self._installed)]
        if problems:
            self._installed.pop(worker, None)
            self.forget(worker)
            raise WorkerUnfitError(" ".join(map(str, problems)))

    async def _hello(self, worker: str) -> Facts:
        answer = await self._ask(Hello(secrets=list(self.asks_for)), worker, _HELLO_S)
        if not isinstance(answer, Facts):
            raise WorkerUnfitError(_instead(answer))
        return answer

    async def _open(self, worker: str) -> None:
        """Has the worker start the job's agent. Raises WorkerUnfitError."""
        assert self.snapshot is not None
        for _ in range(_MOST_ROUNDS):
            answer = await self._ask(Open(job=self.snapshot.job), worker, _OPEN_S)
            match answer:
                case Opened():
                    self.lanes[worker] = max(1, answer.lanes)
                    self._installed[worker] = answer.installed
                    self.ready[worker] = Desk(worker=worker, lanes=self.lanes[worker])
                    return
                case Wanted():
                    await self._send(answer.digests, worker)
                case _:
                    raise WorkerUnfitError(_instead(answer))
        raise WorkerUnfitError("it wants the same files again and again")

    async def _send(self, digests: list[str], worker: str) -> None:
        assert self.snapshot is not None
        if not self.snapshot.paths.keys() >= set(digests):
            raise WorkerUnfitError("it wants a file that the release doesn't have")
        for contents in self.snapshot.in_messages(digests):
            answer = await self._ask(Send(contents=contents), worker, _OPEN_S)
            if isinstance(answer, Failed):
                raise WorkerUnfitError(answer.why)

    async def _ask(self, question: Question, worker: str, limit_s: float) -> Answer:
        """The answer. Raises WorkerUnfitError where there is none in time."""
        key = f"dialgate-{type(question).__name__.lower()}-{secrets.token_hex(8)}"
        asking = asyncio.ensure_future(self.channel.ask(encode(question), worker=worker, key=key))
        try:
            async with asyncio.timeout(limit_s):
                while not (await asyncio.wait({asking}, timeout=LOOK_S))[0]:
                    if worker not in await self.channel.workers():
                        raise WorkerGoneError("it went away")
                return read_answer(asking.result())
        except TimeoutError:
            raise WorkerUnfitError(f"no answer within {limit_s:g} s") from None
        except (TaskLostError, ForeignBytesError) as error:
            raise WorkerUnfitError(f"it can't answer ({error})") from None
        finally:
            asking.cancel()

    async def close(self) -> None:
        """Ends the job on every worker, as far as they answer at once."""
        for task in self._joining.values():
            task.cancel()
        await asyncio.gather(*self._joining.values(), return_exceptions=True)
        if self.snapshot is None:
            return
        question = Close(job=self.snapshot.job_id)
        asked = [self._ask(question, worker, _CLOSE_S) for worker in self.ready]
        await asyncio.gather(*asked, return_exceptions=True)
        self.ready.clear()


def _unfit(worker: str, error: WorkerUnfitError) -> Problem:
    return Problem(
        file=worker,
        found=f"a worker that can't be used: {error}",
        expected="one that runs trials",
        advice="Start scheduler and workers in an environment that has dialgate[cluster].",
    )


def _instead(answer: Answer) -> str:
    return answer.why if isinstance(answer, Failed) else f"answers with {type(answer).__name__}"
