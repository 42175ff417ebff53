"""Trials on a cluster: handed out in lots, taken in as they end, each once into the record.

Knows what is in flight and what became of it; leaves workers to `cluster.desks`, the size of a lot
to `cluster.lots` and the way there to a channel.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.errors import EvidenceError
from dialgate_evals.running.executors.cluster.channel import ClusterLostError, TaskLostError
from dialgate_evals.running.executors.cluster.desks import Desks
from dialgate_evals.running.executors.cluster.loaded_there import LoadedThere
from dialgate_evals.running.executors.cluster.lots import LotSizes
from dialgate_evals.running.executors.cluster.messages import (
    Failed,
    ForeignBytesError,
    NotOpen,
    Ran,
    Run,
    encode,
    read_answer,
)
from dialgate_evals.running.executors.cluster.place import variables_of
from dialgate_evals.running.executors.cluster.plain_data import (
    lot_key,
    pack_trial,
    unpack_trajectory,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from dialgate_evals.running.containment.walls import Walls
    from dialgate_evals.running.engine import DueTrial
    from dialgate_evals.running.executors.cluster.desk import Desk
    from dialgate_evals.running.executors.cluster.messages import Answer
    from dialgate_evals.running.executors.cluster.place import ClusterPlace
    from dialgate_evals.running.executors.cluster.snapshot import Snapshot
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.loaded_code import LoadedCode
    from dialgate_evals.suite.suite import Suite

_MOST_TRIES = 3
"""How often a trial may come to nothing before it counts as one that could not be run."""

_ADDED_S = 120.0
"""What a worker may take beside the trials' own limits: backing off, a process that starts anew."""


@dataclass(kw_only=True)
class _Lot:
    """Trials that go together, and how often they came to nothing."""

    due: list[DueTrial]
    tries: int = 0
    is_suspect: bool = False
    # whether more than one worker went away under it: then it gets one for itself
    desk: Desk | None = None
    # where it was handed to


class ClusterExecutor:
    """One release's trials on the workers of a cluster."""

    def __init__(
        self,
        place: ClusterPlace,
        snapshot: Snapshot,
        suite: Suite,
        *,
        on_finished: Callable[[Case, Trajectory], None],
        on_several_finished: Callable[[], None],
    ) -> None:
        self._place = place
        self._snapshot = snapshot
        self._suite = suite
        self._on_finished = on_finished
        self._on_several_finished = on_several_finished
        self._sizes = LotSizes()
        self._there = LoadedThere()
        self._desks: Desks | None = None

    @property
    def loaded(self) -> LoadedCode | None:
        """What the agent loaded on all workers; None: nobody can say."""
        return self._there.loaded

    @property
    def workers_died(self) -> int:
        """How many of the agent's own processes ended under a trial."""
        return self._there.workers_died

    @property
    def walls(self) -> Walls:
        """What stands around the agent wherever a trial may have run."""
        return self._place.walls(self._suite)

    @asynccontextmanager
    async def agent_ready(self) -> AsyncIterator[None]:
        """The agent, started on every worker that is there.

        Raises EvidenceError where the cluster can't be reached or has no worker,
        ConfigurationError where a worker differs, InfrastructureError where the agent can't start.
        """
        try:
            async with self._place.connect() as channel:
                self._desks = Desks(
                    channel=channel,
                    snapshot=self._snapshot,
                    said=self._place.said,
                    lanes=self._place.lanes,
                    url=self._place.url,
                    asks_for=variables_of(self._suite),
                    say=self._place.say,
                )
                try:
                    await self._desks.open_all()
                    yield
                finally:
                    await self._desks.close()
        except ClusterLostError as error:
            raise EvidenceError([self._place.lost(error)]) from None

    @property
    def _desks_now(self) -> Desks:
        assert self._desks is not None, "the agent is ready"
        return self._desks

    async def run_due(self, due: Sequence[DueTrial]) -> None:
        """Runs exactly these trials; a bounded number of them is in flight.

        Raises EvidenceError where the cluster is lost; what came back before is taken in.
        """
        waiting, again = deque(due), deque[_Lot]()
        asked: dict[asyncio.Task[Answer], _Lot] = {}
        looking = asyncio.create_task(self._desks_now.keep_looking())
        try:
            while waiting or again or asked:
                for lot in self._lots_to_hand_out(waiting, again):
                    asked[self._ask_beside(lot)] = lot
                await asyncio.wait({*asked, looking}, timeout=1, return_when="FIRST_COMPLETED")
                for task in [task for task in asked if task.done()]:
                    again.extend(self._take_in(asked.pop(task), task))
                self._on_several_finished()
                if looking.done():
                    looking.result()
        except ClusterLostError as error:
            raise EvidenceError([self._place.lost(error)]) from None
        finally:
            left: list[asyncio.Task[Any]] = [looking, *asked]
            for unfinished in left:
                unfinished.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            self._on_several_finished()

    def _lots_to_hand_out(self, waiting: deque[DueTrial], again: deque[_Lot]) -> list[_Lot]:
        """Lots until every worker has its lanes full and the next trials at hand."""
        lots, desks = [], list(self._desks_now.ready.values())
        is_open = True
        while is_open and (waiting or again):
            is_open = False
            for desk in sorted(desks, key=lambda desk: desk.in_flight / desk.lanes):
                lot = self._next_lot(desk, waiting, again, len(desks))
                if lot is not None:
                    lots.append(lot)
                    is_open = True
        return lots

    def _next_lot(
        self, desk: Desk, waiting: deque[DueTrial], again: deque[_Lot], workers: int
    ) -> _Lot | None:
        size = self._sizes.lot(lanes=desk.lanes, left=len(waiting), workers=workers)
        # Where one trial is to be alone, what is under way ends first.
        is_for_one = desk.is_alone or any(lot.is_suspect for lot in again)
        most = 1 if is_for_one else self._sizes.most_in_flight(lanes=desk.lanes, lot=size)
        if desk.in_flight >= most:
            return None
        if is_for_one:
            lot = next(lot for lot in again if lot.is_suspect)
            again.remove(lot)
            desk.is_alone = True
        elif again:
            lot = again.popleft()
        elif waiting:
            lot = _Lot(due=[waiting.popleft() for _ in range(min(size, len(waiting)))])
        else:
            return None
        lot.desk = desk
        desk.in_flight += len(lot.due)
        return lot

    def _ask_beside(self, lot: _Lot) -> asyncio.Task[Answer]:
        """Asks the lot's worker; cancelled where that worker is gone."""
        assert lot.desk is not None
        task = asyncio.create_task(self._ask(lot))
        lot.desk.asked.add(task)
        task.add_done_callback(lot.desk.asked.discard)
        return task

    async def _ask(self, lot: _Lot) -> Answer:
        """What the lot came to. Raises TaskLostError, ClusterLostError, ForeignBytesError."""
        assert lot.desk is not None
        trials = [pack_trial(item) for item in lot.due]
        job, worker = self._snapshot.job_id, lot.desk.worker
        run = Run(job=job, trials=trials, known=self._there.digest_of(worker))
        key = lot_key(job, trials, lot.tries)
        limit_s = self._limit_s(lot)
        try:
            async with asyncio.timeout(limit_s):
                return read_answer(
                    await self._desks_now.channel.ask(encode(run), worker=worker, key=key)
                )
        except TimeoutError:
            why = f"no answer within {limit_s:,.0f} s"
            self._desks_now.drop(worker, why)
            raise TaskLostError(why) from None

    def _limit_s(self, lot: _Lot) -> float:
        """What a lot may take at most, behind all that its worker has before it."""
        assert lot.desk is not None
        rounds = -(-(lot.desk.in_flight + len(lot.due)) // lot.desk.lanes)
        return _ADDED_S + rounds * (self._suite.retries + 2) * (self._suite.timeout_s + 30)

    def _take_in(self, lot: _Lot, task: asyncio.Task[Answer]) -> list[_Lot]:
        """Takes in what a lot came to; gives what of it must be asked for again."""
        assert lot.desk is not None
        lot.desk.in_flight -= len(lot.due)
        lot.desk.is_alone = False
        if task.cancelled():
            return self._try_again(lot, "each of its workers went away")
        try:
            answer = task.result()
        except (TaskLostError, ForeignBytesError) as error:
            return self._try_again(lot, str(error))
        match answer:
            case Ran() if len(answer.trials) == len(lot.due):
                self._there.hear(answer)
                for due, raw in zip(lot.due, answer.trials, strict=True):
                    self._finish(due, raw)
                return []
            case NotOpen():
                # The worker's process is a new one: it is made ready again before it gets a lot.
                self._desks_now.forget(answer.worker or lot.desk.worker)
                return self._try_again(lot, "its workers lose their agent again and again")
            case Failed():
                return self._try_again(lot, answer.why)
            case _:
                return self._try_again(lot, "a worker answered something else")

    def _finish(self, due: DueTrial, raw: bytes) -> None:
        try:
            trajectory = unpack_trajectory(raw, due.case, due.trial)
        except ForeignBytesError as error:
            why = f"its worker sent {error}"
            trajectory = Trajectory(case_id=due.case.id, trial=due.trial, error=why)
        self._sizes.learn(trajectory.latency_ms, len(raw))
        self._on_finished(due.case, trajectory)

    def _try_again(self, lot: _Lot, why: str) -> list[_Lot]:
        """The lot's trials one by one; one that came to nothing too often is errored.

        The last time it has a worker for itself, so that no trial is blamed for its neighbour.
        """
        tries = lot.tries + 1
        if not lot.is_suspect:
            suspect = tries >= _MOST_TRIES - 1
            return [_Lot(due=[item], tries=tries, is_suspect=suspect) for item in lot.due]
        for item in lot.due:
            error = f"it could not be run on {self._place.url}: {why}"
            lost = Trajectory(case_id=item.case.id, trial=item.trial, error=error)
            self._on_finished(item.case, lost)
        return []
