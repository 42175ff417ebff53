"""What whole runs of the command share."""

from __future__ import annotations

import pytest

from tests.integration.whole_runs import SETTINGS


@pytest.fixture(autouse=True)
def do_with_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what a check could have seen takes half of its processor."""
    for module, name, value in SETTINGS:
        monkeypatch.setattr(module, name, value)
