"""`dialgate judge`: reads what is on record of a judge, asks it where that is wanted.

The wiring; leaves what labels show to `dialgate_gate.licensing`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dialgate.cases.judging.asking import ask_about
from dialgate.cases.judging.pair_on_record import pair_on_record
from dialgate.cases.judging.texts_on_record import texts_on_record
from dialgate.runs.judging.licensed import read_labelled
from dialgate_evals.actions.rubrics.judge_reading import JUDGE, NOBODY
from dialgate_evals.actions.rubrics.labels.label_files import write_votes
from dialgate_evals.errors import UsageError
from dialgate_evals.files.problems import show_path
from dialgate_evals.suite.workspace import load_workspace, suite_folder
from dialgate_gate.licensing.calibration_document import calibration_document
from dialgate_gate.licensing.drawing import draw_texts
from dialgate_gate.licensing.judge_licence import license_judge
from dialgate_gate.licensing.standing import stand

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dialgate.runs.judging.licensed import LabelledSuite
    from dialgate_evals.actions.rubrics.labels.label_files import CastVote


def show_calibration(suite: Path, out: Path) -> dict[str, Any]:
    """What is on record of the suite's judge. Raises UsageError, ConfigurationError."""
    return document_of(_labelled(suite), out)


def _labelled(suite: Path) -> LabelledSuite:
    folder = suite_folder(suite)
    workspace = load_workspace(folder)
    if workspace.judges is NOBODY:
        raise UsageError(
            f"{show_path(folder / JUDGE)}: there is no such file, so the suite has no judge. "
            "docs/how-to/judge-replies.md says how to write one."
        )
    return read_labelled(workspace)


def document_of(labelled: LabelledSuite, out: Path) -> dict[str, Any]:
    """The calibration with the texts that are to be labelled next."""
    workspace = labelled.workspace
    measurements = labelled.measure()
    standings = stand(measurements, labelled.policy, labelled.places)
    known = {label.question.digest for label in labelled.labels}
    labelled_cases: dict[tuple[str, str], int] = {}
    for item in measurements.listed:
        place = item.criterion, item.settled.label.case
        labelled_cases[place] = labelled_cases.get(place, 0) + 1
    unlabelled = [
        text
        for text in texts_on_record(workspace, out, labelled.classes_of)
        if text.question.digest not in known
    ]
    licence = license_judge(measurements, labelled.policy, labelled.places)
    document = calibration_document(
        measurements,
        labelled.policy,
        labelled.places,
        suite=workspace.suite.name,
        settings=workspace.judges,
        drawn=draw_texts(unlabelled, standings, labelled_cases),
    )
    return {**document, "pair": pair_on_record(workspace, licence, out)}


def calibrate_judge(suite: Path, out: Path, *, again: bool) -> dict[str, Any]:
    """Asks the judge about labelled texts, keeps what it said, and shows what that makes.

    again: also where this version answered before, which shows whether it drifts. Raises
    UsageError, ConfigurationError.
    """
    labelled = _labelled(suite)
    judge = labelled.workspace.judges.digest
    listed = labelled.measure().listed
    due = [item for item in listed if again or item.says_yes is None]
    questions = [item.settled.label.question for item in due]
    cast, asked = ask_about(labelled.workspace, questions, out, again=again)
    kept = _kept(labelled.votes, cast, judge, again=again)
    if cast:
        write_votes(labelled.workspace.folder, kept)
    document = document_of(replace(labelled, votes=tuple(kept)), out)
    return {**document, "asked": asked}


def _kept(
    before: Sequence[CastVote], cast: Sequence[CastVote], judge: str, *, again: bool
) -> list[CastVote]:
    """The votes that the file holds from now on: of this version, and of each question two at most.

    Those of other versions go: they license nothing, and the history of the file has them.
    """
    fresh = {vote.question for vote in cast}
    last: dict[str, CastVote] = {}
    for vote in sorted(before, key=lambda item: item.at):
        if vote.judge == judge:
            last[vote.question] = vote
    old = [vote for vote in last.values() if again or vote.question not in fresh]
    return sorted([*old, *cast], key=lambda vote: (vote.question, vote.at))
