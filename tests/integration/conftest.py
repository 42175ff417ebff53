"""What whole runs of the command share."""

from __future__ import annotations

import os

import pytest

from dialgate_gate.planning import look_ahead
from dialgate_gate.verdict import budget


@pytest.fixture(autouse=True)
def simulate_few_gates(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a check could have seen is simulated by fewer gates: else half of its processor.

    How good those figures are is shown in `tests/gate/planning`; here it matters that they are
    said.
    """
    monkeypatch.setattr(look_ahead, "_GATES", 5)


@pytest.fixture(autouse=True)
def have_one_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent has one process: as many as processors is twice the starts, and shows no more.

    What several do is asked for with `workers`.
    """
    monkeypatch.setattr(os, "cpu_count", lambda: 1)


@pytest.fixture(autouse=True)
def find_no_agent_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The latency of what runs now fails nothing, as that of agents of milliseconds never does.

    Beside another load each of their trials may take longer than the quarter of a second up to
    which that holds. The rule is shown in `tests/gate/verdict/test_budget.py`.
    """
    monkeypatch.setattr(budget, "_LEAST_MS", 3_600_000)
