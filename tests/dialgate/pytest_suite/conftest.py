"""What a pytest session inside this process must leave as it was."""

from __future__ import annotations

import gc
import sys

import pytest


class _ModulesOfProjects:
    """Forgets a project's own modules and plug-ins; numpy and its like can't be imported twice."""

    def __init__(self, **_: object) -> None:
        self._before = set(sys.modules)

    def restore(self) -> None:
        for name in set(sys.modules) - self._before:
            if name.startswith(("conftest", "test_", "pytest_", "flaky")):
                del sys.modules[name]


@pytest.fixture(autouse=True)
def a_session_leaves_this_process_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules stay, and nothing is frozen that could be collected later."""
    monkeypatch.setattr("_pytest.pytester.SysModulesSnapshot", _ModulesOfProjects)
    monkeypatch.setattr(gc, "freeze", lambda: None)
