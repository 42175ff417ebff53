"""Whether a review queue is looked at, or waved through: then its decisions are no evidence.

Pure rules over what was counted of each reviewer; leaves rates per reviewer to
`dialgate_gate.live.reviewer_quality`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialgate_gate.wording import count_of, name_cases

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST_REVIEWS = 50
"""Under this many timed reviews nothing is said of a reviewer's pace."""
LEAST_SECONDS = 2.0
"""A median under this, with not one intervention, is no reading."""
_NONE = "such reviews are no evidence."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerPace:
    """What tells whether one reviewer looks."""

    reviewer: str
    timed: int
    # reviews whose time is known; canaries are not among them
    median_s: float | None
    has_intervened: bool
    passed: tuple[str, ...]
    # event ids of planted bad actions that were let through


def pace_warnings(reviewers: Iterable[ReviewerPace]) -> tuple[str, ...]:
    """The sentences, planted actions first, each kind by name."""
    by_name = sorted(reviewers, key=lambda item: item.reviewer)
    found = []
    for item in by_name:
        if item.passed:
            let = f"{item.reviewer} let {count_of(len(item.passed), 'planted bad action')} through"
            found.append(f"{let} ({name_cases(item.passed, 3)}): {_NONE}")
    for item in by_name:
        pace = item.median_s
        is_read = pace is None or pace >= LEAST_SECONDS or item.has_intervened
        if item.timed >= LEAST_REVIEWS and not is_read:
            text = f"{item.reviewer} approved all of {item.timed:,} actions in {pace:.1f} s each "
            found.append(f"{text}(median; under {LEAST_SECONDS:g} s is no reading): {_NONE}")
    return tuple(found)
