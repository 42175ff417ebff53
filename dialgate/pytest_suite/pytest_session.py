"""The hooks of a session in which a suite is named: collecting, reports, the record.

Registered by `dialgate.plugin`; leaves items to `pytest_items`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import pytest_runtest_protocol as run_once

from dialgate.pytest_suite.named_suites import SUITE_FILE, WORKER_KEY
from dialgate.pytest_suite.pytest_items import CaseItem, SuiteFile
from dialgate.pytest_suite.pytest_record import FinishedItem, out_folder, write_records
from dialgate.pytest_suite.repeating_plugins import refuse_repeats
from dialgate.pytest_suite.suite_runner import SuiteRunners

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


class SuiteSession:
    """What one pytest session does with the suites that it was asked for."""

    def __init__(self, config: pytest.Config, suites: frozenset[Path]) -> None:
        refuse_repeats(config)
        self._config, self._suites = config, suites
        self._is_worker = hasattr(config, "workerinput")
        self._runners = SuiteRunners(
            out_folder(config),
            judges_all=config.getoption("--dialgate-judge"),
            workers=getattr(config, "workerinput", {}).get("workercount", 1),
        )
        self._finished: list[FinishedItem | str] = []
        # in the order of their reports; as text from workers
        self._records: list[str] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 - pytest-xdist's worker
        """Tells a worker what was named here."""
        node.workerinput[WORKER_KEY] = sorted(map(str, self._suites))

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> SuiteFile | None:
        """A suite.toml that was named is a file of cases."""
        if file_path.name != SUITE_FILE or file_path.resolve() not in self._suites:
            return None
        return SuiteFile.from_parent(parent, path=file_path, runners=self._runners)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> bool | None:
        """Runs a case once and here, before plug-ins that would fork it or run it again.

        The agent has a process of its own anyway, and an outcome stays what it was.
        """
        return run_once(item, nextitem) if isinstance(item, CaseItem) else None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        """Puts what a case's trials did on its report, so that it reaches the recording process."""
        report = yield
        done: FinishedItem | None = getattr(item, "trials_done", None)
        if done is not None and call.when == "call":
            report.dialgate_trials = done.as_text() if self._is_worker else done
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Takes the trials of a report into the run record."""
        trials = getattr(report, "dialgate_trials", None)
        if trials is not None:
            self._finished.append(trials)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Ends the agents and writes the run record."""
        self._runners.close()
        if not self._is_worker:
            self._records = write_records(self._config, self._finished)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Says where the run records lie."""
        for line in self._records:
            terminalreporter.write_line(line)
