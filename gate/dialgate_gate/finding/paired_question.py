"""Does a variant of a case fail where the case itself passes? Asked by fresh trials of both.

The gate's own e-process on one pair of cases: the original stands where the baseline does, the
variant where the candidate does. It may be looked at after every trial, and that any finding of a
search is a false one is bounded over all questions. Leaves running trials to `dialgate.runs`.
Source: `dialgate_gate.verdict.sequential.suspect`.
"""

from __future__ import annotations

from enum import Enum

from dialgate_gate.verdict.sequential.suspect import Suspect

_CLEARLY_FINE = 0.09
"""An e-value below which the variant is left alone: what spoke against it is gone."""

_MOST_PAIRS = 24
"""Pairs of one question; a loss that these don't show is too small to be shrunk."""


class Wanted(Enum):
    """What has to run next."""

    VARIANT = "variant"
    ORIGINAL = "original"


class PairedQuestion:
    """The evidence that a variant fails more often than its original, trial by trial."""

    def __init__(self, error: float) -> None:
        """`error` bounds the chance that a variant which fails no more often is a finding."""
        self._bound = 1 / error
        self._suspect = Suspect(recorded_passes=1, recorded_trials=1)
        self._failed = False
        # the open pair's trial of the variant failed: the original's comes next
        self._is_given_up = False

    @property
    def wanted(self) -> Wanted | None:
        """The next trial; None once there is an answer."""
        if self.answer is not None:
            return None
        return Wanted.ORIGINAL if self._failed else Wanted.VARIANT

    def take(self, passed: bool) -> None:
        """The outcome of the trial that was wanted."""
        if self.wanted is Wanted.ORIGINAL:
            self._failed = False
            self._suspect.observe(baseline_passed=passed)
        elif passed:
            self._suspect.observe(baseline_passed=None)
        else:
            self._failed = True

    def give_up(self) -> None:
        """A trial could not be run: nothing is found."""
        self._is_given_up = True

    @property
    def e_value(self) -> float:
        """How strongly the trials speak for a finding; 1 says nothing."""
        return self._suspect.e_value

    @property
    def pairs(self) -> int:
        """Pairs of trials so far; one in which the variant passed needs no original."""
        return self._suspect.pairs

    @property
    def answer(self) -> bool | None:
        """True: a finding. False: none. None: not known yet."""
        if self._is_given_up:
            return False
        if self._failed:
            return None
        if self._suspect.e_value >= self._bound:
            return True
        never_passed = self._suspect.baseline_trials > 1 and not self._suspect.baseline_passes
        is_over = self._suspect.pairs >= _MOST_PAIRS or self._suspect.e_value < _CLEARLY_FINE
        return False if is_over or never_passed else None
