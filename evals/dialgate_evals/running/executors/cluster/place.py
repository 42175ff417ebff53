"""The cluster of one command: how it is reached, who is there, what stands around agents there.

Leaves trials to `cluster.executor` and URLs to `cluster.session`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dialgate_evals.errors import EvidenceError
from dialgate_evals.files.problems import Problem
from dialgate_evals.running.containment.walls import NO_WALLS, walls_around
from dialgate_evals.running.executors.cluster.channel import ClusterLostError
from dialgate_evals.running.executors.cluster.desks import Desks
from dialgate_evals.running.executors.cluster.facts import weakest_walls
from dialgate_evals.suite.suite import AgentKind, Network

if TYPE_CHECKING:
    from collections.abc import Callable

    from dialgate_evals.running.containment.walls import Walls
    from dialgate_evals.running.executors.cluster.channel import Connect
    from dialgate_evals.running.executors.cluster.messages import Facts
    from dialgate_evals.suite.suite import Suite


@dataclass(frozen=True, kw_only=True)
class ClusterPlace:
    """The cluster of a command: how it is reached, and what its workers have said so far."""

    url: str
    # as it is shown
    connect: Connect
    say: Callable[[str], None]
    # hears what a person should know while trials run
    is_open: bool = False
    # whether it takes orders from anybody who reaches it
    said: dict[str, Facts] = field(default_factory=dict)
    lanes: dict[str, int] = field(default_factory=dict)
    # by worker the trials that it runs at once

    def walls(self, suite: Suite) -> Walls:
        """What stands around the suite's agent wherever a trial may have run."""
        kind, network = suite.agent.kind, suite.agent.network
        machine = weakest_walls(self.said) if self.said else NO_WALLS
        walls = walls_around(kind, machine=machine, network=network)
        has_code = kind in {AgentKind.PYTHON, AgentKind.COMMAND}
        if not (self.is_open and has_code and network is not Network.NONE):
            return walls
        why = (
            f"The cluster at {self.url} takes orders from whoever reaches it, and the agent's "
            f"network is {network.value}: it could have code run outside its walls (tls://, or "
            'network = "none", closes that).'
        )
        return replace(walls, unsealed=(*walls.unsealed, why))

    def lost(self, error: ClusterLostError) -> Problem:
        """That the cluster can't be reached, as a problem."""
        return Problem(
            file=self.url,
            found=f"a cluster that can't be used: {error}",
            expected="a Dask scheduler that answers",
            advice="What came back is on record; with --resume the same command goes on.",
        )


async def meet_workers(place: ClusterPlace) -> None:
    """Has every worker say what it is, without a trial. Raises as `ClusterExecutor.agent_ready`."""
    try:
        async with place.connect() as channel:
            desks = Desks(
                channel=channel,
                snapshot=None,
                said=place.said,
                lanes=place.lanes,
                url=place.url,
                asks_for=(),
                say=place.say,
            )
            await desks.meet_all()
    except ClusterLostError as error:
        raise EvidenceError([place.lost(error)]) from None


def variables_of(suite: Suite) -> tuple[str, ...]:
    """Names of the variables whose values an agent of the suite needs where it runs."""
    keys = (suite.agent.api_key_env, suite.user.api_key_env)
    return tuple(dict.fromkeys((*suite.agent.env, *(key for key in keys if key is not None))))
