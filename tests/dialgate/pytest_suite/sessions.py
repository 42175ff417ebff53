"""pytest sessions in this process, most of them over small recorded suites."""

from __future__ import annotations

import gc
import json
import sys
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.integration.command_line import PATHS, is_installed
from tests.workspaces import RecordedSuite, a_case, a_refund

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = () if is_installed() else ("-p", "dialgate.plugin")


def run(pytester: pytest.Pytester, *arguments: str | Path) -> pytest.RunResult:
    """One session in pytester's folder."""
    return pytester.runpytest_inprocess(*PLUGIN, "-p", "no:cacheprovider", *arguments)


def run_there(
    pytester: pytest.Pytester,
    folder: Path,
    *arguments: str,
    suites: tuple[str, ...] = ("suites/my-agent",),
) -> pytest.RunResult:
    """One session in somebody's folder: with no plug-in but dialgate's, and xdist for workers."""
    plugins = ["-p", "dialgate.plugin", *(["-p", "xdist"] if "-n" in arguments else [])]
    plugins += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # this process has it already
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("PYTHONPATH", PATHS)
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"):
            patch.delenv(name, raising=False)
        return pytester.runpytest_inprocess(*plugins, *suites, "-q", *arguments)


class Sessions(Protocol):
    """`run_there`, for whoever has pytest's own ways of running it."""

    def __call__(
        self, folder: Path, *arguments: str, suites: tuple[str, ...] = ...
    ) -> pytest.RunResult: ...


class _ModulesOfProjects:
    """Forgets a project's own modules and plug-ins; numpy and its like can't be imported twice."""

    def __init__(self, **_: object) -> None:
        self._before = set(sys.modules)

    def restore(self) -> None:
        for name in set(sys.modules) - self._before:
            if name.startswith(("conftest", "test_", "pytest_", "flaky")):
                del sys.modules[name]


def keep_this_process(patch: pytest.MonkeyPatch) -> None:
    """Modules stay after a session, and nothing is frozen that could be collected later."""
    patch.setattr("_pytest.pytester.SysModulesSnapshot", _ModulesOfProjects)
    patch.setattr(gc, "freeze", lambda: None)


def a_suite(folder: Path, *ids: str, tags: tuple[str, ...] = ()) -> RecordedSuite:
    """A suite whose cases pass, by these ids and with these tags."""
    suite = RecordedSuite(folder, refunds=0)
    suite.case_ids = list(ids) or ["refund-000", "refund-001"]
    suite.cases = [a_case(id_, [a_refund(id_)], tags=list(tags)) for id_ in suite.case_ids]
    suite.write_cases()
    suite.record("2", {})
    return suite


def a_foreign_suite_file(folder: Path) -> Path:
    """What another tool calls suite.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "suite.toml"
    path.write_text(f"[bench]\nname = {json.dumps('speed')}\n", "utf-8")
    return path
