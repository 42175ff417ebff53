"""What whole runs of the command share."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.dialgate.pytest_suite.sessions import Sessions, keep_this_process, run_there
from tests.integration.whole_runs import with_less

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", autouse=True)
def do_with_less() -> Iterator[None]:
    """Else what a check could have seen takes half of its processor, in a module's fixtures too."""
    with with_less():
        yield


@pytest.fixture
def run_pytest(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Sessions:
    """A pytest session in this process: `run_pytest(folder, *arguments, suites=(…))`.

    The module that asks for it names the plug-in `pytester`.
    """
    keep_this_process(monkeypatch)
    return partial(run_there, request.getfixturevalue("pytester"))
