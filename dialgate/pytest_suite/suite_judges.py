"""The judges of one suite in a pytest session, asked as `dialgate run` asks them, in one budget.

Leaves asking to the panel, trials to `suite_runner` and what a worker sends to `pytest_record`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from dialgate.runs.judging.judges import judged_by, licence_of, open_panel, settle_now
from dialgate_evals.actions.rubrics.judge_reading import NOBODY
from dialgate_evals.actions.rubrics.votes import RULES, Answer, Vote
from dialgate_evals.scoring.scoring import Scorer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.rubrics.judge_settings import JudgeSettings
    from dialgate_evals.actions.rubrics.votes import Question
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace


class SuiteJudges:
    """Scores trials; what rules leave open is asked where a vote decides, or where all is asked."""

    def __init__(
        self, workspace: Workspace, release: Release, out: Path, *, asks_all: bool, workers: int
    ) -> None:
        """`workers` processes share the budget evenly.

        Raises UsageError where a judge that is to be asked can't be, ConfigurationError where
        labels or policy can't be read.
        """
        self._panel = open_panel(
            workspace, out, asks_all=asks_all, settings=_part_of(workspace.judges, workers)
        )
        self._scorer = Scorer(
            tools=release.tools,
            actions=workspace.actions,
            judged=judged_by(self._panel, workspace),
        )
        self._known: dict[str, list[TrialScore]] = {}

    def scores(
        self, case: Case, done: Callable[[], Iterable[tuple[Case, Sequence[Trajectory]]]]
    ) -> list[TrialScore]:
        """The case's scores, worked out once.

        `done` gives the case with its trajectories, and others whose trials are done: their
        questions go in one lot, since each lot costs a judge its control questions.
        """
        if case.id not in self._known:
            due = [(item, list(t)) for item, t in done() if item.id not in self._known]
            scored = [self._scorer.score(item, one) for item, listed in due for one in listed]
            settled = iter(settle_now(self._panel, scored))
            for item, listed in due:
                self._known[item.id] = [next(settled) for _ in listed]
        return self._known[case.id]


def _part_of(settings: JudgeSettings, workers: int) -> JudgeSettings:
    """The settings with an even part of the budget, so that all workers together keep within it."""
    cost = settings.max_cost_usd
    return replace(
        settings,
        max_calls=settings.max_calls // workers,
        max_cost_usd=None if cost is None else cost / workers,
    )


def votes_as_json(score: TrialScore) -> dict[str, Any]:
    """What was voted in a trial, and paid for it: what a worker sends beside the trajectory."""
    asked = [
        {"question": item.question.digest, "votes": [vote.as_json() for vote in item.votes]}
        for item in score.rulings
        if item.votes and item.votes[0].judge != RULES
    ]
    return {"asked": asked, "cost_usd": score.judge_cost_usd}


class SentScores:
    """Scores trials that a worker sent, by the votes that it sent with them."""

    def __init__(self, workspace: Workspace, release: Release) -> None:
        """Raises ConfigurationError where labels or policy can't be read."""
        self._left: dict[str, list[tuple[Vote, ...]]] = {}
        judges = workspace.judges
        judged = judged_by(None, workspace)
        if judges is not NOBODY:
            judged = replace(
                judged,
                licence=licence_of(workspace),
                has_models=bool(judges.judges),
                known=self._sent,
            )
        self._scorer = Scorer(tools=release.tools, actions=workspace.actions, judged=judged)

    def score(self, case: Case, trajectory: Trajectory, sent: Mapping[str, Any]) -> TrialScore:
        """The score as it was in the worker."""
        self._left = {}
        for item in sent["asked"]:
            self._left.setdefault(item["question"], []).append(_votes(item["votes"]))
        return replace(self._scorer.score(case, trajectory), judge_cost_usd=sent["cost_usd"])

    def _sent(self, question: Question) -> tuple[Vote, ...] | None:
        """The votes on it; those on the same question in one trial come in their order."""
        votes = self._left.get(question.digest)
        return votes.pop(0) if votes else None


def _votes(documents: Iterable[Mapping[str, Any]]) -> tuple[Vote, ...]:
    return tuple([Vote(**{**item, "answer": Answer(item["answer"])}) for item in documents])
