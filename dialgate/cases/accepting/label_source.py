"""The texts of a review's run, for labels: none where the suite has no criterion.

Leaves finding the run to `dialgate.cases.accepting.source` and labelling to `label_session`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate.cases.judging.label_session import LabelSession
from dialgate.cases.judging.texts_on_record import texts_of
from dialgate.runs.judging.judges import VOTES
from dialgate.runs.judging.licensed import read_labelled
from dialgate.terminal.output import say
from dialgate_evals.actions.trajectory import Trajectory
from dialgate_evals.records.reuse.vote_cache import DiskVoteCache
from dialgate_evals.records.run_reading import read_run_trajectories
from dialgate_evals.records.transcripts import read_trajectories, transcript_path
from dialgate_evals.running.judges.panel import Panel
from dialgate_evals.suite.suite import AgentKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dialgate.cases.accepting.source import ReviewSource
    from dialgate_evals.actions.rubrics.votes import Vote
    from dialgate_gate.licensing.drawing import Text


def labels_of(source: ReviewSource, person: str, out: Path) -> LabelSession | None:
    """What this person may label of the run; None where no case has a criterion.

    Raises ConfigurationError where labels, calibration or policy.toml are bad.
    """
    suite = read_labelled(source.workspace) if _has_criteria(source) else None
    if suite is None or not suite.places:
        return None
    texts = texts_of(source.workspace, source.release, _trials(source), suite.classes_of)
    kept = DiskVoteCache(out / VOTES, say=lambda text: say(text, to_stderr=True))
    panel = Panel(source.workspace.judges, store=kept)

    def votes_on(text: Text) -> tuple[Vote, ...]:
        return panel.known(text.question) or ()

    return LabelSession(suite=suite, person=person, texts=tuple(texts), votes_on=votes_on)


def _has_criteria(source: ReviewSource) -> bool:
    """Whether any case or argument rule could be judged; most suites are never read further."""
    workspace = source.workspace
    rules = workspace.actions.rules.values()
    return any(case.expect.reply.rubric for case in workspace.cases) or any(r.judged for r in rules)


def _trials(source: ReviewSource) -> Iterator[Trajectory]:
    if source.record is not None:
        yield from read_run_trajectories(source.record)
        return
    if source.workspace.suite.agent.kind is not AgentKind.TRANSCRIPT:
        return  # found cases alone: no trial to read
    lines = read_trajectories(transcript_path(source.workspace, source.release))
    yield from (item for item in lines if isinstance(item, Trajectory))
