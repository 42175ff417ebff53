"""A failing case with less context: messages, recordings and faults that the failure doesn't need.

Leaves which pieces there are to `fuzzing.findings.pieces` and the search to `blame.search`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate.runs.fuzzing.agent_line import AgentLine
from dialgate.runs.fuzzing.confirming import kinds_of
from dialgate_evals.fuzzing.findings.pieces import pieces_of, with_pieces
from dialgate_evals.scoring.scoring import Scorer
from dialgate_evals.suite.suite import AgentKind
from dialgate_gate.blame.question import Answer, Question, broken_case
from dialgate_gate.blame.search import SpentError, smallest_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dialgate.runs.on_record.bundles.failing_trials import FailingTrial
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.suite.case import Case
    from dialgate_evals.suite.release import Release
    from dialgate_evals.suite.workspace import Workspace

_ERROR = 0.05
"""The chance that one smaller case is taken for failing, or for passing, wrongly."""

SOUND = (19, 20)
"""How often a sound agent is taken to pass a case: what a failing one is told from."""


@dataclass(kw_only=True)
class SmallerCase:
    """The case and a failing trial of it."""

    case: Case
    trajectory: Trajectory
    score: TrialScore
    left_out: int = 0
    # pieces
    is_smallest: bool = True
    # False: the budget was spent, or nothing could be asked
    asked: int = 0
    # trials


def smaller_case(
    workspace: Workspace, release: Release, case: Case, failing: FailingTrial, budget: int
) -> SmallerCase:
    """The smallest version of the case that still fails so, within so many trials.

    Recorded trials can't be run again: such a case stays as it is.
    """
    whole = SmallerCase(case=case, trajectory=failing.trajectory, score=failing.score)
    if not budget or workspace.suite.agent.kind is AgentKind.TRANSCRIPT:
        whole.is_smallest = False
        return whole
    line = AgentLine(workspace, release)
    try:
        scorer = Scorer(tools=release.tools, actions=workspace.actions)
        return make_smaller(whole, failing, line.run, scorer, budget)
    finally:
        line.close()


def make_smaller(
    whole: SmallerCase,
    failing: FailingTrial,
    run: Callable[[Sequence[Case]], list[Trajectory]],
    scorer: Scorer,
    budget: int,
) -> SmallerCase:
    """As `smaller_case`, with `run` for fresh trials."""
    pieces = pieces_of(whole.case)
    made: dict[frozenset[int], SmallerCase] = {}
    spent = 0

    def ask(chosen: Iterable[int]) -> Answer:
        nonlocal spent
        kept = frozenset(chosen)
        smaller = with_pieces(whole.case, [pieces[place] for place in kept])
        question = Question(
            [broken_case(smaller.id, before=SOUND, now=(failing.passed, failing.trials))], _ERROR
        )
        while question.answer is None:
            if spent >= budget:
                raise SpentError
            spent += 1
            (trajectory,) = run([smaller])
            score = scorer.score(smaller, trajectory)
            is_alike = fails_alike(score, failing.score)
            question.take(smaller.id, passed=not is_alike)
            if is_alike:
                made[kept] = SmallerCase(case=smaller, trajectory=trajectory, score=score)
        return question.answer

    kept, is_smallest = smallest_part(len(pieces), ask)
    found = whole if kept is None else made[kept]
    found.left_out = 0 if kept is None else len(pieces) - len(kept)
    found.is_smallest, found.asked = is_smallest, spent
    return found


def fails_alike(score: TrialScore, like: TrialScore) -> bool:
    """Whether a trial fails in the same way, and asked for nothing that is not recorded any more.

    An agent whose lookups find nothing fails too, but of something else.
    """
    if score.passed is not False or score.unmatched_reads > like.unmatched_reads:
        return False
    return bool(kinds_of(score) & kinds_of(like))
