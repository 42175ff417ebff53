"""A suite's own relations and planted orders: `fuzz_relations.py` and `fuzz_planted.txt` beside it.

They are the judge's: taken from the base where there is one, run behind a simulator's walls, and
never shown to an agent.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.git.base_ref import GitBaseline, suite_exists_at
from dialgate.git.base_tree import base_folder
from dialgate_evals.errors import ConfigurationError
from dialgate_evals.files.file_reading import read_bytes
from dialgate_evals.files.json_text import JsonTextError
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.fuzzing.documents import PARTS
from dialgate_evals.fuzzing.relation import Altered, Family, Relation
from dialgate_evals.running.agent_protocol import InfrastructureError
from dialgate_evals.running.simulation.relations_process import RelationsProcess
from dialgate_evals.running.simulation.simulator_process import SimulatorFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialgate_evals.fuzzing.choices import Choices
    from dialgate_evals.fuzzing.relation import Surroundings
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.workspace import Workspace

RELATIONS = "fuzz_relations.py"
PLANTED = "fuzz_planted.txt"
_DRAWS = 8
"""Numbers that are drawn for a relation of the suite's own."""
_RANGE = 10_000


@dataclass(frozen=True, kw_only=True)
class OwnRelations:
    """What a suite adds."""

    relations: tuple[Relation, ...] = ()
    planted: tuple[str, ...] = ()
    place: str = ""
    # the commit that they are of, or the working tree
    failures: list[str] = field(default_factory=list)
    # what broke in them, as they are used


@contextlib.contextmanager
def own_relations(workspace: Workspace, baseline: GitBaseline | None) -> Iterator[OwnRelations]:
    """The suite's own relations as of the base, else of the working tree; usable inside only.

    Raises ConfigurationError where they can't be loaded.
    """
    names = (RELATIONS, PLANTED)
    if baseline is not None and suite_exists_at(workspace, baseline.commit):
        if not any((workspace.folder / name).exists() for name in names):
            yield OwnRelations(place=str(baseline))
            return
        with base_folder(workspace, baseline) as folder, _loaded(folder, str(baseline)) as found:
            yield found
        return
    with _loaded(workspace.folder, "the working tree") as found:
        yield found


@contextlib.contextmanager
def _loaded(folder: Path, place: str) -> Iterator[OwnRelations]:
    planted = _planted(folder / PLANTED)
    path = folder / RELATIONS
    if not path.is_file():
        yield OwnRelations(planted=planted, place=place)
        return
    failures: list[str] = []
    with tempfile.TemporaryDirectory(prefix="dialgate-relations-") as alone:
        process = _started(path, Path(alone).resolve())
        try:
            yield OwnRelations(
                relations=_relations(process, failures),
                planted=planted,
                place=place,
                failures=failures,
            )
        finally:
            process.close()


def _started(path: Path, alone: Path) -> RelationsProcess:
    """The file in a folder of its own: the walls show no file of the judge's beside it."""
    copy = alone / "relations.py"
    shutil.copyfile(path, copy)
    try:
        return RelationsProcess(copy, folder=alone)
    except (SimulatorFailedError, JsonTextError, InfrastructureError) as error:
        raise _unusable(path, str(error)[:500]) from None


def _relations(process: RelationsProcess, failures: list[str]) -> tuple[Relation, ...]:
    return tuple(
        Relation(
            name=f"own-{name.replace('_', '-')}"[:80].lower(),
            family=Family.SAME,
            keeps=keeps or "what the suite says",
            vary=_vary_by(process, name, failures),
        )
        for name, keeps in process.relations
    )


def _vary_by(process: RelationsProcess, name: str, failures: list[str]) -> Any:  # noqa: ANN401 - as Relation.vary
    def vary(case: Case, around: Surroundings, draw: Choices) -> Altered | None:  # noqa: ARG001 - every relation is asked so
        numbers = [draw.below(_RANGE) for _ in range(_DRAWS)]
        try:
            made, _ = process.vary(name, case.document, numbers)
        except (SimulatorFailedError, JsonTextError) as error:
            if len(failures) < 1:
                failures.append(f"{name} on {case.id}: {error}"[:500])
            return None
        if not isinstance(made, dict):
            return None
        kept = {key: made[key] for key in PARTS if key in made}
        return Altered(document=kept, what=name.replace("_", " "))

    return vary


def _planted(path: Path) -> tuple[str, ...]:
    if not path.is_file():
        return ()
    problems: list[Problem] = []
    raw = read_bytes(path, problems, expected="an order a line")
    if raw is None:
        raise ConfigurationError(problems)
    lines = raw.decode("utf-8", "replace").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _unusable(path: Path, found: str) -> ConfigurationError:
    return ConfigurationError(
        [
            Problem(
                file=show_path(path),
                found=f"relations that can't be used: {found}",
                expected="functions that take (case, draw) and return a case or None",
            )
        ]
    )
