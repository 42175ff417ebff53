"""The cluster that a command was told of: its URL, its connection, its end.

Knows what URLs there are and what they need; leaves trials to `cluster.executor`.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Self

from dialgate_evals.errors import UsageError
from dialgate_evals.files.plain_text import printable, shorten
from dialgate_evals.running.executors.cluster.dask_side.local_cluster import LocalCluster
from dialgate_evals.running.executors.cluster.executor import ClusterExecutor
from dialgate_evals.running.executors.cluster.place import ClusterPlace, meet_workers
from dialgate_evals.running.executors.cluster.snapshot import take_snapshot
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from types import TracebackType

    from dialgate_evals.actions.action_classes import ActionRegistry
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.running.containment.walls import Walls
    from dialgate_evals.running.executors.cluster.channel import Channel
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.suite import Suite
    from dialgate_evals.suite.workspace import Workspace

MOST_LOCAL = 64

_ADDRESS = re.compile(r"(tcp|tls|ws|wss)://[^\s/@]+:[0-9]{1,5}(/\S*)?")
_LOCAL = re.compile(r"local:([0-9]{1,3})")
_FORMS = "tcp://HOST:PORT or tls://HOST:PORT (a Dask scheduler's address), or local:N"


class Cluster:
    """A cluster for one command; a context that ends what it started."""

    def __init__(self, url: str, *, say: Callable[[str], None]) -> None:
        """Raises UsageError for a URL that is none, and where the extra is missing."""
        local = _LOCAL.fullmatch(url)
        if local is None and not _ADDRESS.fullmatch(url):
            shown = shorten(printable(url), 80)
            raise UsageError(f"--cluster {shown}: no address of a cluster. Expected {_FORMS}.")
        if local is not None and not 1 <= int(local[1]) <= MOST_LOCAL:
            raise UsageError(f"--cluster {url}: expected local:1 to local:{MOST_LOCAL}.")
        require_distributed()
        self._local: LocalCluster | None = None
        if local is not None:
            self._local = LocalCluster(int(local[1]))
        self._url = url
        self.place = ClusterPlace(
            url=url,
            connect=self._connect,
            say=say,
            is_open=local is None and not url.startswith(("tls:", "wss:")),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._local is not None:
            self._local.close()

    @property
    def lanes(self) -> int:
        """Trials that its workers run at once, as far as they have been met; 0: not yet."""
        return sum(self.place.lanes.values())

    def executor(
        self,
        workspace: Workspace,
        release: Release,
        *,
        actions: ActionRegistry,
        on_finished: Callable[[Case, Trajectory], None],
        on_several_finished: Callable[[], None],
    ) -> ClusterExecutor:
        """What runs the release's trials there; nothing is started yet.

        Raises ConfigurationError for a release that is too large to be sent.
        """
        return ClusterExecutor(
            self.place,
            take_snapshot(workspace, release, actions),
            workspace.suite,
            on_finished=on_finished,
            on_several_finished=on_several_finished,
        )

    def walls(self, suite: Suite) -> Walls:
        """What stands around the suite's agent wherever a trial may have run.

        Workers are asked where none has said yet. Raises EvidenceError where none can be.
        """
        if not self.place.said and suite.agent.kind in {AgentKind.PYTHON, AgentKind.COMMAND}:
            asyncio.run(meet_workers(self.place))
        return self.place.walls(suite)

    @asynccontextmanager
    async def _connect(self) -> AsyncIterator[Channel]:
        from dialgate_evals.running.executors.cluster.dask_side.dask_channel import connect_to  # noqa: PLC0415 - an extra, and slow to load

        url, security = self._url, None
        if self._local is not None:
            await asyncio.to_thread(self._local.start)
            url, security = self._local.address, self._local.security()
        async with connect_to(url, security) as channel:
            yield channel


def require_distributed() -> None:
    """Raises UsageError where the extra is missing."""
    if find_spec("distributed") is None:
        raise UsageError(
            "--cluster needs Dask, which is not installed: pip install 'dialgate[cluster]'."
        )
