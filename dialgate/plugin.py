"""The pytest plugin: `pytest suites/my-agent` collects each case as an item.

Inert until a suite.toml is collected: until then nothing of dialgate is imported but this file.
Options, one collection hook, and hooks that forward; the items live in `pytest_suite.pytest_items`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from dialgate.pytest_suite.pytest_items import SuiteFile


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the suite under test."""
    group = parser.getgroup("dialgate", "dialgate suites")
    group.addoption("--release", metavar="FILE", help="Release file of the suites collected.")
    group.addoption("--trials", type=int, metavar="N", help="Trials per case.")
    group.addoption(
        "--dialgate-out",
        metavar="DIR",
        default=".dialgate",
        help="Where the run record goes; default: .dialgate.",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SuiteFile | None:
    """A suite.toml is a file of cases."""
    if file_path.name != "suite.toml":
        return None
    from dialgate.pytest_suite.pytest_items import SESSION, SuiteFile, SuiteSession

    if SESSION not in parent.config.stash:
        parent.config.stash[SESSION] = SuiteSession(parent.config)
    return SuiteFile.from_parent(parent, path=file_path)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, Any]:
    """Puts what a case's trials did on its report, so that it reaches the recording process."""
    report = yield
    done = getattr(item, "trials_done", None)
    if done is not None and call.when == "call":
        is_worker = hasattr(item.config, "workerinput")
        report.dialgate_trials = done.as_json() if is_worker else done
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Takes the trials of a report into the run record."""
    trials = getattr(report, "dialgate_trials", None)
    if trials is not None:
        from dialgate.pytest_suite.pytest_record import PENDING

        PENDING.append(trials)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Ends the agents and writes the run record."""
    items = sys.modules.get("dialgate.pytest_suite.pytest_items")
    if items is not None and items.SESSION in session.config.stash:
        session.config.stash[items.SESSION].close()
    if hasattr(session.config, "workerinput"):
        return
    if "dialgate.pytest_suite.pytest_record" in sys.modules:
        from dialgate.pytest_suite.pytest_record import write_records

        session.config.stash[RECORDS] = write_records(session.config)


RECORDS: pytest.StashKey[list[str]] = pytest.StashKey()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Says where the run records lie."""
    for line in config.stash.get(RECORDS, []):
        terminalreporter.write_line(line)
