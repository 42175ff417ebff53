"""What must be equal on client and workers before the first trial, and what differs.

Knows what this machine says of itself; leaves asking the others to `cluster.executor`.
"""

from __future__ import annotations

import os
import platform
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import dialgate_evals
from dialgate_evals.files.problems import Problem
from dialgate_evals.running.containment.machine import machine_walls
from dialgate_evals.running.containment.walls import MachineWalls, Means, Wall
from dialgate_evals.running.executors.cluster.messages import Facts
from dialgate_evals.suite.versions import installed_versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_MOST_NAMED = 6


def own_facts(secrets: Iterable[str] = ()) -> Facts:
    """This machine's; `secrets` are names of variables, of which those that are set come back."""
    walls = machine_walls()
    return Facts(
        dialgate=installed_versions()["dialgate"],
        code=_code_digest(),
        python=".".join(platform.python_version_tuple()[:2]),
        dask=_dask_version(),
        means=walls.means.value,
        stands=sorted(wall.value for wall in walls.stands),
        why=walls.why,
        secrets=sorted(name for name in secrets if os.environ.get(name)),
    )


def _dask_version() -> str:
    try:
        return metadata.version("distributed")
    except metadata.PackageNotFoundError:
        return "uninstalled"


@cache
def _code_digest() -> str:
    """Of the files that run trials: equal versions of a checkout may hold other code."""
    folder = Path(dialgate_evals.__file__).parent
    digest = sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".py", ".json"} and "__pycache__" not in path.parts:
            raw = path.read_bytes()
            digest.update(f"{path.relative_to(folder).as_posix()} {len(raw)}\n".encode() + raw)
    return digest.hexdigest()[:16]


def differences(own: Facts, others: Mapping[str, Facts]) -> Iterator[Problem]:
    """A problem for each thing in which a worker differs from whoever asks it."""
    for worker, facts in sorted(others.items()):
        if facts.dialgate != own.dialgate:
            yield _other(worker, "dialgate", facts.dialgate, own.dialgate)
        elif facts.code != own.code:
            found, here = (f"{own.dialgate} with code {item.code}" for item in (facts, own))
            yield _other(worker, "dialgate", found, here)
        if facts.python != own.python:
            yield _other(worker, "python", facts.python, own.python)
        if facts.dask != own.dask:
            yield _other(worker, "distributed", facts.dask, own.dask)
        for name in sorted(set(own.secrets) - set(facts.secrets)):
            yield Problem(
                file=worker,
                place=name,
                found="no such variable",
                expected="a value of the worker's own: values are never sent",
                advice=f"Set {name} where the worker is started.",
            )


def unlike_environments(installed: Mapping[str, list[str]]) -> Iterator[Problem]:
    """A problem for each worker whose agent has other packages than the first worker's.

    Its trials would be those of another release, in turn with the others.
    """
    workers = sorted(installed)
    for worker in workers[1:]:
        first, mine = set(installed[workers[0]]), set(installed[worker])
        if first != mine:
            yield Problem(
                file=worker,
                place="agent",
                found=_listed(mine - first),
                expected=f"{_listed(first - mine)} beside the agent, as on {workers[0]}",
                advice="Start all workers from one image or environment.",
            )


def _listed(names: set[str]) -> str:
    shown = sorted(names)[:_MOST_NAMED]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return (", ".join(shown) or "nothing more") + more


def _other(worker: str, place: str, found: str, here: str) -> Problem:
    return Problem(
        file=worker,
        place=place,
        found=found,
        expected=f"{here}, as here",
        advice="Start scheduler, workers and this command from one environment or image.",
    )


def walls_said(facts: Facts) -> MachineWalls:
    """The walls that a worker says it can build; words that aren't known are none."""
    try:
        means, stands = Means(facts.means), frozenset(Wall(name) for name in facts.stands)
    except ValueError:
        why = "the worker names walls that this version doesn't know"
        return MachineWalls(means=Means.NOTHING, stands=frozenset(), why=why)
    return MachineWalls(means=means, stands=stands, why=facts.why)


def weakest_walls(said: Mapping[str, Facts]) -> MachineWalls:
    """What stands on every worker: a trial may run on any of them."""
    found = {worker: walls_said(facts) for worker, facts in said.items()}
    stands = frozenset.intersection(*(walls.stands for walls in found.values()))
    order = list(Means)
    means = max((walls.means for walls in found.values()), key=order.index)
    why = [f"on {worker} {walls.why}" for worker, walls in sorted(found.items()) if walls.why]
    more = f" and {len(why) - 1} more workers" if len(why) > 1 else ""
    return MachineWalls(means=means, stands=stands, why=f"{why[0]}{more}" if why else "")
