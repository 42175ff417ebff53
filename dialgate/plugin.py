"""The pytest plugin: `pytest suites/my-agent` collects each case as an item.

Inert where no suite is named: then nothing of dialgate is imported but this file and the finding of
names. Options, marks, and one object per session that holds the other hooks.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import pytest

from dialgate.pytest_suite.named_suites import named_suites, passed_by

if TYPE_CHECKING:
    from pathlib import Path


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options and one setting, all by dialgate's name: other people's runs have their own."""
    group = parser.getgroup("dialgate", "dialgate suites")
    group.addoption(
        "--dialgate-release", metavar="FILE", help="Release file of the suites collected."
    )
    group.addoption(
        "--dialgate-trials", type=_at_least_one, metavar="N", help="Trials of each case."
    )
    group.addoption(
        "--dialgate-judge",
        action="store_true",
        help="Ask the judges of judge.toml also where their votes are only shown.",
    )
    group.addoption(
        "--dialgate-fuzz",
        type=_at_least_one,
        metavar="N",
        help="Also an item for each relation of `dialgate fuzz`, of N trials each.",
    )
    group.addoption(
        "--dialgate-out",
        metavar="DIR",
        default=".dialgate",
        help="Where the run record goes; default: .dialgate.",
    )
    parser.addini(
        "dialgate_suites",
        type="paths",
        default=[],
        help="Folders of suites that are collected without being named; globs are expanded.",
    )


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"found {text!r}; expected a number of trials from 1")
    return int(text)


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marks known; where a suite is named, the session's hooks too."""
    for name in ("tag", "class", "split"):
        line = f"dialgate_{name}(name): the {name} of a case of a dialgate suite."
        config.addinivalue_line("markers", line)
    suites = named_suites(config)
    if suites:
        from dialgate.pytest_suite.pytest_session import SuiteSession

        config.pluginmanager.register(SuiteSession(config, suites), "dialgate-session")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """Where nothing was found, says how a suite that lies there is named."""
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        for suite in passed_by(config):
            terminalreporter.write_line(_how_to_name(suite, config.invocation_params.dir))


def _how_to_name(suite: Path, folder: Path) -> str:
    shown = suite.relative_to(folder) if suite.is_relative_to(folder) else suite
    return f"dialgate: {shown} is collected where it is named: pytest {shown}"
