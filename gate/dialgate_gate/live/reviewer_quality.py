"""How reviewers decide, each and with one another: a queue that is waved through is no evidence.

Pure, from each reviewer's counts; the signs and their words are those of `live.review_queue`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.events.review_events import ReviewDecision
from dialgate_gate.live.live_evidence import ReviewerQuality
from dialgate_gate.live.review_queue import ReviewerPace, pace_warnings
from dialgate_gate.statistics.bucketed import percentile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.events.event_cube import ReviewerCounts

UNNAMED = "an unnamed reviewer"

_LET_THROUGH = (ReviewDecision.APPROVED, ReviewDecision.AGREED)
_BY_NOBODY = (ReviewDecision.AUTO, ReviewDecision.ESCALATED)
"""Decisions that need no reviewer."""


def assess_reviewers(counts: Mapping[str | None, ReviewerCounts]) -> tuple[ReviewerQuality, ...]:
    """Everyone who decided, by name."""
    found = [_assess(name, item) for name, item in counts.items() if _has_decided(name, item)]
    return tuple(sorted(found, key=lambda item: item.reviewer))


def _has_decided(name: str | None, item: ReviewerCounts) -> bool:
    return name is not None or any(word not in _BY_NOBODY for word in item.decisions)


def _assess(name: str | None, item: ReviewerCounts) -> ReviewerQuality:
    return ReviewerQuality(
        reviewer=name or UNNAMED,
        reviews=sum(count for word, count in item.decisions.items() if word not in _BY_NOBODY),
        approved=sum(item.decisions.get(word, 0) for word in _LET_THROUGH),
        median_review_s=percentile(item.review_s, 0.5),
        canaries=item.canaries,
        canaries_caught=item.canaries - len(item.canaries_passed),
        shared=item.shared,
        alike=item.alike,
    )


def queue_signs(counts: Mapping[str | None, ReviewerCounts]) -> tuple[str, ...]:
    """A sentence for each sign that actions were waved through; empty: none."""
    return pace_warnings(
        ReviewerPace(
            reviewer=name or UNNAMED,
            timed=sum(bucket.count for bucket in item.review_s),
            median_s=percentile(item.review_s, 0.5),
            has_intervened=any(word.is_intervention for word in item.decisions),
            passed=item.canaries_passed,
        )
        for name, item in counts.items()
    )
