"""Which walls make a run sealed."""

from __future__ import annotations

import pytest

from dialgate_evals.running.containment.walls import (
    NO_WALLS,
    MachineWalls,
    Means,
    Wall,
    walls_around,
)
from dialgate_evals.suite.suite import AgentKind, Network

ALL = MachineWalls(
    means=Means.NAMESPACES,
    stands=frozenset({Wall.READ, Wall.WRITE, Wall.PROCESSES, Wall.NETWORK}),
)
STARTED = [AgentKind.PYTHON, AgentKind.COMMAND]


@pytest.mark.parametrize("kind", STARTED)
@pytest.mark.parametrize("network", Network)
def test_an_agent_behind_every_wall_is_sealed(kind: AgentKind, network: Network) -> None:
    walls = walls_around(kind, machine=ALL, network=network)
    assert walls.is_sealed
    assert set(walls.stand) == set(Wall)
    assert walls.as_json()["sealed"] is True


@pytest.mark.parametrize("kind", STARTED)
def test_without_a_sandbox_a_started_agent_is_unsealed_and_each_reason_is_said(
    kind: AgentKind,
) -> None:
    walls = walls_around(kind, machine=NO_WALLS, network=Network.NONE)
    assert not walls.is_sealed
    assert set(walls.stand) == {Wall.ENVIRONMENT, Wall.COPY}
    assert len(walls.unsealed) == 4
    assert all("no sandbox" in sentence for sentence in walls.unsealed)


@pytest.mark.parametrize("wall", [Wall.READ, Wall.WRITE, Wall.PROCESSES])
def test_each_missing_wall_unseals(wall: Wall) -> None:
    machine = MachineWalls(means=Means.LANDLOCK, stands=ALL.stands - {wall}, why="the kernel")
    assert not walls_around(AgentKind.PYTHON, machine=machine).is_sealed


def test_an_open_network_needs_no_wall_but_a_closed_one_does() -> None:
    machine = MachineWalls(means=Means.LANDLOCK, stands=ALL.stands - {Wall.NETWORK}, why="old")
    assert walls_around(AgentKind.PYTHON, machine=machine, network=Network.OPEN).is_sealed
    closed = walls_around(AgentKind.PYTHON, machine=machine, network=Network.LOOPBACK)
    assert closed.unsealed == ("The agent's network is open, whatever suite.toml says: old.",)


def test_no_code_of_a_change_runs_behind_a_chat_endpoint() -> None:
    assert walls_around(AgentKind.CHAT, machine=NO_WALLS).is_sealed


@pytest.mark.parametrize("kind", [AgentKind.HTTP, AgentKind.TRANSCRIPT])
def test_what_the_harness_does_not_start_is_never_sealed(kind: AgentKind) -> None:
    walls = walls_around(kind, machine=ALL)
    assert not walls.is_sealed
    assert walls.stand == ()
