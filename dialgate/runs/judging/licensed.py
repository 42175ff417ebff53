"""What a suite's labels and calibration license its judges to decide.

Reads the files of the suite's folder (in a check, the base's) and leaves what follows from them to
`dialgate_gate.licensing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_evals.actions.rubrics.criterion import Criterion, declared_once
from dialgate_evals.actions.rubrics.labels.label import lasting
from dialgate_evals.actions.rubrics.labels.label_files import FOLDER, read_labels, read_votes
from dialgate_evals.actions.rubrics.licence import NO_ACTION, UNLICENSED
from dialgate_evals.errors import ConfigurationError
from dialgate_evals.scoring.expected_actions import prepare_case
from dialgate_evals.scoring.reviewed_texts import labels_by_reviewers
from dialgate_gate.licensing.judge_licence import license_judge
from dialgate_gate.licensing.measured import measure
from dialgate_gate.settings.settings import read_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dialgate_evals.actions.rubrics.labels.label import Label
    from dialgate_evals.actions.rubrics.labels.label_files import CastVote
    from dialgate_evals.actions.rubrics.licence import Licence
    from dialgate_evals.actions.rubrics.votes import Answer, Question
    from dialgate_evals.files.file_reading import Problems
    from dialgate_evals.scoring.expected_actions import ExpectedActions
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.tools import ToolRegistry
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.licensing.measured import Measurements
    from dialgate_gate.settings.judge_policy import JudgePolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSuite:
    """Criteria, labels and votes of one suite."""

    workspace: Workspace
    policy: JudgePolicy
    labels: tuple[Label, ...]
    # of labels/*.jsonl, and of reviewers who edited a judged text
    votes: tuple[CastVote, ...]
    classes_of: dict[str, tuple[str, ...]]
    # action classes of each case; NO_ACTION where it expects none
    places: tuple[tuple[str, str], ...]
    # (criterion, action class), each once, in order
    current: frozenset[str]
    # what the suite's criteria ask now, as `lasting` digests

    def measure(self) -> Measurements:
        """Labels beside what the judge of now said."""
        return measure(
            self.labels,
            self.votes,
            judge=self.workspace.judges.digest,
            classes_of=self.classes_of,
            current=self.current,
        )


def read_labelled(workspace: Workspace) -> LabelledSuite:
    """Everything of the suite that a licence rests on.

    Raises ConfigurationError with every problem of policy.toml, labels and calibration.
    """
    problems: Problems = []
    policy = read_policy(workspace.folder, problems)
    labels = read_labels(workspace.folder, problems)
    votes = read_votes(workspace.folder, problems)
    if policy is None or problems:
        raise ConfigurationError(problems)
    tools = workspace.release().tools
    expected = {
        case.id: prepare_case(case, tools=tools, actions=workspace.actions)
        for case in workspace.cases
    }
    classes_of = {case_id: _classes(found) for case_id, found in expected.items()}
    asked = [
        (criterion, name)
        for case in workspace.cases
        for criterion in criteria_of(case, expected[case.id], workspace)
        for name in classes_of[case.id]
    ]
    shared = workspace.judges.criteria.values()
    return LabelledSuite(
        workspace=workspace,
        policy=policy.judge,
        labels=(*labels, *_by_reviewers(workspace, expected, tools)),
        votes=tuple(votes),
        classes_of=classes_of,
        places=tuple(sorted({(criterion.name, name) for criterion, name in asked})),
        current=frozenset(lasting(item) for item in (*shared, *(c for c, _ in asked))),
    )


def _by_reviewers(
    workspace: Workspace, expected: Mapping[str, ExpectedActions], tools: ToolRegistry
) -> Iterator[Label]:
    """What reviewers said of texts by editing them; read off the cases that came of it."""
    for case in workspace.cases:
        yield from labels_by_reviewers(case, expected[case.id], tools)


def _classes(expected: ExpectedActions) -> tuple[str, ...]:
    first: Sequence[str] = [item.action_class.name for item in expected.lists[0]]
    return tuple(sorted(set(first))) or (NO_ACTION,)


def criteria_of(case: Case, expected: ExpectedActions, workspace: Workspace) -> Iterator[Criterion]:
    """The criteria that a trial of the case is ruled on by: of its reply, and of its arguments."""
    for item in case.expect.reply.rubric:
        yield declared_once(item, workspace.judges.criteria)
    for call in (call for listed in expected.lists for call in listed):
        for pointer, relation in call.rules.judged:
            yield Criterion(name=f"{call.name}/{'/'.join(pointer)}", text=relation)


def said_when_calibrated(workspace: Workspace) -> Iterator[tuple[str, Question, Answer]]:
    """What each judge of now said of a labelled text when it was calibrated, in the file's order.

    By this a run holds the judge to what it was. Files that can't be read say nothing here: who
    reads the licence names them.
    """
    problems: Problems = []
    asked = {
        item.question.digest: item.question for item in read_labels(workspace.folder, problems)
    }
    for vote in read_votes(workspace.folder, problems):
        question = asked.get(vote.question)
        if question is not None and vote.judge == workspace.judges.digest:
            yield from ((name, question, said) for name, said in vote.votes.items())


def licence_on_record(workspace: Workspace) -> Licence:
    """Where the judges of the suite may decide: nowhere without labels that show it.

    Raises ConfigurationError where a file that it rests on can't be read.
    """
    if not (workspace.folder / FOLDER).exists():
        return UNLICENSED
    suite = read_labelled(workspace)
    licence = license_judge(suite.measure(), suite.policy, suite.places)
    return UNLICENSED if licence.is_empty else licence
