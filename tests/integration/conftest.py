"""What whole runs of the command share."""

from __future__ import annotations

import pytest

from dialgate_gate.planning import look_ahead


@pytest.fixture(autouse=True)
def simulate_few_gates(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a check could have seen is simulated by fewer gates: else half of its processor.

    How good those figures are is shown in `tests/gate/planning`; here it matters that they are
    said.
    """
    monkeypatch.setattr(look_ahead, "_GATES", 5)
