"""What whole runs of the command share."""

from __future__ import annotations

from functools import partial

import pytest

from dialgate_gate.planning import look_ahead
from tests.dialgate.pytest_suite.sessions import Sessions, keep_this_process, run_there


@pytest.fixture(autouse=True)
def simulate_few_gates(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a check could have seen is simulated by fewer gates: else half of its processor.

    How good those figures are is shown in `tests/gate/planning`; here it matters that they are
    said.
    """
    monkeypatch.setattr(look_ahead, "_GATES", 5)


@pytest.fixture
def run_pytest(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Sessions:
    """A pytest session in this process: `run_pytest(folder, *arguments, suites=(…))`.

    The module that asks for it names the plug-in `pytester`.
    """
    keep_this_process(monkeypatch)
    return partial(run_there, request.getfixturevalue("pytester"))
