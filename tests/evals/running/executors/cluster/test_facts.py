"""Workers are compared before they get a trial; the weakest walls count for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from dialgate_evals.running.containment.walls import Means, Wall
from dialgate_evals.running.executors.cluster.facts import (
    differences,
    own_facts,
    walls_said,
    weakest_walls,
)
from dialgate_evals.running.executors.cluster.place import ClusterPlace
from dialgate_evals.suite.suite import parse_suite

if TYPE_CHECKING:
    from typing import Any

    from dialgate_evals.running.executors.cluster.messages import Facts
    from dialgate_evals.suite.suite import Suite

EVERY = ["network", "processes", "read", "write"]


def facts(means: str = "namespaces", stands: list[str] | None = None, why: str = "") -> Facts:
    return replace(own_facts(), means=means, stands=EVERY if stands is None else stands, why=why)


def a_suite(**agent: Any) -> Suite:
    return parse_suite({"name": "s", "cases": ["c"], "agent": {"kind": "python", **agent}})


def a_place(*, is_open: bool, **said: Facts) -> ClusterPlace:
    def connect() -> Any:
        raise AssertionError("nobody is asked")

    return ClusterPlace(url="tcp://s:1", connect=connect, say=print, is_open=is_open, said=said)


def test_a_machine_does_not_differ_from_itself() -> None:
    own = own_facts()
    assert not [*differences(own, {"tcp://w:1": own})]


def test_a_variable_that_is_set_here_and_not_there_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHOP_KEY", "value-of-the-key")
    own = own_facts(["SHOP_KEY", "NEVER_SET"])
    (found,) = differences(own, {"tcp://w:1": replace(own, secrets=[])})
    assert found.place == "SHOP_KEY"
    assert "value-of-the-key" not in f"{found} {own}"


def test_the_weakest_walls_count() -> None:
    walls = weakest_walls(
        {"a": facts(), "b": facts("landlock", ["read", "write"], "Landlock leaves datagrams open")}
    )
    assert walls.means is Means.LANDLOCK
    assert walls.stands == {Wall.READ, Wall.WRITE}
    assert walls.why == "on b Landlock leaves datagrams open"


def test_walls_that_nobody_knows_are_none() -> None:
    assert not walls_said(facts("force field")).stands
    assert not walls_said(facts(stands=["everything"])).stands


def test_a_worker_without_walls_unseals_the_run() -> None:
    place = a_place(is_open=False, a=facts(), b=facts("nothing", [], "no sandbox"))
    walls = place.walls(a_suite())
    assert not walls.is_sealed
    assert "on b no sandbox" in walls.unsealed[0]


@pytest.mark.parametrize(
    ("is_open", "agent", "is_sealed"),
    [
        (False, {}, True),
        (True, {}, False),
        (True, {"network": "loopback"}, False),
        (True, {"network": "none"}, True),
        (True, {"kind": "chat"}, True),
    ],
    ids=["keys", "open network", "loopback", "no network", "no code"],
)
def test_an_agent_that_could_give_the_cluster_orders_is_not_sealed(
    is_open: bool, agent: dict[str, str], is_sealed: bool
) -> None:
    walls = a_place(is_open=is_open, a=facts()).walls(a_suite(**agent))
    assert walls.is_sealed is is_sealed
