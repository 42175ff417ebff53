"""The texts of a suite's newest run that a judge rules on, for people to label.

Only of trials that acted rightly: about others no judge is asked, so nothing is learnt there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate.runs.run_records import newest_record
from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.records.run_reading import read_run_trajectories
from dialgate_evals.records.transcripts import read_trajectories, transcript_path
from dialgate_evals.scoring.rulings import Judged
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.suite import AgentKind
from dialgate_gate.licensing.drawing import Text
from dialgate_gate.verdict.sequential.screening import has_acted_rightly

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


def texts_on_record(
    workspace: Workspace, out: Path, classes_of: Mapping[str, tuple[str, ...]]
) -> Iterator[Text]:
    """Each text of the newest run of this release, by case and trial; none without such a run.

    Raises EvidenceError where the record is damaged.
    """
    release = workspace.release()
    yield from texts_of(workspace, release, _trials(workspace, release, out), classes_of)


def texts_of(
    workspace: Workspace,
    release: Release,
    trials: Iterable[Trajectory],
    classes_of: Mapping[str, tuple[str, ...]],
) -> Iterator[Text]:
    """The texts of these trials."""
    scorer = Scorer(
        tools=release.tools,
        actions=workspace.actions,
        judged=Judged(criteria=workspace.judges.criteria),
    )
    cases = workspace.cases_by_id
    for trial in trials:
        case = cases.get(trial.case_id)
        if case is None:
            continue
        score = scorer.score(case, trial)
        if not has_acted_rightly(score):
            continue
        for ruling in score.rulings:
            yield Text(
                case=case.id,
                classes=classes_of.get(case.id, ()),
                question=ruling.question,
                release=release.version,
            )


def _trials(workspace: Workspace, release: Release, out: Path) -> Iterator[Trajectory]:
    if workspace.suite.agent.kind is AgentKind.TRANSCRIPT:
        lines = read_trajectories(transcript_path(workspace, release))
        yield from (item for item in lines if isinstance(item, Trajectory))
        return
    newest = newest_record(out, workspace, release)
    if newest is not None:
        yield from read_run_trajectories(newest)
