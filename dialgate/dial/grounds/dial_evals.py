"""The eval run that the dial rests on: a record of this very release, or why there is none.

Leaves live evidence and deciding to `dialgate.dial.recommending`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate.runs.gathering import read_record
from dialgate.runs.run_records import newest_record
from dialgate_evals.files.problems import show_path
from dialgate_evals.scoring.scoring import Scorer
from dialgate_gate.comparing.comparison import compare_runs
from dialgate_gate.comparing.evidence_gaps import find_gaps
from dialgate_gate.comparing.judged_cases import collect_cases

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.comparing.comparison import ClassComparison


@dataclass(frozen=True, kw_only=True)
class DialEvals:
    """What the record says of each class, and why it can't be trusted."""

    classes: Mapping[str, ClassComparison]
    gaps: tuple[str, ...]
    # sentences
    by_case: Mapping[str, tuple[TrialScore, ...]]
    folder: Path | None
    # of the record; None: there is none


def read_dial_evals(
    workspace: Workspace, release: Release, *, run: Path | None, out: Path
) -> DialEvals:
    """The record `run`, or the newest of the release below `out`. Raises RecordError."""
    folder = run or newest_record(out, workspace, release)
    if folder is None:
        gap = (
            f"There is no run record of this release below {show_path(out)} that this machine "
            "wrote: run dialgate run first, or name one with --run."
        )
        return DialEvals(classes={}, gaps=(gap,), by_case={}, folder=None)
    scorer = Scorer(tools=release.tools, actions=workspace.actions)
    found = read_record(
        folder, cases=workspace.cases, scorer=scorer, suite_name=workspace.suite.name
    )
    if found.release.get("fingerprint") != release.fingerprint:
        gap = (
            f"{show_path(folder)} holds release {found.release.get('version')}, which differs from "
            "this one: evidence counts for the release that it was gathered on."
        )
        return DialEvals(classes={}, gaps=(gap,), by_case={}, folder=folder)
    case_set = collect_cases(
        workspace.cases, actions=workspace.actions, quarantine=workspace.suite.quarantine
    )
    comparison = compare_runs(
        baseline=None, candidate=found, case_set=case_set, class_names=workspace.actions.names
    )
    gaps = find_gaps(
        baseline=None,
        candidate=found,
        case_set=case_set,
        max_infra_error_rate=workspace.suite.max_infra_error_rate,
    )
    return DialEvals(
        classes={item.action_class: item for item in comparison.classes},
        gaps=tuple(gap.reason for gap in gaps),
        by_case=found.by_case,
        folder=folder,
    )
