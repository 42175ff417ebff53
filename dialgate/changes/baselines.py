"""What a candidate is measured against: a release file, a run record, a git ref, or nothing yet.

Knows how a person's word for the baseline is understood, and in which order; leaves reading a ref
to `dialgate.git.base_ref` and gathering evidence to `dialgate.runs.gathering`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dialgate.git.base_ref import GitBaseline, fetch_advice, resolve_ref
from dialgate.git.default_base import default_base
from dialgate_evals.errors import UsageError
from dialgate_evals.suite.release_files import find_release_file

if TYPE_CHECKING:
    from dialgate_evals.suite.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFileBaseline:
    """Another release file of the working tree."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBaseline:
    """A run record's folder as the baseline: what it holds, never run again."""

    folder: Path


Baseline = ReleaseFileBaseline | RecordBaseline | GitBaseline


def resolve_baseline(argument: str | None, workspace: Workspace) -> Baseline | None:
    """The baseline that a person named, or the default one; None: a first release.

    A release file is looked up from the current folder and then the suite's, a run record from
    the current folder; anything else is a git ref. Raises UsageError where it is none of them.
    """
    if argument is None:
        return default_base(workspace.folder)
    path = find_release_file(argument, workspace.folder)
    if path is not None:
        return ReleaseFileBaseline(path=path)
    if Path(argument).is_dir():
        return RecordBaseline(folder=Path(argument))
    commit = resolve_ref(workspace.folder, argument)
    if commit is not None:
        return GitBaseline(ref=argument, commit=commit)
    raise UsageError(
        f"--baseline {argument}: found no release file (from here or from "
        f"{workspace.folder.as_posix()}), no run record and no git ref of that name."
        + fetch_advice(workspace.folder, argument)
    )
