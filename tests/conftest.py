"""Rules that hold for every test: no network, no clock of the machine in what is compared."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.doctest import DoctestModule
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

# Deadlines measure the machine, not the code; the database would make runs differ.
settings.register_profile(
    "dialgate",
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# The hunt for mutants runs each test many times in one process: few examples, always the same.
settings.register_profile(
    "mutants",
    parent=settings.get_profile("dialgate"),
    max_examples=20,
    suppress_health_check=list(HealthCheck),
)
# While somebody works: what a few examples show at once.
settings.register_profile("quick", parent=settings.get_profile("dialgate"), max_examples=15)
settings.load_profile(os.environ.get("DIALGATE_HYPOTHESIS", "dialgate"))

collect_ignore_glob = [
    "integration/warehouses/*",
    "evals/importing/real_files/*",
    "outside/newcomer/projects/*",
]
"""Servers that run in environments of their own: no modules of these tests."""

_LONGEST = (
    "test_dial_story.py",
    "test_judge_story.py",
    "test_docs.py::test_the_tutorial_shows",
    "outside/test_recipes.py",
    "outside/test_newcomer.py",
    "test_blame.py",
    "test_bisect.py",
    "test_ci_examples.py",
    "test_snowflake_events.py",
    "test_every_dress.py",
    "test_fuzz.py::",
    "test_record_clients.py",
)
"""Parts of names; these begin first, so that none runs alone at the end."""

# A shell that starts the tests in the background lets them, and what they start, ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, all others in their order."""
    items.sort(key=lambda item: not any(part in item.nodeid for part in _LONGEST))


def pytest_configure() -> None:
    """Nothing that is collected goes before the end: nobody need look for what did."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What was collected stays, so it is looked through no more; the rest is seldom."""
    gc.freeze()
    gc.set_threshold(20_000)
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path) -> Generator[None, list[Any], list[Any]]:
    """Modules of tests hold no examples in docstrings; to look for them takes a second."""
    found = yield
    if not file_path.name.startswith("test_"):
        return found
    return [item for item in found if not isinstance(item, DoctestModule)]


_LOOPBACK = ("127.", "::1", "localhost")


@pytest.fixture(autouse=True)
def forbid_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections leave the machine in no test; servers of tests are on loopback."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if isinstance(address, tuple) and not str(host).startswith(_LOOPBACK):
            raise RuntimeError(f"a test tried to reach {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def forget_what_was_computed() -> None:
    """Where mutants are hunted, no cache filled by the unchanged code may answer for one."""
    if os.environ.get("DIALGATE_HYPOTHESIS") != "mutants":
        return
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "dialgate_gate":
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()
