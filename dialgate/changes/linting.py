"""Lints a suite's folder: reading, then what stands between the files, all problems together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dialgate.changes.owner_facts import lint_owners
from dialgate.changes.touched_suites import last_commit, touched_suites
from dialgate_evals.actions.rubrics.labels.label_files import read_labels, read_votes
from dialgate_evals.errors import UsageError
from dialgate_evals.suite.linting.lint import lint_workspace
from dialgate_evals.suite.release import Release, read_release
from dialgate_evals.suite.workspace import read_workspace, suite_folder
from dialgate_gate.changes.tool_surface.surface import lint_tools
from dialgate_gate.planning.passing import lint_passing
from dialgate_gate.settings.lint import lint_settings
from dialgate_gate.settings.settings import read_settings

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from dialgate_evals.files.problems import Problem
    from dialgate_evals.suite.workspace import Workspace


def find_suites(arguments: Sequence[Path], *, changed: bool = False) -> list[Path]:
    """The folders named, or every suite below suites/. Raises UsageError where there is none.

    A file stands for the suites that it belongs to; with `changed` those of every file that differs
    from the last commit are added. Of such suites there may be none.
    """
    is_file = [path.is_file() and path.name != "suite.toml" for path in arguments]
    if changed or any(is_file):
        found = touched_suites(arguments, None) if arguments else []
        return sorted({*found, *(touched_suites((), last_commit()) if changed else ())})
    if arguments:
        return [suite_folder(argument) for argument in arguments]
    found = sorted(path.parent for path in Path().glob("suites/*/suite.toml"))
    if not found:
        raise UsageError("There is no suites/*/suite.toml here. Name a suite's folder.")
    return found


def lint_suite(folder: Path, today: dt.date, *, with_tools: bool = False) -> list[Problem]:
    """Every problem of one suite; what can't be read is said and the rest still checked.

    `with_tools` adds what the tools' schemas and descriptions say of how harm could be done.
    """
    problems: list[Problem] = []
    workspace = read_workspace(folder, problems)
    settings = read_settings(folder, problems)
    releases = _releases(folder, workspace, problems)
    read_labels(folder, problems)
    read_votes(folder, problems)
    if workspace is not None:
        main = next(iter(releases), None)
        problems += lint_workspace(workspace, main, today)
        if settings is not None:
            problems += lint_settings(workspace, settings, main)
            problems += lint_owners(workspace, settings, today)
            problems += lint_passing(workspace, settings)
        if with_tools and main is not None:
            problems += lint_tools(main, workspace.actions)
    return problems


def _releases(folder: Path, workspace: Workspace | None, problems: list[Problem]) -> list[Release]:
    """Every release file's release; release.toml first. A suite needs at least one."""
    paths = [folder / "release.toml", *sorted((folder / "releases").glob("*.toml"))]
    present = [path for path in paths if path.exists()] or paths[:1]
    root = workspace.root if workspace is not None else folder.resolve()
    if workspace is None:
        return []
    read = [
        read_release(path, suite_folder=folder, root=root, problems=problems) for path in present
    ]
    return [release for release in read if release is not None]
