"""`dialgate watch`: the affected cases are run each time a file of the suite is saved.

Knows what to run and what to compare it with; when files are saved is told by whoever iterates.
Leaves which cases are affected to `changes.affected_cases` and the words to `reports`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.changes.comparing import read_side
from dialgate.git.suite_paths import named_paths
from dialgate.runs.gathering import gather_evidence
from dialgate_evals.errors import ConfigurationError, EvidenceError
from dialgate_evals.files.file_reading import workspace_root
from dialgate_evals.suite.release_files import named_release_file
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.changes.affected_cases import affected_cases
from dialgate_gate.changes.suite_changes import compare_sides
from dialgate_gate.comparing.comparison import compare_runs
from dialgate_gate.comparing.judged_cases import collect_cases
from dialgate_gate.comparing.run_evidence import RunEvidence
from dialgate_gate.verdict.documents.explanations import explain_run
from dialgate_gate.verdict.documents.saved_run import build_save_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dialgate.runs.recorded_run import RunOptions
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.changes.suite_changes import ComparedSide

Saves = frozenset[Path]


@dataclass(frozen=True, kw_only=True)
class SaveWatchRequest:
    """What a person asked to watch."""

    folder: Path
    release: str | None = None
    options: RunOptions


class SaveWatch:
    """A suite as it was last read, and the last known trials of its cases."""

    def __init__(self, request: SaveWatchRequest) -> None:
        """Raises ConfigurationError where the suite can't be used as it is now."""
        self._request = request
        self._workspace, self._side = self._read()
        self._scores: dict[str, tuple[TrialScore, ...]] = {}
        self._owed: set[str] = set()
        # cases whose run broke off: they are run with the next save

    @property
    def name(self) -> str:
        """The suite's name."""
        return self._side.suite.name

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that hold the suite's files, none inside another."""
        folder = self._workspace.folder.resolve()
        root = workspace_root(folder)
        named = named_paths(folder, folder.relative_to(root).as_posix())
        paths = [folder, *(root / name for name in named if not name.startswith(".."))]
        found = {path if path.is_dir() else path.parent for path in paths}
        return tuple(
            sorted(
                path
                for path in found
                if path.is_dir() and not any(other in path.parents for other in found)
            )
        )

    def run_all(self) -> dict[str, Any]:
        """The first run: what later ones are compared with."""
        return self._run([case.id for case in self._workspace.cases], changes=())

    def saved(self, files: Saves) -> dict[str, Any] | None:
        """What a save changed, and the affected cases run; None where nothing differs."""
        out = self._request.options.out.resolve()
        if all(out in file.resolve().parents for file in files):
            return None
        before = self._side
        try:
            self._workspace, self._side = self._read()
        except ConfigurationError as error:
            return build_save_document(problems=[str(item) for item in error.problems])
        changes = compare_sides(baseline=before, candidate=self._side)
        found = affected_cases(changes, baseline=before, candidate=self._side)
        if not changes and not self._owed:
            return None
        return self._run(found, changes=[change.as_json() for change in changes])

    def _read(self) -> tuple[Workspace, ComparedSide]:
        folder = self._request.folder
        workspace = load_workspace(folder)
        release = workspace.release(named_release_file(self._request.release, folder))
        return workspace, read_side(workspace, release)

    def _run(self, affected: Iterable[str], *, changes: Sequence[dict[str, Any]]) -> dict[str, Any]:
        wanted = {*affected, *self._owed}
        cases = tuple(case for case in self._workspace.cases if case.id in wanted)
        total = len(self._workspace.cases)
        if not cases:
            self._owed = set()
            return build_save_document(changes=changes, total=total)
        self._owed = {case.id for case in cases}
        try:
            now = self._gather(cases)
        except EvidenceError as error:
            problems = [str(item) for item in error.problems]
            return build_save_document(changes=changes, total=total, problems=problems)
        self._owed = set()
        return self._compare(cases, now, changes)

    def _gather(self, cases: tuple[Case, ...]) -> RunEvidence:
        limit = self._side.settings.policy.gate.max_agent_calls
        return gather_evidence(
            self._workspace,
            self._side.release,
            cases=cases,
            actions=self._workspace.actions,
            options=replace(self._request.options, most_calls=limit),
        ).evidence

    def _compare(
        self, cases: tuple[Case, ...], now: RunEvidence, changes: Sequence[dict[str, Any]]
    ) -> dict[str, Any]:
        """Only cases that were run before are compared; the others are shown as they are."""
        actions = self._workspace.actions
        case_set = collect_cases(cases, actions=actions)
        known = tuple(score for case in cases for score in self._scores.get(case.id, ()))
        before = RunEvidence(release=now.release, scores=known) if known else None
        comparison = compare_runs(
            baseline=before, candidate=now, case_set=case_set, class_names=actions.names
        )
        self._scores.update(now.by_case)
        return build_save_document(
            changes=changes,
            comparison=comparison,
            failing=explain_run(now, case_set),
            total=len(self._workspace.cases),
        )


def follow(
    watch: SaveWatch,
    saves_in: Callable[[tuple[Path, ...]], Iterable[Saves]],
    show: Callable[[dict[str, Any]], None],
    *,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Shows what each save did, until the saves end. An empty set of files says: still watching.

    `ready` is called once the folders are watched. Where a save changes which folders hold the
    suite's files, these are watched from then on.
    """
    is_over = False
    while not is_over:
        folders = watch.folders
        is_over = True
        for files in saves_in(folders):
            ready()
            document = watch.saved(files) if files else None
            if document is not None:
                show(document)
            if watch.folders != folders:
                is_over = False
                break
