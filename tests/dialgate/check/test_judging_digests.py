"""Whatever has a say in a verdict has a digest, which the verdict and its signature hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dialgate.check.judge import judging_digests
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.settings.settings import load_settings
from tests.dialgate.check.surveyed import GOLDEN, SUITE, Desk

if TYPE_CHECKING:
    from pathlib import Path

TARGET = 'target = "agent.main:respond"\n'
QUARANTINE = '[[quarantine]]\ncase = "c-1"\nowner = "me"\nreason = "later"\nuntil = 2999-01-01\n'


def digests(desk: Desk) -> dict[str, str]:
    return judging_digests(load_workspace(desk.suite), load_settings(desk.suite))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk.make(tmp_path_factory.mktemp("base") / "desk")


@pytest.mark.parametrize(
    ("file", "old", "new", "part"),
    [
        (f"{SUITE}/suite.toml", "trials = 2", "trials = 3", "suite.toml"),
        (f"{SUITE}/suite.toml", "rate = 0.02", "rate = 0.03", "suite.toml"),
        (f"{SUITE}/suite.toml", "trials = 2", "trials = 2\ndeterministic = true", "suite.toml"),
        (f"{SUITE}/suite.toml", TARGET, TARGET + QUARANTINE, "suite.toml"),
        (f"{SUITE}/policy.toml", "margin = 0.05", "margin = 0.06", "policy.toml"),
        (f"{SUITE}/actions.toml", "reversible = false", "reversible = true", "actions.toml"),
        (f"{GOLDEN}/cases.jsonl", "Do c-1.", "Do c-1!", "cases"),
        (f"{SUITE}/prompts/system.md", "kind", "fair", None),
    ],
)
def test_a_part_that_decides_has_a_digest(
    file: str, old: str, new: str, part: str | None, base: Desk, tmp_path: Path
) -> None:
    desk = base.copy_to(tmp_path / "desk")
    desk.replace(file, old, new)
    before, now = digests(base), digests(desk)
    differing = [name for name in before if before[name] != now[name]]
    assert differing == ([] if part is None else [part])
