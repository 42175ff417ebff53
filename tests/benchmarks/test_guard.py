"""A guard that sees a loss of speed through noise, and sees none where there is none."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.integration.command_line import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

sys.path.append(str(PROJECT / "benchmarks"))

# scripts, and no package's modules
guard: Any = importlib.import_module("guard")
losses: Any = importlib.import_module("guarding.paired_loss")


class NoisyMachine:
    """Turns as a busy machine gives them: spells in which everything takes up to three times."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._slow, self._left = 1.0, 0

    def turns(self, seconds: float) -> Callable[[], float]:
        """Turns of a path that takes that long on a quiet machine."""

        def take() -> float:
            if not self._left:
                is_slow = self._random.random() < 0.4
                self._slow = self._random.uniform(1.0, 3.0) if is_slow else 1.0
                self._left = int(self._random.integers(1, 12))
            self._left -= 1
            return seconds * self._slow * float(np.exp(abs(self._random.normal(0, 0.06))))

        return take


def share_of_failures(base_s: float, head_s: float, machines: int = 400) -> float:
    found = []
    for seed in range(machines):
        machine = NoisyMachine(seed)
        loss = losses.measure_loss("x", machine.turns(base_s), machine.turns(head_s))
        found.append(loss.is_too_much)
    return float(np.mean(found))


def test_a_planted_loss_of_thirty_percent_fails() -> None:
    assert share_of_failures(0.2, 0.26) > 0.99


@pytest.mark.parametrize("head_s", [0.2, 0.21, 0.1])
def test_noise_does_not_fail(head_s: float) -> None:
    assert share_of_failures(0.2, head_s) < 0.01


def test_a_clear_answer_takes_few_pairs_and_a_doubt_takes_many() -> None:
    assert losses.measure_loss("x", lambda: 1.0, lambda: 1.0).pairs == losses.FEW
    assert losses.measure_loss("x", lambda: 1.0, lambda: 1.15).pairs == losses.MANY


def test_one_lucky_turn_of_the_base_is_no_loss() -> None:
    paired, best = losses.two_losses([1.0, 1.0, 0.5], [1.0, 1.0, 1.0])
    assert (paired, best) == pytest.approx((0.0, 1.0))


@pytest.mark.parametrize(("base", "head"), [([], []), ([1.0], [])])
def test_no_pair_says_nothing(base: list[float], head: list[float]) -> None:
    with pytest.raises(ValueError, match="as many turns"):
        losses.two_losses(base, head)


def a_checkout(folder: Path, work: str) -> Path:
    """A version whose command is this work."""
    (folder / "dialgate").mkdir(parents=True)
    (folder / "dialgate" / "__init__.py").touch()
    (folder / "dialgate" / "cli.py").write_text(f"def run(words):\n    {work}\n    return 0\n")
    return folder


def versions(folder: Path, base: str, head: str) -> list[Any]:
    return list(
        guard.compare(a_checkout(folder / "a", base), a_checkout(folder / "b", head), ["run"])
    )


def test_a_path_of_three_times_the_work_is_lost(tmp_path: Path) -> None:
    (found,) = versions(tmp_path, "sum(range(300_000))", "sum(range(900_000))")
    assert isinstance(found, losses.Loss)
    assert found.is_too_much
    assert "LOST" in guard.row(found)


def test_a_path_that_the_base_cannot_run_is_said_and_not_compared(tmp_path: Path) -> None:
    (found,) = versions(tmp_path, "raise ValueError('no such option')", "pass")
    assert found == "run: not compared, as the base can't run it (ValueError: no such option)"


@pytest.mark.parametrize("head", ["raise ValueError", "return 2", "import os; os._exit(3)"])
def test_a_path_that_the_head_cannot_run_ends_the_guard(head: str, tmp_path: Path) -> None:
    with pytest.raises(guard.CannotRunError):
        versions(tmp_path, "pass", head)


def test_without_a_base_nothing_passes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["guard.py", "--base", "no-such-branch"])
    assert guard.main() == 2
    assert "No base to compare with (no-such-branch)" in capsys.readouterr().out
