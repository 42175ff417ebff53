"""What whole runs of the command do with less here than elsewhere, in this process or a warm one.

Each of it costs processor time, and shows nothing more; where it is shown stands beside it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dialgate_gate.planning import look_ahead
from dialgate_gate.verdict import budget

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST_MS: int = budget._LEAST_MS
"""What it is elsewhere."""

SETTINGS: tuple[tuple[Any, str, Any], ...] = (
    # How good the figures are of what a check could have seen is shown in
    # `tests/gate/planning/test_look_ahead.py`; here it matters that they are said.
    (look_ahead, "_GATES", 2),
    # An agent and a plan have one process, whatever the machine's load. When an agent gets more is
    # shown in `tests/evals/running/agents/test_growth.py`; that a whole run does, where `workers`
    # asks for them, in `tests/integration/agents/test_agent_processes.py`; that a plan says the
    # same with several, in `tests/integration/check/test_plan.py`.
    (os, "cpu_count", lambda: 1),
    # What an agent of milliseconds takes now fails nothing. Beside another load that may be more
    # than a quarter of a second; the rule is shown in `tests/gate/verdict/test_budget.py`, and by
    # the command, at its real value, in `tests/integration/check/test_check_live.py`.
    (budget, "_LEAST_MS", 3_600_000),
)
"""Module, name and value."""


@contextmanager
def with_less() -> Iterator[None]:
    """While it lasts, this process does with less."""
    import pytest  # the warm process does without

    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in SETTINGS:
            patch.setattr(module, name, value)
        yield
