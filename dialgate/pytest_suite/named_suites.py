"""Which suites a pytest session was asked for: an agent costs money, so none is run unasked.

A suite is named by its folder or its suite.toml, on the command line or in `dialgate_suites`.
Imports pytest and the standard library alone; leaves reading suites to `pytest_items`.
"""

from __future__ import annotations

import glob
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SUITE_FILE = "suite.toml"
WORKER_KEY = "dialgate_suites"
"""What a worker of pytest-xdist is told: it gets every argument as if it stood on its own line."""

_BESIDE = ("release.toml", "actions.toml", "policy.toml", "releases")


def named_suites(config: pytest.Config) -> frozenset[Path]:
    """The suite.toml of every suite that this session shall collect, without symbolic links."""
    told = getattr(config, "workerinput", {}).get(WORKER_KEY)
    if told is not None:
        return frozenset(map(Path, told))
    asked = {suite.resolve() for suite in _on_the_command_line(config)}
    configured = _configured(config)
    if config.args_source is not config.ArgsSource.ARGS:
        _visit(config, configured)
        return frozenset(asked | configured)
    places = [place.resolve() for place in _places(config)]
    inside = {suite for suite in configured if any(suite.is_relative_to(p) for p in places)}
    return frozenset(asked | inside)


def passed_by(config: pytest.Config) -> list[Path]:
    """Folders of suites below what was asked for, two levels deep, none of them named."""
    if named_suites(config):
        return []
    levels = ("", "*/", "*/*/")
    files = {f for p in _places(config) for level in levels for f in p.glob(level + SUITE_FILE)}
    return sorted(file.parent for file in files if file.is_file() and _is_ours(file))


def _on_the_command_line(config: pytest.Config) -> Iterator[Path]:
    if config.args_source is not config.ArgsSource.ARGS:
        return
    for place in _places(config):
        if place.name == SUITE_FILE and place.is_file():
            yield place
        # A folder may be named for its tests while another tool's suite.toml lies in it.
        elif (place / SUITE_FILE).is_file() and _is_ours(place / SUITE_FILE):
            yield place / SUITE_FILE


def _places(config: pytest.Config) -> list[Path]:
    """The files and folders among the arguments; a node id's file."""
    folder = config.invocation_params.dir
    return [folder / argument.partition("::")[0] for argument in config.args]


def _is_ours(file: Path) -> bool:
    """Whether a suite.toml is one of dialgate's: by what lies beside it, else by what it says."""
    if any((file.parent / name).exists() for name in _BESIDE):
        return True
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return "schema" in document and "agent" in document


def _configured(config: pytest.Config) -> set[Path]:
    suites = set()
    for pattern in map(str, config.getini(WORKER_KEY)):
        found = {suite.resolve() for suite in _suite_files(pattern)}
        if not found:
            raise pytest.UsageError(
                f"dialgate_suites: found {pattern}, where no {SUITE_FILE} lies; "
                "expected the folder of a suite"
            )
        suites |= found
    return suites


def _suite_files(pattern: str) -> Iterator[Path]:
    for found in glob.glob(pattern, recursive=True):  # noqa: PTH207 - the pattern is absolute
        path = Path(found)
        suite = path if path.name == SUITE_FILE else path / SUITE_FILE
        if suite.is_file():
            yield suite


def _visit(config: pytest.Config, suites: set[Path]) -> None:
    """Adds suites that `testpaths` doesn't reach to what a bare `pytest` collects."""
    places: Sequence[Path] = [place.resolve() for place in _places(config)]
    for suite in sorted(suites):
        if not any(suite.is_relative_to(place) for place in places):
            config.args.append(str(suite))
