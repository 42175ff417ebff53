"""Which walls stand around an agent, and what that makes of a run: sealed, or not and why.

Pure: what the machine can do is an argument (`machine_walls` finds it out). Leaves building the
walls to `sandbox` and what an unsealed verdict is worth to the policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

from dialgate_evals.suite.suite import AgentKind, Network


class Wall(StrEnum):
    """One thing that an agent can't do."""

    ENVIRONMENT = "environment"
    # sees only the variables that the suite names
    COPY = "copy"
    # starts in a copy of the release: no cases, policy, records
    READ = "read"
    # reads nothing beside its copy, its interpreter and the system's own files
    WRITE = "write"
    # writes nothing outside a scratch folder
    PROCESSES = "processes"
    # sees and signals no process but its own, none of which outlives it
    NETWORK = "network"
    # reaches what suite.toml's agent.network says, and no more


class Means(StrEnum):
    """What builds the walls, the strongest first."""

    NAMESPACES = "namespaces"
    BUBBLEWRAP = "bubblewrap"
    LANDLOCK = "landlock"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineWalls:
    """What this machine lets the harness build."""

    means: Means
    stands: frozenset[Wall]
    # of READ, WRITE, PROCESSES, NETWORK: the others need nothing of the machine
    why: str = ""
    # what keeps the rest from standing; empty where all of them do


@dataclass(frozen=True, slots=True, kw_only=True)
class Walls:
    """The walls around one suite's agent."""

    means: Means
    stand: tuple[Wall, ...]
    network: Network
    # what the suite asks for
    unsealed: tuple[str, ...] = ()
    # why not sealed, a sentence each; empty: the agent can't move, feed or read its judge

    @property
    def is_sealed(self) -> bool:
        """Whether the agent can't move, feed or read its own judge."""
        return not self.unsealed

    def as_json(self) -> dict[str, Any]:
        """As run.json and the verdict show it."""
        return {
            "sealed": self.is_sealed,
            "means": self.means.value,
            "stand": [wall.value for wall in self.stand],
            "network": self.network.value,
            "unsealed": list(self.unsealed),
        }


NO_WALLS = MachineWalls(
    means=Means.NOTHING, stands=frozenset(), why="this machine has no sandbox for the agent"
)

_SEALING = (Wall.READ, Wall.WRITE, Wall.PROCESSES)
"""What seals, beside the copy and the environment, which every started agent has."""


def walls_around(
    kind: AgentKind, *, machine: MachineWalls, network: Network = Network.OPEN
) -> Walls:
    """The walls that stand around an agent of that kind on that machine."""
    match kind:
        case AgentKind.CHAT:
            return Walls(means=Means.NOTHING, stand=tuple(Wall), network=network)
        case AgentKind.HTTP:
            why = "The agent is behind an address: others start it, so nothing contains it."
            return _none(network, why)
        case AgentKind.TRANSCRIPT:
            why = "The trajectories are recorded: they come with the change, nobody saw the agent."
            return _none(network, why)
        case AgentKind.PYTHON | AgentKind.COMMAND:
            return _around_started(machine, network)
        case _ as never:
            assert_never(never)


def _none(network: Network, why: str) -> Walls:
    return Walls(means=Means.NOTHING, stand=(), network=network, unsealed=(why,))


def _around_started(machine: MachineWalls, network: Network) -> Walls:
    stand = {Wall.ENVIRONMENT, Wall.COPY, *machine.stands}
    if network is Network.OPEN:
        stand.add(Wall.NETWORK)
    needed = (*_SEALING, Wall.NETWORK)
    missing = [wall for wall in needed if wall not in stand]
    return Walls(
        means=machine.means,
        stand=tuple(wall for wall in Wall if wall in stand),
        network=network,
        unsealed=tuple(_sentence(wall, machine.why) for wall in missing),
    )


def _sentence(wall: Wall, why: str) -> str:
    can = {
        Wall.READ: "The agent can read files beside its release, such as cases",
        Wall.WRITE: "The agent can write outside its scratch folder",
        Wall.PROCESSES: "The agent can see and signal other processes, and leave some behind",
        Wall.NETWORK: "The agent's network is open, whatever suite.toml says",
    }
    return f"{can[wall]}: {why}."
