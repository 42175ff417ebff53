"""One question with noisy answers: does this mixed release break, or hold as the baseline does?

A sequential probability ratio test over the trials of the broken cases, each with its own rates
under both answers. The chance of a wrong answer is bounded for each question, and the bounds add up
to the search's, however many questions it asks. Source: Wald, "Sequential Analysis" (1947).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEAST_APART = 0.15
"""Of a case's two rates; one whose rates lie nearer tells nothing."""


class Answer(Enum):
    """What a mixed release does."""

    BREAKS = "breaks"
    HOLDS = "holds"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenCase:
    """A case that broke, with how often it passes on each side."""

    id: str
    holds: float
    # how often a trial passes where nothing broke it, 0 to 1
    breaks: float
    # how often one passes where it is broken

    @property
    def tells(self) -> bool:
        """Whether its trials can tell the two apart."""
        return self.holds - self.breaks >= _LEAST_APART


def broken_case(case_id: str, *, before: tuple[int, int], now: tuple[int, int]) -> BrokenCase:
    """The case by passed and finished trials of both sides, drawn half a trial to the middle."""
    rates = [(passed + 0.5) / (trials + 1) for passed, trials in (before, now)]
    return BrokenCase(id=case_id, holds=rates[0], breaks=rates[1])


def error_of(question: int, error: float) -> float:
    """The error of the n-th question, 1 the first: all of them together stay under `error`."""
    return error * 6 / (math.pi**2 * question**2)


class Question:
    """The evidence on one mixed release, trial by trial."""

    def __init__(self, cases: Sequence[BrokenCase], error: float) -> None:
        """`error` bounds both wrong answers."""
        self._cases = {case.id: case for case in cases}
        self._bound = math.log((1 - error) / error)
        self._weight = 0.0
        # of "breaks" over "holds", as the logarithm of a ratio of likelihoods
        self.trials = 0

    def take(self, case_id: str, passed: bool) -> None:
        """One finished trial."""
        case = self._cases[case_id]
        breaks, holds = (case.breaks, case.holds) if passed else (1 - case.breaks, 1 - case.holds)
        self._weight += math.log(breaks / holds)
        self.trials += 1

    @property
    def leans_to_breaks(self) -> bool:
        """What the trials so far speak for, however few; of a deterministic agent it is certain."""
        return self._weight > 0

    @property
    def answer(self) -> Answer | None:
        """The answer, once the evidence is enough for one."""
        if self._weight >= self._bound:
            return Answer.BREAKS
        return Answer.HOLDS if self._weight <= -self._bound else None
