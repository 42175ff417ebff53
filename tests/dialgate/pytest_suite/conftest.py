"""What a pytest session inside this process must leave as it was."""

from __future__ import annotations

import pytest

from tests.dialgate.pytest_suite.sessions import keep_this_process


@pytest.fixture(autouse=True)
def a_session_leaves_this_process_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules stay, and nothing is frozen that could be collected later."""
    keep_this_process(monkeypatch)
