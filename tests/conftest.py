"""Rules that hold for every test: no network, no clock of the machine in what is compared."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import re
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest
from _pytest.doctest import DoctestModule
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

# Deadlines measure the machine, not the code; the database would make runs differ.
settings.register_profile(
    "dialgate",
    # Always the same ones; the hunt for mutants makes do with twenty.
    max_examples=60,
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
# Each night others than the night before: what fails prints how it is played again.
settings.register_profile(
    "fresh",
    parent=settings.get_profile("dialgate"),
    max_examples=300,
    derandomize=False,
    print_blob=True,
)
# While somebody works: what a few examples show at once.
settings.register_profile("quick", parent=settings.get_profile("dialgate"), max_examples=15)
settings.load_profile(os.environ.get("DIALGATE_HYPOTHESIS", "dialgate"))

collect_ignore_glob = [
    "integration/events/warehouses/*",
    "evals/importing/real_files/*",
    "outside/newcomer/projects/*",
]
"""Servers that run in environments of their own: no modules of these tests."""

_ROOT = Path(__file__).parents[1]

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
    longest = re.compile("|".join(map(re.escape, _LONGEST)))
    items.sort(key=lambda item: longest.search(item.nodeid) is None)


def pytest_configure(config: pytest.Config) -> None:
    """Nothing that is collected goes before the end: nobody need look for what did."""
    gc.disable()
    config.pluginmanager.register(OnlyModulesWithExamples())


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """In a new clone, the process that only waits while its workers collect does this for them."""
    has_workers = session.config.getoption("numprocesses", None)
    if has_workers and not hasattr(session.config, "workerinput"):
        threading.Thread(target=keep_alphabet, daemon=True).start()


def keep_alphabet() -> None:
    """What Hypothesis draws texts from takes more than a second to find out; then it is kept."""
    with contextlib.suppress(ImportError):
        from hypothesis.internal import charmap

        charmap.intervals_from_codec("utf-8")


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, dict[str, Any], dict[str, Any]]:
    """A worker tells of three reports a test; of those that passed, nobody reads the keywords."""
    told = yield
    if told and told.get("outcome") == "passed" and "keywords" in told:
        told["keywords"] = {}
    return told


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Of the whole suite each worker first imports a part of its own, then what is left.

    What is imported first is compiled, asserts rewritten, and kept: in a new clone each does it
    for its part, rather than all for everything.
    """
    worker = getattr(session.config, "workerinput", None)
    if worker is None or session.config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    number, of = int(worker["workerid"].removeprefix("gw")), int(worker["workercount"])
    names = sorted(
        ".".join(path.relative_to(_ROOT).with_suffix("").parts)
        for path in (_ROOT / "tests").rglob("test_*.py")
        if not any(path.match(f"tests/{pattern}") for pattern in collect_ignore_glob)
    )
    for name in names[number::of]:
        # What is skipped or can't be imported is so again when it is collected, and told then.
        with contextlib.suppress(Exception, pytest.skip.Exception):
            importlib.import_module(name)
    keep_constants(number, of)


def keep_constants(number: int, of: int) -> None:
    """Hypothesis reads every module of ours for its constants, and keeps them for all workers."""
    with contextlib.suppress(ImportError):
        from hypothesis.internal import constants_ast

        for name, module in list(sys.modules.items()):
            if name.startswith("dialgate") and crc32(name.encode()) % of == number:
                constants_ast.constants_from_module(module)


def pytest_collection_finish() -> None:
    """What was collected stays, so it is looked through no more; the rest is seldom.

    But for DuckDB: it complains at the end of the process of what it thinks leaked. No test
    imports it at its module's level.
    """
    if "duckdb" not in sys.modules:
        gc.freeze()
    gc.set_threshold(20_000)
    gc.enable()


_OPEN = ("dialgate_evals.records.writing.table_process", "tests.evals.events.event_tables")
"""Modules that keep one database for the whole process."""


def pytest_unconfigure() -> None:
    """DuckDB complains too of a database that is open to the end."""
    for name in _OPEN:
        opened = getattr(sys.modules.get(name), "database", None)
        if opened is not None and opened.cache_info().currsize:
            opened().close()
            opened.cache_clear()


class OnlyModulesWithExamples:
    """Most modules have no examples in docstrings; to look at all that they hold takes seconds.

    A plug-in, since a conftest is asked only for files below its folder.
    """

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(self, file_path: Path) -> Generator[None, list[Any], list[Any]]:
        found = yield
        if not file_path.name.startswith("test_") and b">>>" in file_path.read_bytes():
            return found
        return [item for item in found if not isinstance(item, DoctestModule)]


_LOOPBACK = ("127.", "::1", "localhost")


@pytest.fixture(autouse=True, scope="session")
def forbid_network() -> Iterator[None]:
    """Connections leave the machine in no test; servers of tests are on loopback."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if isinstance(address, tuple) and not str(host).startswith(_LOOPBACK):
            raise RuntimeError(f"a test tried to reach {host}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(socket.socket, "connect", guarded)
        yield


if os.environ.get("DIALGATE_HYPOTHESIS") == "mutants":

    @pytest.fixture(autouse=True)
    def forget_what_was_computed() -> None:
        """Where mutants are hunted, no cache filled by the unchanged code may answer for one."""
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] == "dialgate_gate":
                for value in vars(module).values():
                    if hasattr(value, "cache_clear"):
                        value.cache_clear()
