"""`dialgate blame`: asks mixed releases which changes break the cases that a check found broken.

The wiring; leaves the search to `dialgate_gate.blame.search` and its statistics to `.question`.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialgate.changes.baselines import resolve_baseline
from dialgate.changes.blame.broken import broken_of, last_verdict
from dialgate.changes.blame.mixed_release import mixed_releases
from dialgate.git.base_ref import GitBaseline
from dialgate.runs.live_runs import run_agent
from dialgate.runs.recorded_run import RunOptions
from dialgate.terminal.output import say
from dialgate_evals.errors import EvidenceError, UsageError
from dialgate_evals.files.problems import Problem, show_path
from dialgate_evals.suite.release_files import named_release_file
from dialgate_evals.suite.suite import AgentKind
from dialgate_evals.suite.workspace import load_workspace
from dialgate_gate.blame.question import Answer, Question, error_of
from dialgate_gate.blame.search import Search, SpentError

if TYPE_CHECKING:
    from collections.abc import Collection

    from dialgate.changes.blame.broken import Broken
    from dialgate.changes.blame.mixed_release import MixedReleases

ERROR = 0.05
"""The chance that any answer of a search is wrong, bounded over all its questions."""

_MOST_ERRORED = 3
"""Batches in a row in which no trial could be run, after which the search ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlameRequest:
    """What a person asked for."""

    folder: Path
    release: str | None
    baseline: str | None
    action_class: str | None
    budget: int
    # trials
    out: Path


def blame(request: BlameRequest, *, verdict: dict[str, Any] | None = None) -> dict[str, Any]:
    """What broke it, as a document; `verdict` is the check's, else that of the last check.

    Raises UsageError where nothing can be mixed or run, EvidenceError where the answer would rest
    on nothing.
    """
    workspace = load_workspace(request.folder)
    release_file = named_release_file(request.release, workspace.folder)
    release = workspace.release(release_file)
    baseline = resolve_baseline(request.baseline, workspace)
    if not isinstance(baseline, GitBaseline):
        raise UsageError(
            "blame mixes the working tree with a commit: name a git ref with --baseline."
        )
    kind = workspace.suite.agent.kind
    if kind in {AgentKind.TRANSCRIPT, AgentKind.HTTP}:
        raise UsageError(
            f'An agent of kind "{kind.value}" is not started here, so no mixed release of it can '
            "be run."
        )
    checked = verdict or last_verdict(workspace.suite.name, release, request.out)
    broken = broken_of(checked, request.action_class)
    document = {
        "schema": 1,
        "suite": workspace.suite.name,
        "baseline": str(baseline),
        "classes": list(broken.classes),
        "cases": [case.id for case in broken.cases],
        "broken": broken.listed,
        "error": ERROR,
        "budget": request.budget,
    }
    if not broken.cases:
        return {**document, **_nothing()}
    with mixed_releases(workspace, release_file, baseline) as mixed:
        return {**document, **_searched(mixed, broken, request.budget)}


def _nothing() -> dict[str, Any]:
    return {
        "pieces": 0, "breaks": [], "mends": [], "questions": 0, "trials": 0, "is_done": True,
    }  # fmt: skip


def _searched(mixed: MixedReleases, broken: Broken, budget: int) -> dict[str, Any]:
    pieces = mixed.difference.pieces
    say(
        f"{len(pieces)} changes, {len(broken.cases)} broken cases to ask by, at most {budget} "
        "trials.",
        to_stderr=True,
    )
    with tempfile.TemporaryDirectory(prefix="dialgate-blame-") as folder:
        trials = _Trials(mixed=mixed, broken=broken, budget=budget, out=Path(folder))
        search = Search(len(pieces), trials.ask)
        try:
            _refuse_other_cause(trials)
        except SpentError:
            found = search.spent()
        else:
            found = search.run()
    shown = [
        {"component": item.component, "path": item.path, "line": item.line, "text": item.text}
        for item in pieces
    ]
    return {
        "pieces": len(pieces),
        "breaks": [shown[index] for index in found.breaks],
        "mends": [shown[index] for index in found.mends],
        "questions": trials.questions,
        "trials": trials.spent,
        "is_done": found.is_done,
    }


def _refuse_other_cause(trials: _Trials) -> None:
    """Without any of the changes the cases must hold, else what broke them lies elsewhere."""
    if trials.ask(frozenset()) is Answer.BREAKS:
        raise EvidenceError(
            [
                Problem(
                    file=show_path(trials.mixed.home),
                    found="cases that break without any change of the release's own files too",
                    expected="that the baseline's prompts, tools, model and code hold",
                    advice="Look at what else changed: the cases, the simulator, the endpoint, or "
                    "files that release.toml doesn't name.",
                )
            ]
        )


@dataclass(kw_only=True)
class _Trials:
    """Runs trials of mixed releases and counts them."""

    mixed: MixedReleases
    broken: Broken
    budget: int
    out: Path
    spent: int = 0
    questions: int = 0

    def ask(self, chosen: Collection[int]) -> Answer:
        """Whether the mix breaks. Raises SpentError where the budget ends first."""
        self.questions += 1
        question = Question(self.broken.cases, error_of(self.questions, ERROR))
        workspace, release = self.mixed.lay_out(chosen)
        known = workspace.cases_by_id
        cases = [known[case.id] for case in self.broken.cases if case.id in known]
        errored = batch = 0
        while question.answer is None:
            asked = cases[: self.budget - self.spent]
            if not asked:
                raise SpentError
            batch += 1
            run = run_agent(
                workspace,
                release,
                cases=asked,
                actions=workspace.actions,
                options=RunOptions(
                    out=self.out / f"{self.questions}-{batch}", trials=1, use_cache=False
                ),
            )
            self.spent += len(asked)
            finished = [score for score in run.evidence.scores if score.passed is not None]
            for score in finished:
                question.take(score.case_id, bool(score.passed))
            errored = 0 if finished else errored + 1
            if errored == _MOST_ERRORED:
                raise _not_run(run.evidence.scores[0].error, self.mixed.home)
        return question.answer


def _not_run(error: str | None, folder: Path) -> EvidenceError:
    return EvidenceError(
        [
            Problem(
                file=show_path(folder),
                found=f"trials that could not be run ({error})",
                expected="an agent that can be reached",
            )
        ]
    )
