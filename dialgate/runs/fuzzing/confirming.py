"""Confirms failing variants by fresh trials of variant and original, several at a time.

Leaves the statistics to `dialgate_gate.finding.paired_question` and running to `trials`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dialgate_evals.actions.outcomes import Outcome
from dialgate_gate.blame.question import error_of
from dialgate_gate.finding.paired_question import PairedQuestion, Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialgate.runs.fuzzing.trials import Subject, Trials
    from dialgate_evals.actions.outcomes import TrialScore
    from dialgate_evals.actions.trajectory import Trajectory
    from dialgate_evals.fuzzing.variant import Variant
    from dialgate_evals.suite.case import Case

ERROR = 0.01
"""The chance that any finding of a search is a false one, bounded over all of them."""

STEP_ERROR = 0.1
"""Of a step that makes a finding smaller: what comes out is confirmed anew at full strength."""


def kinds_of(score: TrialScore) -> frozenset[str]:
    """In which ways a trial failed: outcomes, the agent's own end, or only the reply."""
    found = {item.outcome.value for item in score.decisions if item.outcome is not Outcome.CORRECT}
    if score.failure is not None:
        found.add("broke off")
    return frozenset(found or {"reply"})


@dataclass(kw_only=True)
class Suspicion:
    """A variant that failed, and what fresh trials say of it."""

    variant: Variant
    original: Case
    question: PairedQuestion
    kinds: frozenset[str] | None = None
    # the ways of failing that count; None: any
    failing: Trajectory | None = None
    passing: Trajectory | None = None
    # the last failing trial of the variant and passing one of the original
    score: TrialScore | None = None
    # of the failing trial
    error: str | None = None
    # why a trial could not be run

    @property
    def subject(self) -> Subject:
        """What has to run next."""
        return self.variant if self.question.wanted is Wanted.VARIANT else self.original

    def take(self, trajectory: Trajectory, score: TrialScore) -> None:
        """The trial that was wanted."""
        if score.passed is None:
            self.error = score.error
            self.question.give_up()
            return
        passed = bool(score.passed)
        if self.question.wanted is Wanted.VARIANT:
            if not passed and self.kinds is not None and not self.kinds & kinds_of(score):
                passed = True  # it fails otherwise: another finding, not this one made smaller
            if not passed:
                self.failing, self.score = trajectory, score
        elif passed:
            self.passing = trajectory
        self.question.take(passed)


@dataclass(kw_only=True)
class Confirming:
    """Asks questions; each at a smaller error than the one before, so that their sum is bounded."""

    trials: Trials
    asked: int = 0
    is_spent: bool = False
    _steps: dict[tuple[str, str], bool] = field(default_factory=dict)

    def confirm(self, suspects: Sequence[tuple[Variant, Case]]) -> list[Suspicion]:
        """What fresh trials say of each variant and its original."""
        found = []
        for variant, original in suspects:
            self.asked += 1
            question = PairedQuestion(error_of(self.asked, ERROR))
            found.append(Suspicion(variant=variant, original=original, question=question))
        self._ask(found)
        return found

    def fails_still(self, variant: Variant, original: Case, like: Suspicion) -> bool:
        """Whether a smaller variant fails as the finding does, and its original passes."""
        assert like.score is not None
        key = variant.key, original.context_digest
        if key not in self._steps:
            step = Suspicion(
                variant=variant,
                original=original,
                question=PairedQuestion(STEP_ERROR),
                kinds=kinds_of(like.score),
            )
            self._ask([step])
            self._steps[key] = step.question.answer is True
        return self._steps[key]

    def _ask(self, suspicions: Sequence[Suspicion]) -> None:
        """Runs what is wanted, of all suspicions at a time, until each has its answer."""
        while open_ones := [item for item in suspicions if item.question.wanted is not None]:
            taken = open_ones[: max(0, self.trials.left)]
            if not taken:
                self.is_spent = True
                return
            done = self.trials.run([item.subject for item in taken])
            for item, (trajectory, score) in zip(taken, done, strict=True):
                item.take(trajectory, score)
