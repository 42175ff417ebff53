"""What changed in a release and its suite: both sides read, then compared per component.

The wiring of `changes` and of `check`'s short way; leaves finding differences to `gate` and showing
to `reports`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialgate.changes.baselines import RecordBaseline, ReleaseFileBaseline, resolve_baseline
from dialgate.git.base_files import laid_out
from dialgate.git.base_ref import GitBaseline, suite_path_at
from dialgate.git.suite_paths import BASELINE
from dialgate_evals.errors import ConfigurationError, UsageError
from dialgate_evals.files.file_reading import Problems, read_toml
from dialgate_evals.files.json_text import digest_of_bytes
from dialgate_evals.records.transcripts import transcript_path
from dialgate_evals.suite.release_files import named_release_file
from dialgate_evals.suite.suite import AgentKind
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.changes.suite_changes import ComparedSide
from dialgate_gate.settings.settings import load_settings
from dialgate_gate.verdict.documents.changes_document import (
    build_changes_document,
    build_first_document,
)

if TYPE_CHECKING:
    from pathlib import Path

    from dialgate.changes.baselines import Baseline
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace

WORKING_TREE = "the working tree"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesRequest:
    """What a person asked `changes` for."""

    folder: Path
    release: str | None = None
    # a release file; None: the suite's own
    baseline: str | None = None
    # None: as `check` finds it


def describe_suite_changes(request: ChangesRequest) -> dict[str, Any]:
    """The document of `documents.changes_document`. Raises UsageError and ConfigurationError."""
    workspace = load_workspace(request.folder)
    baseline = resolve_baseline(request.baseline, workspace)
    release = workspace.release(named_release_file(request.release, workspace.folder))
    candidate = read_side(workspace, release)
    if isinstance(baseline, GitBaseline) and suite_path_at(workspace.folder, baseline.commit):
        return build_changes_document(
            baseline=read_base_side(workspace, baseline),
            candidate=candidate,
            baseline_place=str(baseline),
            candidate_place=WORKING_TREE,
        )
    if isinstance(baseline, ReleaseFileBaseline):
        return build_changes_document(
            baseline=read_side(workspace, workspace.release(baseline.path)),
            candidate=candidate,
            baseline_place=baseline.path.as_posix(),
            candidate_place=release.place,
        )
    return build_first_document(candidate, baseline_place=_place_without_suite(baseline))


def _place_without_suite(baseline: Baseline | None) -> str:
    if isinstance(baseline, RecordBaseline):
        raise UsageError(
            f"--baseline {baseline.folder.as_posix()}: a run record holds the digests of a "
            "release, not its files. Name a git ref or a release file; `dialgate diff` compares "
            "records."
        )
    return "no commit" if baseline is None else str(baseline)


def read_base_side(workspace: Workspace, baseline: GitBaseline) -> ComparedSide:
    """The suite and its release as of the base. Raises ConfigurationError with its problems."""
    try:
        return _read_laid_out(workspace, baseline, whole=False)
    except ConfigurationError:
        return _read_laid_out(workspace, baseline, whole=True)


def _read_laid_out(workspace: Workspace, baseline: GitBaseline, *, whole: bool) -> ComparedSide:
    with laid_out(workspace.folder, baseline, whole=whole) as folder:
        base = load_workspace(folder)
        return read_side(base, base.release())


def read_side(workspace: Workspace, release: Release) -> ComparedSide:
    """One side as its files are now. Raises ConfigurationError with every problem."""
    return ComparedSide(
        release=release,
        suite=workspace.suite,
        cases=workspace.cases,
        actions=workspace.actions,
        settings=load_settings(workspace.folder),
        simulator_digest=workspace.simulator_digest,
        judges=workspace.judges,
        transcripts_digest=_transcripts_digest(workspace, release),
        named_baseline=_named_baseline(workspace.folder),
    )


def _transcripts_digest(workspace: Workspace, release: Release) -> str | None:
    """Digest of the release's recorded trials; None where the suite runs its agent."""
    if workspace.suite.agent.kind is not AgentKind.TRANSCRIPT:
        return None
    path = transcript_path(workspace, release)
    return digest_of_bytes(path.read_bytes()) if path.is_file() else "missing"


def _named_baseline(folder: Path) -> str | None:
    path = folder / BASELINE
    if not path.is_file():
        return None
    problems: Problems = []
    document = read_toml(path, "baseline", problems)
    if document is None:
        raise ConfigurationError(problems)
    ref: str = document.values["ref"]
    return ref
