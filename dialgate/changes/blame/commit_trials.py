"""What a commit's release does with today's cases, within a budget; what is on record is reused."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialgate.git.base_ref import GitBaseline, suite_exists_at
from dialgate.git.base_tree import base_folder
from dialgate.runs.live_runs import run_agent
from dialgate.runs.recorded_run import RunOptions
from dialgate_evals.errors import ConfigurationError, EvidenceError, UsageError
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.blame.question import Answer, Question, error_of
from dialgate_gate.blame.search import SpentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.workspace import Workspace
    from dialgate_gate.blame.question import BrokenCase

ERROR = 0.05
"""The chance that any answer of a search is wrong, bounded over all its questions."""

_MOST_ROUNDS = 32
"""Trials of each case that one question may take."""


@dataclass(kw_only=True)
class CommitTrials:
    """Runs commits' releases on the workspace's cases and counts the trials that were not known."""

    workspace: Workspace
    out: Path
    budget: int
    spent: int = 0
    reused: int = 0
    questions: int = 0
    why_skipped: dict[str, str] = field(default_factory=dict)
    # of each commit that could not be asked

    def passed(self, commit: str, cases: Sequence[Case], trials: int) -> dict[str, list[bool]]:
        """The outcomes of so many trials of each case, those on record first.

        Raises UsageError, ConfigurationError or EvidenceError where the commit's suite or agent
        can't be loaded.
        """
        with self._laid_out(commit) as theirs:
            return self._run(theirs, cases, trials)

    @contextlib.contextmanager
    def _laid_out(self, commit: str) -> Iterator[Workspace]:
        """The commit's workspace, in a folder in which its agent can be run."""
        if not suite_exists_at(self.workspace, commit):
            raise UsageError("it has no such suite")
        with base_folder(self.workspace, GitBaseline(ref=commit, commit=commit)) as folder:
            yield load_workspace(folder, home=self.workspace.folder)

    def _run(self, theirs: Workspace, cases: Sequence[Case], trials: int) -> dict[str, list[bool]]:
        run = run_agent(
            theirs,
            theirs.release(),
            cases=cases,
            actions=self.workspace.actions,
            options=RunOptions(out=self.out, trials=trials, most_calls=self.budget - self.spent),
        )
        found: dict[str, list[bool]] = {case.id: [] for case in cases}
        for score in run.evidence.scores:
            if score.passed is not None:
                found[score.case_id].append(bool(score.passed))
        self.reused += run.evidence.cached
        self.spent += len(run.evidence.scores) - run.evidence.cached
        return found

    def ask(self, commit: str, broken: Sequence[BrokenCase]) -> Answer | None:
        """Whether the commit's release breaks the cases; None where it can't be asked.

        Raises SpentError where the budget ends first.
        """
        self.questions += 1
        try:
            with self._laid_out(commit) as theirs:
                return self._answer(commit, theirs, broken)
        except (UsageError, ConfigurationError, EvidenceError) as error:
            self.why_skipped[commit] = str(error).splitlines()[0][:300]
            return None

    def _answer(
        self, commit: str, theirs: Workspace, broken: Sequence[BrokenCase]
    ) -> Answer | None:
        question = Question(broken, error_of(self.questions, ERROR))
        known = self.workspace.cases_by_id
        cases = [known[case.id] for case in broken]
        taken, trials = 0, 1 if self.workspace.suite.deterministic else 2
        while trials <= _MOST_ROUNDS:
            if len(cases) * (trials - taken) > self.budget - self.spent:
                raise SpentError
            outcomes = self._run(theirs, cases, trials)
            for case_id, passes in outcomes.items():
                for passed in passes[taken:]:
                    question.take(case_id, passed)
            if not any(outcomes.values()):
                self.why_skipped[commit] = "no trial could be run"
                return None
            if question.answer is not None:
                return question.answer
            if self.workspace.suite.deterministic:
                return Answer.BREAKS if question.leans_to_breaks else Answer.HOLDS
            taken, trials = trials, 2 * trials
        self.why_skipped[commit] = f"{_MOST_ROUNDS} trials of each case were not clear enough"
        return None
