"""How often a judge errs: bounds of its sensitivity and specificity from replies people labelled.

Sensitivity is the share of right replies that it lets pass, specificity the share of wrong ones
that it refuses. Knows counts only; leaves what they are corrected for to `corrected_rate` and
`corrected_difference`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from dialgate_gate.statistics.upper_rate import reviews_to_limit, upper_rate_bound

_LOWER_SHARE = 0.4
# of the error, for each lower bound: the margin of a difference hangs on these two; an upper bound
# gets what is left, half each


class Labelled(NamedTuple):
    """Replies that people found right, or those they found wrong, and the judge's mistakes there.

    A case is one observation however many of its replies have a label: it adds the share of them
    that the judge got wrong, so `mistakes` may be a fraction.
    """

    cases: int
    mistakes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBound:
    """A share of replies that a judge gets right, with bounds that hold at every look."""

    labels: Labelled
    low: float
    high: float
    confidence: float
    # one-sided, of the lower bound

    @property
    def estimate(self) -> float | None:
        """The share seen; None without a label."""
        return 1 - self.labels.mistakes / self.labels.cases if self.labels.cases else None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeErrors:
    """What is known of a judge on one kind of reply. All bounds hold together but for `error`."""

    sensitivity: ErrorBound
    specificity: ErrorBound
    error: float
    # the chance that any of the four bounds is wrong
    shift: float = 0.0
    # how far, at most, each share may differ between the two releases that are compared

    @property
    def youden(self) -> tuple[float, float]:
        """Youden's index, sensitivity + specificity - 1: what a true loss shrinks by.

        At 0 or below the judge's votes say nothing of the replies.
        """
        return (
            self.sensitivity.low + self.specificity.low - 1,
            self.sensitivity.high + self.specificity.high - 1,
        )


def lower_bound(labels: Labelled, confidence: float) -> float:
    """The least share of replies judged rightly that the labels leave, at any number of looks.

    Labels are gathered until a bound is reached, so a bound for a number fixed before would be
    broken by stopping there; this one is a confidence sequence. Exact: the mixture over all rates
    below is a test supermartingale (`upper_rate.log_product_below`), and a case's share between 0
    and 1 bets no better than a whole mistake would (the weighted geometric mean of two factors is
    at most their arithmetic one). Without labels 0. Raises ValueError for counts that can't be.
    Source: Robbins (1970); Howard, Ramdas, McAuliffe & Sekhon (2021), section 3.

    >>> round(lower_bound(Labelled(30, 0), 0.95), 3)
    0.882
    >>> lower_bound(Labelled(0, 0), 0.95)
    0.0
    """
    return 1 - upper_rate_bound(labels.mistakes, labels.cases, confidence)


def bound_share(labels: Labelled, *, low_error: float, high_error: float) -> ErrorBound:
    """Both bounds of a share, each with its own chance of being wrong."""
    high = upper_rate_bound(labels.cases - labels.mistakes, labels.cases, 1 - high_error)
    return ErrorBound(
        labels=labels,
        low=lower_bound(labels, 1 - low_error),
        high=high,
        confidence=1 - low_error,
    )


def estimate_errors(
    *, right: Labelled, wrong: Labelled, error: float, shift: float = 0.0
) -> JudgeErrors:
    """A judge's errors with four bounds that are all true with chance 1 - error.

    `right` and `wrong` hold what people found right and wrong; `error` in 0 to 1; `shift` from 0.
    Assumes that each label was asked for without a look at the judge's vote, and that the judge
    errs on the replies to come as often as on these. Raises ValueError for counts that can't be.
    """
    if shift < 0:
        raise ValueError(f"found a shift of {shift}")
    low, high = error * _LOWER_SHARE, error * (0.5 - _LOWER_SHARE)
    return JudgeErrors(
        sensitivity=bound_share(right, low_error=low, high_error=high),
        specificity=bound_share(wrong, low_error=low, high_error=high),
        error=error,
        shift=shift,
    )


def labels_wanted(labels: Labelled, least: float, confidence: float) -> int | None:
    """How many more cases with a label bring the lower bound to `least`, at the share so far.

    0: it is there. None: not at that share, however many.
    """
    found = reviews_to_limit(
        labels.mistakes, labels.cases, limit=1 - least, confidence=confidence, least=1
    )
    return None if found is None else found[0]


def all_of(errors: JudgeErrors, *others: JudgeErrors) -> JudgeErrors:
    """The errors of a text that passes only where each of several criteria lets it pass.

    A right text fails where any criterion errs; a wrong one passes at most as often as the
    criterion that it breaks lets it, whichever that is. The labels told are those of the worst.
    """
    if not others:
        return errors
    found = (errors, *others)
    missed = sum(1 - item.sensitivity.low for item in found)
    least = min(found, key=lambda item: item.specificity.low)
    worst = min(found, key=lambda item: item.sensitivity.low)
    return JudgeErrors(
        sensitivity=replace(
            worst.sensitivity,
            low=max(0.0, 1 - missed),
            high=min(item.sensitivity.high for item in found),
        ),
        specificity=replace(least.specificity, high=1.0),
        error=sum(item.error for item in found),
        shift=min(1.0, sum(item.shift for item in found)),
    )
