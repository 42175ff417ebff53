"""Which of three situations an undecided release is in; leaves the words to `reports`.

Pure: reads a verdict and changes nothing of it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from dialgate_gate.four_verdicts import Verdict

if TYPE_CHECKING:
    from dialgate_gate.verdict.class_figures import Estimates
    from dialgate_gate.verdict.verdict import ReleaseVerdict


class Headline(StrEnum):
    """What `inconclusive` means here; the value is the contract's word."""

    NO_REGRESSION_FOUND = "no_regression_found"
    LOOKS_WORSE = "looks_worse"
    BETTER_WITH_OPEN_CASES = "better_with_open_cases"


def find_headline(verdict: ReleaseVerdict) -> Headline | None:
    """The situation of an inconclusive verdict with a baseline; None for any other verdict.

    Worse in one class outweighs better on average: that is what a gate per class is for.
    """
    if verdict.verdict is not Verdict.INCONCLUSIVE or verdict.comparison.baseline is None:
        return None
    undecided = [item for item in verdict.classes if item.verdict is Verdict.INCONCLUSIVE]
    if _is_below(verdict.suite) or any(_is_below(item.success) for item in undecided):
        return Headline.LOOKS_WORSE
    has_open = any(item.open_suspects for item in undecided)
    if has_open and _is_above(verdict.suite):
        return Headline.BETTER_WITH_OPEN_CASES
    moves = verdict.comparison.moves
    leans_down = len(moves.broken) > len(moves.fixed)
    return Headline.LOOKS_WORSE if has_open and leans_down else Headline.NO_REGRESSION_FOUND


def _is_below(estimates: Estimates) -> bool:
    """Whether the whole interval lies under 0."""
    return estimates.interval is not None and estimates.interval[1] < 0


def _is_above(estimates: Estimates) -> bool:
    return estimates.interval is not None and estimates.interval[0] > 0
